import FaultServers
import Glibc
import LinuxIO
import NetValues
import Observations
import Testing

@Suite(.onReactor) struct DatagramProberTests {
    private let reactor: Reactor
    private let prober: UDPProber

    init() throws {
        reactor = try Reactor()
        prober = UDPProber(reactor: reactor)
    }

    private func boundSocket(_ address: IPAddress) throws -> (OwnedSocket, Endpoint) {
        let socket = try OwnedSocket(family: address.family, type: Int32(SOCK_DGRAM.rawValue), protocol: 0)
        try socket.bind(to: Endpoint(address, 0))
        return (socket, try #require(socket.localEndpoint))
    }

    @Test(arguments: bothLoopbacks) func send_failsWithPortUnreachableOfTheHost_whenNobodyListens(address: IPAddress)
        async throws
    {
        let port = try ClosedPort(on: address)
        let fact = try await prober.send([], to: port.endpoint, source: nil, deadline: .now + .seconds(5))
        guard case .failed(let failure) = fact.outcome else {
            Issue.record("\(fact.outcome)")
            return
        }
        #expect(failure.name == "ECONNREFUSED")
        let icmp = try #require(failure.icmp)
        #expect(icmp.offender == address)
        // Port unreachable: RFC 792 type 3 code 3, RFC 4443 type 1 code 4.
        #expect(address.family == .v4 ? (icmp.type, icmp.code) == (3, 3) : (icmp.type, icmp.code) == (1, 4))
        #expect(icmp.origin == (address.family == .v4 ? .icmp : .icmpv6))
    }

    @Test(arguments: bothLoopbacks) func send_isSilent_whenTheOtherSideSaysNothing(address: IPAddress) async throws {
        let (socket, endpoint) = try boundSocket(address)
        let deadline = Instant.now + .milliseconds(80)
        let fact = try await prober.send([1], to: endpoint, source: address, deadline: deadline)
        #expect(fact.outcome == .silent)
        #expect(Instant.now >= deadline)
        withExtendedLifetime(socket) {}
    }

    @Test(arguments: bothLoopbacks) func send_isAnswered_whenADatagramComesBack(address: IPAddress) async throws {
        let (socket, endpoint) = try boundSocket(address)
        try await reactor.register(socket.descriptor)
        async let fact = prober.send([7], to: endpoint, source: nil, deadline: .now + .seconds(5))
        try await reactor.wait(for: .readable, on: socket.descriptor)
        // Room for a sockaddr of either family.
        var sender = [UInt64](repeating: 0, count: 16)
        var length = socklen_t(128)
        let echoed = sender.withUnsafeMutableBytes { buffer in
            let address = buffer.assumingMemoryBound(to: sockaddr.self).baseAddress
            var byte: UInt8 = 0
            guard recvfrom(socket.descriptor, &byte, 1, 0, address, &length) == 1 else { return -1 }
            return sendto(socket.descriptor, &byte, 1, 0, address, length)
        }
        #expect(echoed == 1)
        let outcome = try await fact.outcome
        #expect(outcome == .answered)
        await reactor.unregister(socket.descriptor)
    }

    @Test func send_failsAsData_whenThereIsNoWay() async throws {
        // Class E is refused by the kernel itself.
        let endpoint = try #require(Endpoint("255.255.255.255:9"))
        let fact = try await prober.send([], to: endpoint, source: nil, deadline: .now + .seconds(5))
        guard case .failed(let failure) = fact.outcome else {
            Issue.record("\(fact.outcome)")
            return
        }
        #expect(["EACCES", "ENETUNREACH"].contains(failure.name))
    }
}
