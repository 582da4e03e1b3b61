import FaultServers
import LinuxIO
import NetValues
import Observations
import ProbeKit
import Testing

@Suite(.onReactor) struct TCPStreamTests {
    private let reactor: Reactor
    private let connector: TCPConnector

    init() throws {
        reactor = try Reactor()
        connector = TCPConnector(reactor: reactor)
    }

    private func withStream(
        to behaviour: TCPFaultServer.Behaviour, on address: IPAddress, _ body: (any ByteStream) async throws -> Void
    ) async throws {
        let server = try await TCPFaultServer(on: address, behaviour, reactor: reactor)
        let attempt = try await connector.connect(to: server.endpoint, source: nil, deadline: .now + .seconds(5))
        let stream = try #require(attempt.stream, "\(attempt.fact.outcome)")
        try await body(stream)
        await stream.close()
        await server.stop()
    }

    @Test(arguments: bothLoopbacks) func read_givesTheBannerThenTheDeadline(address: IPAddress) async throws {
        try await withStream(to: .banner(Array("220 hello\r\n".utf8)), on: address) { stream in
            let first = try await stream.read(upTo: 1024, deadline: .now + .seconds(5))
            #expect(first == .bytes(Array("220 hello\r\n".utf8)))
            let second = try await stream.read(upTo: 1024, deadline: .now + .milliseconds(50))
            #expect(second == .end(.deadline))
        }
    }

    @Test(arguments: bothLoopbacks) func whatWasWritten_isAcknowledged_beforeAnyAnswer(address: IPAddress) async throws
    {
        try await withStream(to: .silent, on: address) { stream in
            #expect(await stream.isAcknowledged() == true)
            let unsent = try await stream.write(Array("hello".utf8), deadline: .now + .seconds(5))
            let read = try await stream.read(upTo: 16, deadline: .now + .milliseconds(100))
            #expect(unsent == nil && read == .end(.deadline))
            #expect(await stream.isAcknowledged() == true)
            await stream.close()
            #expect(await stream.isAcknowledged() == nil)
        }
    }

    @Test(arguments: bothLoopbacks) func read_endsClosed_atFIN(address: IPAddress) async throws {
        try await withStream(to: .close, on: address) { stream in
            let end = try await stream.read(upTo: 1024, deadline: .now + .seconds(5))
            #expect(end == .end(.closed))
        }
    }

    @Test(arguments: bothLoopbacks) func read_endsWithECONNRESET_atRST(address: IPAddress) async throws {
        try await withStream(to: .reset, on: address) { stream in
            guard case .end(.failed(let failure)) = try await stream.read(upTo: 1024, deadline: .now + .seconds(5))
            else {
                Issue.record("no failure")
                return
            }
            #expect(failure.name == "ECONNRESET")
            let write = try await stream.write([1], deadline: .now + .seconds(5))
            guard case .failed = write else {
                Issue.record("written to a reset connection: \(String(describing: write))")
                return
            }
        }
    }

    @Test func read_stopsAtItsDeadline_whenThePeerNeverStopsSpeaking() async throws {
        try await withStream(to: .flood, on: bothLoopbacks[0]) { stream in
            guard case .bytes = try await stream.read(upTo: 4096, deadline: .now + .seconds(10)) else {
                Issue.record("no bytes")
                return
            }
            let deadline = Instant.now + .milliseconds(500)
            var end: StreamEnd?
            var reads = 0
            while end == nil, reads < 10_000_000 {
                reads += 1
                if case .end(let reason) = try await stream.read(upTo: 4096, deadline: deadline) { end = reason }
            }
            #expect(end == .deadline)
        }
    }

    @Test func write_endsAtItsDeadline_whenThePeerDoesNotRead() async throws {
        let listener = try await TCPListener(on: Endpoint(bothLoopbacks[0], 0), reactor: reactor)
        let attempt = try await connector.connect(to: listener.endpoint, source: nil, deadline: .now + .seconds(5))
        let stream = try #require(attempt.stream)
        let more = [UInt8](repeating: 0, count: 32 << 20)
        #expect(try await stream.write(more, deadline: .now + .milliseconds(100)) == .deadline)
        await stream.close()
        await listener.close()
    }

    @Test func bytes_passBothWaysUnchanged() async throws {
        let listener = try await TCPListener(on: Endpoint(bothLoopbacks[1], 0), reactor: reactor)
        let attempt = try await connector.connect(to: listener.endpoint, source: nil, deadline: .now + .seconds(5))
        let stream = try #require(attempt.stream)
        let accepted = try #require(try await listener.accept())
        let sent = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        async let written = stream.write(sent, deadline: .now + .seconds(10))
        var received: [UInt8] = []
        while received.count < sent.count,
            case .bytes(let bytes) = try await accepted.read(upTo: 10_000, deadline: .now + .seconds(10))
        {
            received += bytes
        }
        let unwritten = try await written
        #expect(unwritten == nil)
        #expect(received == sent)
        await stream.close()
        #expect(try await accepted.read(upTo: 1, deadline: .now + .seconds(5)) == .end(.closed))
        #expect(try await stream.read(upTo: 1, deadline: .now + .seconds(5)) == .end(.closed))
        await accepted.close()
        await listener.close()
    }

    @Test func close_wakesAReader() async throws {
        try await withStream(to: .silent, on: bothLoopbacks[0]) { stream in
            async let read = stream.read(upTo: 1, deadline: .now + .seconds(60))
            await stream.close()
            let end = try await read
            #expect(end == .end(.closed))
        }
    }
}
