import FaultServers
import LinuxIO
import NetValues
import Observations
import ProbeKit
import Testing

/// Nothing on the own host takes a hop: each limit gets there.
@Suite(.onReactor) struct PathProberTests {
    private let reactor: Reactor
    private let prober: PathProber

    init() throws {
        reactor = try Reactor()
        prober = PathProber(reactor: reactor)
    }

    private func replies(
        _ endpoint: Endpoint, by carrier: SoundingFact.Carrier, _ packets: [PathPacket]
    ) async throws -> [PathReply] {
        let session = try await prober.open(PathRequest(destination: endpoint, carrier: carrier))
        let replies = try await withThrowingTaskGroup(of: (Int, PathReply).self) { group in
            for (index, packet) in packets.enumerated() {
                group.addTask { (index, try await session.send(packet, deadline: .now + .seconds(10))) }
            }
            var replies: [Int: PathReply] = [:]
            for try await (index, reply) in group { replies[index] = reply }
            return packets.indices.compactMap { replies[$0] }
        }
        await session.close()
        return replies
    }

    private let limits = (1...20).map { PathPacket(limit: $0) }

    @Test(arguments: bothLoopbacks) func datagrams_areRefusedByAClosedPort_eachOfThem(address: IPAddress) async throws {
        let port = try ClosedPort(on: address)
        let replies = try await replies(port.endpoint, by: .udp, limits)
        #expect(replies.count == limits.count)
        for reply in replies {
            guard case .failed(let failure) = reply.outcome, let report = failure.icmp else {
                Issue.record("\(reply)")
                continue
            }
            #expect(report.isPortUnreachable && report.offender == address)
            #expect(reply.replyHopLimit == 64 && !reply.isRefusedHere)
            let trip = try #require(reply.roundTrip)
            #expect(trip < .seconds(5))
        }
    }

    @Test(arguments: bothLoopbacks) func syns_areAnsweredOrReset(address: IPAddress) async throws {
        let port = try ClosedPort(on: address)
        #expect(try await replies(port.endpoint, by: .tcp, limits).allSatisfy { $0.outcome == .reset })
        let server = try await TCPFaultServer(on: address, .silent, reactor: reactor)
        // One after the other: of several SYNs of one flow a host answers the first until it is reset.
        for limit in limits.prefix(5) {
            let answered = try #require(try await replies(server.endpoint, by: .tcp, [limit]).first)
            #expect(answered.outcome == .answered && answered.roundTrip != nil)
        }
        await server.stop()
    }

    /// Again and again by the same four-tuple, which a raw socket allows.
    @Test(arguments: bothLoopbacks) func synsOfOneFlow_areAnsweredRoundAfterRound(address: IPAddress) async throws {
        let server = try await TCPFaultServer(on: address, .silent, reactor: reactor)
        let session = try await prober.open(PathRequest(destination: server.endpoint, carrier: .tcp))
        defer { Task { await session.close() } }
        guard session.sourcePort != nil else {
            await server.stop()
            try Test.cancel("no right to a raw socket")
        }
        for _ in 0..<5 {
            let reply = try await session.send(PathPacket(limit: 9), deadline: .now + .seconds(10))
            #expect(reply.outcome == .answered && reply.isKernelStamped)
            #expect(reply.replyHopLimit == 64)
        }
        #expect(await session.tellsPacketsApart())
        await server.stop()
    }

    @Test(arguments: bothLoopbacks) func echoRequests_areAnswered_whateverTheirSize(address: IPAddress) async throws {
        let sizes = [nil, 1280, 9000].map { PathPacket(limit: 3, size: $0, dontFragment: $0 != nil) }
        do {
            for reply in try await replies(Endpoint(address, 0), by: .icmp, sizes) {
                #expect(reply.outcome == .answered && reply.replyHopLimit == 64)
            }
        } catch ProbeInterruption.unable(let inability) {
            try Test.cancel("no right to send echo requests: \(inability.reason)")
        }
    }

    @Test(arguments: bothLoopbacks) func packets_thatTheOwnHostRefuses_areSaidToBe(address: IPAddress) async throws {
        let port = try ClosedPort(on: address)
        // The loopback interface takes 65536 bytes, and an IPv6 packet may be longer than that.
        guard address.family == .v6 else { return }
        let packet = PathPacket(limit: 3, size: 65_570, dontFragment: true)
        let reply = try #require(try await replies(port.endpoint, by: .udp, [packet]).first)
        #expect(reply.isRefusedHere)
        guard case .failed(let failure) = reply.outcome else {
            Issue.record("\(reply)")
            return
        }
        #expect(failure.name == "EMSGSIZE")
    }

    @Test func silence_lastsUntilTheDeadline() async throws {
        let port = try SilentPort(on: bothLoopbacks[0])
        let session = try await prober.open(PathRequest(destination: port.endpoint, carrier: .tcp))
        let reply = try await session.send(PathPacket(limit: 4), deadline: .now + .milliseconds(200))
        #expect(reply.outcome == .silent && reply.roundTrip == nil)
        await session.close()
    }

    @Test(arguments: bothLoopbacks) func routes_tellTheOwnAddressAndThePathMTU(address: IPAddress) async throws {
        let session = try await prober.open(PathRequest(destination: Endpoint(address, 9), carrier: .udp))
        let route = await session.route()
        #expect(route.source == address)
        let mtu = try #require(route.mtu)
        #expect(mtu >= 65_535)
        await session.close()
    }
}

@Suite struct PathFlightTests {
    private func trip(of span: Duration, lateness: Duration, handshake: Duration? = nil) -> PathReply? {
        var flight = PathFlight(ticket: 0, length: 0)
        let read = EchoStamp(monotonic: flight.sent.monotonic + span, wall: flight.sent.wall + span)
        flight.settle(
            PathFlight.Arrival(outcome: .reset, stamp: 0, read: read, lateness: lateness, handshake: handshake))
        return flight.reply
    }

    /// A reset has no time but that of our reading it.
    @Test func whatWeWereLateToRead_hasNoRoundTrip() throws {
        let late = try #require(trip(of: .milliseconds(40), lateness: .milliseconds(30)))
        #expect(late.outcome == .reset && late.roundTrip == nil && late.isTimeSetAside)
        let prompt = try #require(trip(of: .milliseconds(40), lateness: .milliseconds(1)))
        #expect(prompt.roundTrip == .milliseconds(40) && !prompt.isTimeSetAside)
        let long = try #require(trip(of: .milliseconds(400), lateness: .milliseconds(5)))
        #expect(long.roundTrip == .milliseconds(400))
    }

    /// Nothing comes before it was asked for, and the kernel's own measure holds however late we read it.
    @Test func whatCannotBeFarOff_stays() throws {
        #expect(trip(of: .microseconds(50), lateness: .seconds(1))?.roundTrip == .microseconds(50))
        let measured = try #require(
            trip(of: .milliseconds(40), lateness: .milliseconds(30), handshake: .milliseconds(9)))
        #expect(measured.roundTrip == .milliseconds(9) && !measured.isTimeSetAside)
    }
}
