import FaultServers
import LinuxIO
import NetValues
import Observations
import ProbeKit
import Testing

@Suite(.onReactor) struct SounderTests {
    private let reactor: Reactor
    private let sounder: Sounder

    init() throws {
        reactor = try Reactor()
        sounder = Sounder(reactor: reactor, connector: TCPConnector(reactor: reactor))
    }

    private func sound(_ endpoint: Endpoint, by carrier: SoundingFact.Carrier) async throws -> SoundingFact {
        try await sounder.sound(
            SoundingRequest(endpoint: endpoint, carrier: carrier, limits: 1...3, deadline: .now + .seconds(20)))
    }

    /// Nothing on the own host takes a hop.
    @Test(arguments: bothLoopbacks) func syns_areResetByAClosedPort_withTheHopLimitOfTheOwnHost(address: IPAddress)
        async throws
    {
        let port = try ClosedPort(on: address)
        let fact = try await sound(port.endpoint, by: .tcp)
        #expect(fact.hops.map(\.limit) == [1, 2, 3])
        #expect(fact.hops.allSatisfy { $0.outcome == .reset })
        #expect(fact.resetHopLimit == 64)
    }

    @Test(arguments: bothLoopbacks) func syns_areAnswered_whereSomebodyListens(address: IPAddress) async throws {
        let server = try await TCPFaultServer(on: address, .silent, reactor: reactor)
        let fact = try await sound(server.endpoint, by: .tcp)
        #expect(fact.hops.allSatisfy { $0.outcome == .answered })
        #expect(fact.resetHopLimit == nil)
        await server.stop()
    }

    @Test(arguments: bothLoopbacks) func datagrams_tellWhoRefuses_andWithWhichHopLimit(address: IPAddress) async throws
    {
        let port = try ClosedPort(on: address)
        let fact = try await sound(port.endpoint, by: .udp)
        #expect(fact.hops.map(\.limit) == [1, 2, 3])
        for hop in fact.hops {
            guard case .failed(let failure) = hop.outcome else {
                Issue.record("\(hop)")
                continue
            }
            let report = try #require(failure.icmp)
            #expect(report.isPortUnreachable && report.offender == address && report.hopLimit == 64)
        }
    }

    @Test func soundings_areOverAtTheDeadline_whenNobodyAnswers() async throws {
        let port = try SilentPort(on: bothLoopbacks[0])
        let request = SoundingRequest(
            endpoint: port.endpoint, carrier: .tcp, limits: 1...3, deadline: .now + .milliseconds(300))
        let fact = try await sounder.sound(request)
        #expect(fact.hops.allSatisfy { $0.outcome == .silent })
    }

    @Test func echoSoundings_areOurOwnInability() async throws {
        await #expect(throws: ProbeInterruption.self) {
            _ = try await sound(try #require(Endpoint("127.0.0.1:1")), by: .icmp)
        }
    }
}

@Suite struct KernelReleaseTests {
    @Test(arguments: [
        ("6.18.44-fc-v657", 6, 18), ("5.8.0", 5, 8), ("4.4.0", 4, 4), ("6.1-arch", 6, 1),
    ]) func releases_areRead(text: String, major: Int, minor: Int) throws {
        let release = try #require(KernelRelease(text))
        #expect(release == KernelRelease(major: major, minor: minor))
    }

    @Test(arguments: ["", "6", "six.one", ".1"]) func whatIsNone_isNil(text: String) {
        #expect(KernelRelease(text) == nil)
    }

    @Test func releases_areOrderedByNumber() {
        #expect(KernelRelease(major: 5, minor: 10) > KernelRelease(major: 5, minor: 8))
        #expect(KernelRelease(major: 4, minor: 19) < KernelRelease(major: 5, minor: 8))
    }
}
