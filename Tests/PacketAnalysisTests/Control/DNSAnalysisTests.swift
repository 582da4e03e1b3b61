import NetValues
import Observations
import PacketAnalysis
import PacketBuilding
import Testing
import Wire

@Suite struct DNSAnalysisTests {
    @Test func aQuestionAndItsAnswerAreOneTransaction() throws {
        var scene = Scene()
        scene.ask(7, at: 0)
        scene.answer(7, addresses: ["198.18.0.9", "198.18.0.10"], at: 0.004)
        let dns = scene.summary().dns
        #expect(dns.queries == 1 && dns.responses == 1 && dns.unanswered == 0 && dns.malformed == 0)
        #expect(dns.rcodes == ["NOERROR": 1])
        #expect(dns.latency?.max == .milliseconds(4))
        let transaction = try #require(dns.transactions.first)
        #expect(transaction.name == "db.example." && transaction.type == "A" && transaction.transport == .udp)
        #expect(transaction.latency == .milliseconds(4) && transaction.rcode == "NOERROR")
        #expect(transaction.answers == ["198.18.0.9", "198.18.0.10"])
        #expect(transaction.client == "198.18.0.1:40000" && transaction.server == "198.18.0.53:53")
    }

    @Test func aQuestionAgainWithinFiveSecondsIsTheSame() throws {
        var scene = Scene()
        scene.ask(7, at: 0)
        scene.ask(7, at: 4.9)
        scene.ask(7, at: 5.0)
        scene.answer(7, at: 5.1)
        scene.ask(7, at: 5.2)
        let dns = scene.summary().dns
        #expect(dns.queries == 3 && dns.retransmitted == 1 && dns.copies == 0)
        #expect(dns.responses == 1 && dns.unanswered == 2)
        // From the question that opened the transaction.
        #expect(dns.latency?.min == .milliseconds(100))
        #expect(dns.transactions.map(\.repeats) == [1, 0, 0])
    }

    @Test func repeatedAndUnsolicitedAnswersAreNoResponses() {
        var scene = Scene()
        scene.ask(7, at: 0)
        scene.answer(7, at: 0.1)
        scene.answer(7, at: 0.2)
        scene.answer(8, at: 0.3)
        let dns = scene.summary().dns
        #expect(dns.responses == 1 && dns.repeatedResponses == 1 && dns.unsolicited == 1)
    }

    @Test func copiesOfOneDatagramAreNoRepeats() throws {
        var scene = Scene()
        scene.ask(7, at: 0)
        scene.ask(7, at: 0.000_05)
        let dns = scene.summary().dns
        #expect(dns.retransmitted == 1 && dns.copies == 1)
        let transaction = try #require(dns.transactions.first)
        #expect(transaction.repeats == 0)
    }

    @Test func failuresAreCountedByNameAndServer() throws {
        var scene = Scene()
        scene.ask(1, at: 0)
        scene.answer(1, rcode: .servFail, at: 0.01)
        scene.ask(2, at: 1)
        scene.answer(2, rcode: .nxDomain, at: 1.01)
        scene.ask(3, of: "198.18.0.54:53", at: 2)
        let dns = scene.summary().dns
        #expect(dns.rcodes == ["SERVFAIL": 1, "NXDOMAIN": 1])
        #expect(dns.servers.map(\.server) == ["198.18.0.53:53", "198.18.0.54:53"])
        #expect(dns.servers.map(\.failures) == [1, 0])
        #expect(dns.servers.map(\.unanswered) == [0, 1])
    }

    @Test func aSilenceAtTheEndOfTheCaptureIsToldApart() {
        var scene = Scene()
        scene.ask(1, at: 0)
        scene.ask(2, at: 6)
        scene.ask(3, at: 7)
        scene.answer(3, at: 7.1)
        let dns = scene.summary().dns
        #expect(dns.unanswered == 2 && dns.unansweredAtEnd == 1)
    }

    @Test func theListKeepsWhatIsWrong() {
        var settings = AnalysisSettings()
        settings.mostTransactions = 3
        var scene = Scene()
        for id in 1...6 {
            scene.ask(UInt16(id), at: Double(id))
            if id != 5 { scene.answer(UInt16(id), rcode: id == 6 ? .nxDomain : .noError, at: Double(id) + 0.1) }
        }
        let summary = scene.summary(settings)
        #expect(summary.dns.transactions.map(\.id) == [1, 5, 6])
        #expect(summary.limits.unlistedTransactions == 3)
    }

