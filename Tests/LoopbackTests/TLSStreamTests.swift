import FaultServers
import LinuxIO
import NetValues
import Observations
import ProbeKit
import StreamTransport
import Testing

@Suite(.onReactor) struct TLSStreamTests {
    private let world: TLSWorld

    init() throws {
        world = try TLSWorld()
    }

    @Test(arguments: [TLSSettings.Version.tls12, .tls13]) func bytes_passBothWaysUnchanged(version: TLSSettings.Version)
        async throws
    {
        let sent = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let echo: @Sendable (any ByteStream) async -> Void = { stream in
            while case .bytes(let bytes)? = try? await stream.read(upTo: 9000, deadline: .now + .seconds(10)) {
                guard (try? await stream.write(bytes, deadline: .now + .seconds(10))) == .some(nil) else { return }
            }
        }
        try await world.converse(with: try world.soundServer { $0.maxVersion = version }, serve: echo) { stream in
            async let written = stream.write(sent, deadline: .now + .seconds(10))
            var received: [UInt8] = []
            while received.count < sent.count,
                case .bytes(let bytes) = try await stream.read(upTo: 7000, deadline: .now + .seconds(10))
            {
                received += bytes
            }
            let unwritten = try await written
            #expect(unwritten == nil)
            #expect(received == sent)
        }
    }

    @Test func read_endsClosed_atCloseNotify() async throws {
        try await world.converse(with: try world.soundServer(), serve: { _ in }) { stream in
            let end = try await stream.read(upTo: 100, deadline: .now + .seconds(5))
            #expect(end == .end(.closed))
        }
    }

    @Test func read_endsAtItsDeadline() async throws {
        try await world.converse(with: try world.soundServer()) { stream in
            let end = try await stream.read(upTo: 100, deadline: .now + .milliseconds(60))
            #expect(end == .end(.deadline))
        }
    }

    /// The end of the connection without close_notify may be the end of the words, or a cut.
    @Test func read_tellsACut_whenTheConnectionEndsWithoutCloseNotify() async throws {
        let leaf = try world.leaf(by: world.root)
        let acceptor = try TLSAcceptor(
            TLSServerSettings(chain: [leaf.certificate], key: leaf.key), reactor: world.reactor)
        let server = try await AcceptingServer(on: Endpoint(bothLoopbacks[0], 0), reactor: world.reactor) { stream in
            _ = try? await acceptor.accept(stream, deadline: .now + .seconds(5))
            await stream.close()
        }
        let attempt = try await TCPConnector(reactor: world.reactor).connect(
            to: server.endpoint, source: nil, deadline: .now + .seconds(5))
        let handshake = try await world.transport.secure(
            try #require(attempt.stream), to: server.endpoint, settings: world.settings, deadline: .now + .seconds(5))
        let stream = try #require(handshake.stream)
        let end = try await stream.read(upTo: 10, deadline: .now + .seconds(5))
        #expect(end == .end(.tlsFailed("unexpected eof while reading")))
        await stream.close()
        await server.stop()
    }

    @Test func closedStream_givesNothingMore() async throws {
        try await world.converse(with: try world.soundServer()) { stream in
            await stream.close()
            await stream.close()
            let read = try await stream.read(upTo: 1, deadline: .now + .seconds(1))
            #expect(read == .end(.closed))
            let unwritten = try await stream.write([1], deadline: .now + .seconds(1))
            #expect(unwritten == .closed)
        }
    }
}
