import NetValues
import Observations
import PacketAnalysis
import PacketBuilding
import Testing
import Wire

@Suite struct ICMPAnalysisTests {
    private let here: PacketAddress = "198.18.0.1"
    private let there: PacketAddress = "198.18.0.2"

    private func echo(_ sequence: UInt16, isReply: Bool = false, identification: UInt16 = 0, hopLimit: UInt8 = 64)
        -> [UInt8]
    {
        PacketBytes.frame(
            PacketBytes.echo(
                isReply ? there : here, isReply ? here : there, isReply: isReply, identifier: 9, sequence: sequence,
                .init(hopLimit: hopLimit, identification: identification)))
    }

    @Test func repliesAreMatchedInSeries() throws {
        var scene = Scene()
        for number in 1...5 { scene.add(echo(UInt16(number)), at: Double(number)) }
        scene.add(echo(1, isReply: true), at: 5.1)
        scene.add(echo(5, isReply: true), at: 5.2)
        scene.add(echo(4, isReply: true), at: 5.3)
        scene.add(echo(4, isReply: true, identification: 3), at: 5.4)
        scene.add(echo(9, isReply: true), at: 5.5)
        let icmp = scene.summary().icmp
        #expect(icmp.echoRequests == 5 && icmp.echoReplies == 5)
        #expect(icmp.unanswered == 2 && icmp.unsolicited == 1)
        #expect(icmp.echoLatency?.min == .milliseconds(200) && icmp.echoLatency?.max == .milliseconds(4100))
        let series = try #require(icmp.series.first)
        #expect(icmp.series.count == 1)
        #expect(series.source == here && series.destination == there && series.identifier == 9)
        #expect(series.requests == 5 && series.replies == 3 && series.duplicates == 1 && series.late == 1)
        #expect(series.longestSilence == 3)
    }

    @Test func onePacketSeenAtTwoPlacesCountsOnce() throws {
        var scene = Scene()
        scene.add(echo(1, identification: 5), at: 0)
        scene.add(echo(1, identification: 5, hopLimit: 63), at: 0.000_01)
        scene.add(echo(1, isReply: true, identification: 6), at: 0.1)
        scene.add(echo(1, isReply: true, identification: 6, hopLimit: 63), at: 0.100_01)
        // The network doubled this one.
        scene.add(echo(1, isReply: true, identification: 6), at: 0.100_02)
        let icmp = scene.summary().icmp
        #expect(icmp.echoRequests == 1 && icmp.unanswered == 0)
        let series = try #require(icmp.series.first)
        #expect(series.duplicates == 1)
    }

    @Test func requestsWithTheSameNumbersTakeEachOthersPlace() {
        var scene = Scene()
        scene.add(echo(1), at: 0)
        scene.add(echo(1), at: 2)
        scene.add(echo(1, isReply: true), at: 2.1)
        let icmp = scene.summary().icmp
        #expect(icmp.echoRequests == 2 && icmp.unanswered == 1)
        #expect(icmp.echoLatency?.max == .milliseconds(100))
    }

    @Test func overIPv6() {
        var scene = Scene()
        let (left, right): (PacketAddress, PacketAddress) = ("fd00:18::1", "fd00:18::2")
        scene.add(PacketBytes.frame(PacketBytes.echo(left, right)), at: 0)
        scene.add(PacketBytes.frame(PacketBytes.echo(right, left, isReply: true)), at: 0.1)
        let icmp = scene.summary().icmp
        #expect(icmp.echoRequests == 1 && icmp.echoReplies == 1 && icmp.unanswered == 0)
    }

    @Test func errorsQuoteTheirFlow() throws {
        var scene = Scene()
        let sent = PacketBytes.udp("198.18.0.1:40000", "198.18.5.5:9", [1, 2, 3])
        scene.add(PacketBytes.frame(sent), at: 0)
        scene.add(
            PacketBytes.frame(
                PacketBytes.icmpError("198.18.0.254", here, type: 3, code: 3, quoting: sent, .init(hopLimit: 61))),
            at: 0.1)
        let summary = scene.summary()
        #expect(summary.icmp.errors == ["port unreachable": 1])
        let record = try #require(summary.icmp.quotes.first)
        #expect(record.name == "port unreachable" && record.protocolNumber == 17)
        #expect(record.source == "198.18.0.1:40000" && record.destination == "198.18.5.5:9")
        #expect(record.error.sender == "198.18.0.254" && record.error.hopLimit == 61 && record.error.frame == 2)
        #expect(summary.flows.first { $0.protocolNumber == 17 }?.icmpErrors == [record.error])
    }

    @Test func tooBigSaysHowBig() {
        var scene = Scene()
        let small = PacketBytes.tcp("198.18.0.1:40000", "198.18.5.5:443", .ack)
        let large = PacketBytes.tcp("[fd00:18::1]:40000", "[fd00:18::2]:443", .ack)
        scene.add(
            PacketBytes.frame(PacketBytes.icmpError(there, here, type: 3, code: 4, extra: 1400, quoting: small)), at: 0)
        scene.add(
            PacketBytes.frame(
                PacketBytes.icmpError("fd00:18::9", "fd00:18::1", type: 2, code: 0, extra: 1280, quoting: large)),
            at: 1)
        let icmp = scene.summary().icmp
        #expect(icmp.quotes.map(\.error.mtu) == [1400, 1280])
        #expect(icmp.quotes.map(\.name) == ["fragmentation needed", "packet too big"])
        #expect(icmp.quotes.map(\.destination) == ["198.18.5.5:443", "[fd00:18::2]:443"])
    }

    @Test func redirectsNameTheBetterWay() {
        var scene = Scene()
        let sent = PacketBytes.udp("198.18.0.1:40000", "198.18.5.5:9", [1, 2, 3])
        scene.add(
            PacketBytes.frame(
                PacketBytes.icmpError("198.18.0.254", here, type: 5, code: 1, extra: 0xc612_00fd, quoting: sent)), at: 0
        )
        let icmp = scene.summary().icmp
        #expect(icmp.errors == ["redirect for the host": 1])
        #expect(icmp.quotes.map(\.gateway) == ["198.18.0.253"])
    }

    @Test func namesInsideOfQuotesAreNoQuestions() {
        var scene = Scene()
        let sent = PacketBytes.udp("198.18.0.1:40000", "198.18.5.5:53", Scene.query(1))
        scene.add(PacketBytes.frame(PacketBytes.icmpError(there, here, type: 3, code: 3, quoting: sent)), at: 0)
        #expect(scene.summary().dns.queries == 0)
    }

    @Test func whatIsCutShortIsCountedByItsName() {
        var scene = Scene()
        scene.add(PacketBytes.frame(PacketBytes.icmp(there, here, type: 3, code: 1, [0, 0, 0, 0, 0x45])), at: 0)
        scene.add(PacketBytes.frame(PacketBytes.icmp(there, here, type: 8, [0])), at: 1)
        let icmp = scene.summary().icmp
        #expect(icmp.errors == ["host unreachable": 1])
        #expect(icmp.quotes.isEmpty && icmp.echoRequests == 0)
    }
}