    @Test func transactionsThatWereLetGoStillCount() {
        var scene = Scene()
        scene.ask(1, at: 0)
        for id in 2...10 { scene.ask(UInt16(id), at: 400 + Double(id)) }
        scene.answer(1, at: 411)
        let dns = scene.summary().dns
        #expect(dns.queries == 10 && dns.unanswered == 10)
        #expect(dns.unsolicited == 1, "its question is older than five minutes")
        #expect(dns.transactions.count == 10)
    }

    @Test func multicastNamesAreApart() {
        var scene = Scene()
        let group: PacketEndpoint = "224.0.0.251:5353"
        scene.add(PacketBytes.frame(PacketBytes.udp("198.18.0.1:5353", group, Scene.query(0))), at: 0)
        scene.add(PacketBytes.frame(PacketBytes.udp("198.18.0.2:5353", group, Scene.response(0))), at: 0.1)
        scene.add(PacketBytes.frame(PacketBytes.udp("198.18.0.1:50000", "224.0.0.252:5355", Scene.query(3))), at: 0.2)
        // OpenShift's resolvers.
        scene.ask(9, of: "198.18.0.60:5353", at: 1)
        scene.answer(9, of: "198.18.0.60:5353", at: 1.1)
        let summary = scene.summary()
        #expect(summary.dns.multicastQueries == 1 && summary.dns.multicastResponses == 1)
        #expect(summary.dns.linkLocalQueries == 1)
        #expect(summary.dns.queries == 1 && summary.dns.responses == 1)
    }

    @Test func resolversOnOtherPortsAreKnownByTheirQuestions() {
        var scene = Scene()
        scene.ask(9, of: "198.18.0.60:8053", at: 0)
        scene.answer(9, of: "198.18.0.60:8053", at: 0.1)
        scene.answer(10, of: "198.18.0.60:8053", at: 0.2)
        scene.add(PacketBytes.frame(PacketBytes.udp("198.18.0.1:137", "198.18.0.255:137", Scene.query(1))), at: 0.3)
        let dns = scene.summary().dns
        #expect(dns.queries == 1 && dns.responses == 1 && dns.unsolicited == 0)
    }

    @Test func malformedMessagesAreCountedAndCutOnesAreNot() {
        var scene = Scene()
        var broken = Scene.query(1)
        broken[12] = 0x80
        scene.add(PacketBytes.frame(PacketBytes.udp("198.18.0.1:40000", "198.18.0.53:53", broken)), at: 0)
        scene.add(PacketBytes.frame(PacketBytes.udp("198.18.0.1:40001", "198.18.0.53:53", [1, 2, 3])), at: 0)
        scene.ask(2, at: 1)
        #expect(scene.summary().dns.malformed == 2)
        // Ethernet, IP and UDP headers are 42 bytes, the header of DNS ends at 54.
        let cut = scene.summary(snapLength: 56).dns
        #expect(cut.queries == 2 && cut.malformed == 2, "only what is malformed before the cut")
        #expect(scene.summary(snapLength: 50).dns.queries == 0)
    }

    @Test func namesThatNoResolverOfOursWouldAskForAreShownSafely() {
        var scene = Scene()
        var message = Scene.query(1, "aaaa.example.")
        message.replaceSubrange(13..<17, with: [0x1b, 0x20, 0x2e, 0xff])
        scene.add(PacketBytes.frame(PacketBytes.udp("198.18.0.1:40000", "198.18.0.53:53", message)), at: 0)
        #expect(scene.summary().dns.transactions.map(\.name) == ["\\027\\032\\.\\255.example."])
        #expect(scene.summary().dns.malformed == 0)
    }

    @Test func flowsAreNamedByEarlierAnswers() {
        var scene = Scene()
        scene.ask(1, "shop.example.", at: 0)
        scene.answer(1, "shop.example.", addresses: ["203.0.113.9"], at: 0.1)
        scene.add(PacketBytes.frame(PacketBytes.udp("198.18.0.1:50000", "203.0.113.9:4000", [0])), at: 1)
        let summary = scene.summary()
        #expect(summary.flows.first { $0.b.port == 4000 }?.name == "shop.example")
        #expect(summary.egress.talkers.first { $0.port == 4000 }?.name == "shop.example")
        #expect(summary.flows.first { $0.b.port == 53 }?.application == .dns)
    }
}
