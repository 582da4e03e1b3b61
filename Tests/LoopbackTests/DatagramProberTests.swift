import FaultServers
import Glibc
import LinuxIO
import NetValues
import Observations
import ProbeKit
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

    // MARK: Exchanges

    /// Answers the datagrams that come, one after the other, by what `reply` makes of each; nil says nothing.
    private func serve(_ socket: OwnedSocket, count: Int, _ reply: ([UInt8], Int) -> [UInt8]?) async throws {
        try await reactor.register(socket.descriptor)
        for number in 0..<count {
            try await reactor.wait(for: .readable, on: socket.descriptor)
            var sender = [UInt64](repeating: 0, count: 16)
            var length = socklen_t(128)
            sender.withUnsafeMutableBytes { buffer in
                let address = buffer.assumingMemoryBound(to: sockaddr.self).baseAddress
                var bytes = [UInt8](repeating: 0, count: 2048)
                let size = recvfrom(socket.descriptor, &bytes, bytes.count, 0, address, &length)
                guard size >= 0, let answer = reply(Array(bytes.prefix(size)), number) else { return }
                _ = sendto(socket.descriptor, answer, answer.count, 0, address, length)
            }
        }
        await reactor.unregister(socket.descriptor)
    }

    @Test(arguments: bothLoopbacks) func exchange_answersWithTheBytes(address: IPAddress) async throws {
        let (socket, endpoint) = try boundSocket(address)
        async let reply = prober.exchange(
            [[1, 2], [3, 4]], with: endpoint, source: nil, deadline: .now + .seconds(20), isAnswer: { $0.count == 3 })
        try await serve(socket, count: 1) { request, _ in request + [9] }
        let outcome = try await reply
        #expect(outcome.outcome == .answered([1, 2, 9]))
        #expect(outcome.sentAt.count == 1 && outcome.source?.address == address && outcome.stray == nil)
    }

    @Test func exchange_asksAgain_whenTheFirstIsNotAnswered() async throws {
        let (socket, endpoint) = try boundSocket(try #require(IPAddress("127.0.0.1")))
        async let reply = prober.exchange(
            [[1], [2]], with: endpoint, source: nil, deadline: .now + .seconds(1), isAnswer: { $0 == [2] })
        try await serve(socket, count: 2) { request, number in number == 1 ? request : nil }
        let outcome = try await reply
        #expect(outcome.outcome == .answered([2]))
        #expect(outcome.sentAt.count == 2)
        #expect(outcome.sentAt[1] - outcome.sentAt[0] >= .milliseconds(400))
    }

    @Test func exchange_waitsOn_behindWhatIsNoAnswer() async throws {
        let (socket, endpoint) = try boundSocket(try #require(IPAddress("127.0.0.1")))
        let deadline = Instant.now + .milliseconds(200)
        async let reply = prober.exchange(
            [[1], [2]], with: endpoint, source: nil, deadline: deadline, isAnswer: { _ in false })
        try await serve(socket, count: 2) { _, _ in [UInt8](repeating: 7, count: 100) }
        let outcome = try await reply
        #expect(outcome.outcome == .silent)
        #expect(outcome.stray == [UInt8](repeating: 7, count: DatagramReply.mostStrayBytes))
        #expect(outcome.endedAt >= deadline)
    }

    @Test func exchange_endsAtARefusal() async throws {
        let port = try ClosedPort(on: try #require(IPAddress("127.0.0.1")))
        let start = Instant.now
        let reply = try await prober.exchange(
            [[1], [2]], with: port.endpoint, source: nil, deadline: start + .seconds(20), isAnswer: { _ in true })
        guard case .failed(let failure) = reply.outcome else {
            Issue.record("\(reply.outcome)")
            return
        }
        #expect(failure.name == "ECONNREFUSED" && reply.sentAt.count == 1)
        #expect(reply.endedAt - start < .seconds(10))
    }

    @Test func exchange_isCancelled_asAWhole() async throws {
        let (socket, endpoint) = try boundSocket(try #require(IPAddress("127.0.0.1")))
        let prober = prober
        let task = Task {
            try await prober.exchange(
                [[1]], with: endpoint, source: nil, deadline: .now + .seconds(60), isAnswer: { _ in true })
        }
        task.cancel()
        await #expect(throws: ProbeInterruption.cancelled) { try await task.value }
        withExtendedLifetime(socket) {}
    }
}
