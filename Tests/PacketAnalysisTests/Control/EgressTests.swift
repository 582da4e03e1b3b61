import NetValues
import Observations
import PacketAnalysis
import PacketBuilding
import Testing
import Wire

@Suite struct EgressTests {
    private func datagram(_ source: PacketEndpoint, _ destination: PacketEndpoint, _ size: Int = 100) -> [UInt8] {
        PacketBytes.frame(PacketBytes.udp(source, destination, [UInt8](repeating: 0, count: size)))
    }

    private func within(_ packet: [UInt8]) -> [UInt8] {
        let inner = PacketBytes.frame(packet)
        return PacketBytes.frame(
            PacketBytes.udp("198.18.0.1:50000", "198.18.0.2:4789", PacketBytes.vxlan(inner, network: 1)))
    }

    @Test func destinationsByClass() {
        var settings = AnalysisSettings()
        settings.ownAddresses = ["198.18.0.1"]
        var scene = Scene()
        let destinations: [(PacketEndpoint, EgressTally.Class)] = [
            ("127.0.0.1:80", .sameHost), ("198.18.0.1:80", .sameHost), ("10.1.2.3:80", .private),
            ("172.31.0.1:80", .private), ("172.32.0.1:80", .internet), ("100.64.0.1:80", .private),
            ("169.254.7.7:80", .linkLocal), ("169.254.169.254:80", .metadata), ("168.63.129.16:80", .metadata),
            ("100.100.100.200:80", .metadata), ("224.0.0.9:80", .multicast), ("255.255.255.255:80", .multicast),
            ("203.0.113.1:443", .internet), ("[fd00:ec2::254]:80", .metadata), ("[fd00:18::2]:80", .private),
            ("[fe80::1]:80", .linkLocal), ("[2001:db8::1]:80", .internet), ("[ff02::1]:80", .multicast),
        ]
        for (index, (destination, _)) in destinations.enumerated() {
            let source: PacketEndpoint = destination.address.isIPv6 ? "[fd00:18::1]:40000" : "10.0.0.1:40000"
            scene.add(datagram(source, destination), at: Double(index))
        }
        let egress = scene.summary(settings).egress
        for kind in EgressTally.Class.allCases {
            #expect(egress.classes[kind]?.flows ?? 0 == destinations.count { $0.1 == kind }, "\(kind)")
        }
        #expect(egress.rangesSource == nil)
    }

    @Test func directionIsThatOfTheFlow() throws {
        var scene = Scene()
        scene.add(datagram("10.0.0.1:40000", "203.0.113.1:4000", 10), at: 0)
        scene.add(datagram("203.0.113.1:4000", "10.0.0.1:40000", 1000), at: 1)
        // The capture began in the middle: a server's answer came first.
        scene.add(datagram("203.0.113.2:443", "10.0.0.1:40000", 1000), at: 2)
        let egress = scene.summary().egress
        #expect(egress.classes[.internet]?.bytesOut == 52 && egress.classes[.internet]?.bytesIn == 1042 + 1042)
        #expect(egress.classes.count == 1 && egress.fromInternet.flows == 0)
        let talker = try #require(egress.talkers.first)
        #expect(talker.source == "10.0.0.1" && talker.destination == "203.0.113.1" && talker.port == 4000)
    }

    @Test func askingAgainCountsNothingTwice() {
        var settings = AnalysisSettings()
        settings.mostFlows = 16
        var analyzer = PacketAnalyzer(settings)
        var before = 0
        for number in 0..<200 {
            let bytes = datagram(PacketEndpoint("10.0.0.1", UInt16(20_000 + number)), "203.0.113.1:4000")
            analyzer.add(
                CapturedFrame(
                    number: number + 1, time: Scene.start + Int64(number), length: bytes.count, linkType: .ethernet),
                bytes.span)
            let flows = analyzer.summary().egress.classes[.internet]?.flows ?? 0
            #expect(flows == before + 1)
            before = flows
        }
        let summary = analyzer.summary()
        #expect(summary.limits.evictedFlows > 0)
        #expect(summary.egress.talkers.map(\.flows) == [200])
        #expect(summary.egress.talkers.map(\.bytesOut) == [200 * 142])
    }

    @Test func rangesThatWereGiven() throws {
        var settings = AnalysisSettings()
        settings.podRanges = [try #require(AddressRange("10.128.0.0/14"))]
        settings.serviceRanges = [try #require(AddressRange("172.30.0.0/16"))]
        var scene = Scene()
        scene.add(datagram("10.128.0.5:40000", "10.131.255.9:80"), at: 0)
        scene.add(datagram("10.128.0.5:40000", "172.30.0.10:80"), at: 1)
        scene.add(datagram("10.128.0.5:40000", "10.132.0.1:80"), at: 2)
        let egress = scene.summary(settings).egress
        #expect(egress.classes.mapValues(\.flows) == [.pod: 1, .service: 1, .private: 1])
        #expect(egress.rangesSource == "given")
    }

    @Test func podsAreGuessedByWhatOverlaysCarry() {
        var scene = Scene()
        scene.add(within(PacketBytes.udp("10.244.1.5:40000", "10.244.2.6:80", [0])), at: 0)
        scene.add(within(PacketBytes.udp("10.9.1.5:40000", "10.9.1.6:80", [0])), at: 1)
        scene.add(datagram("10.244.1.5:40001", "10.244.7.7:80"), at: 2)
        scene.add(datagram("10.244.1.5:40002", "10.96.0.10:5000"), at: 3)
        scene.add(datagram("10.244.1.5:40003", "10.9.2.1:80"), at: 4)
        let egress = scene.summary().egress
        #expect(egress.classes.mapValues(\.flows) == [.pod: 3, .service: 1, .private: 1])
        #expect(
            egress.rangesSource
                == "guessed: pods 10.9.1.0/24, 10.244.0.0/16 from addresses within vxlan; services by the usual ranges")
    }

    @Test func usualRangesAloneSayNothing() {
        var scene = Scene()
        scene.add(datagram("10.0.0.1:40001", "10.244.7.7:80"), at: 0)
        scene.add(datagram("10.0.0.1:40002", "10.96.0.10:5000"), at: 1)
        #expect(scene.summary().egress.classes.mapValues(\.flows) == [.private: 2])
    }

    @Test func answersToTheInternetAreCountedApart() {
        var scene = Scene()
        scene.add(datagram("203.0.113.7:40000", "10.0.0.1:4000", 10), at: 0)
        scene.add(datagram("10.0.0.1:4000", "203.0.113.7:40000", 5000), at: 1)
        let egress = scene.summary().egress
        #expect(egress.fromInternet.flows == 1 && egress.fromInternet.bytesIn == 5042)
        #expect(egress.classes.mapValues(\.flows) == [.private: 1])
    }
}
