import FaultServers
import LinuxIO
import NetValues
import Observations
import Planning
import ProbeKit
import StreamTransport
import Testing

@Suite(.onReactor) struct TLSHostilePeerTests {
    private let peers: HostilePeers

    init() throws {
        peers = try HostilePeers()
    }

    /// Stands before a true server and passes on only so many bytes of what it says, one of them changed if asked for.
    private func relay(
        to server: Endpoint, passing limit: Int, then end: HostilePeers.End, changing place: Int? = nil
    ) async throws -> AcceptingServer {
        let connector = TCPConnector(reactor: peers.world.reactor)
        return try await peers.server { client in
            guard
                let upstream = try? await connector.connect(to: server, source: nil, deadline: .now + .seconds(20))
                    .stream
            else { return }
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    while case .bytes(let bytes) = try? await client.read(upTo: 16_384, deadline: .now + .seconds(20)),
                        (try? await upstream.write(bytes, deadline: .now + .seconds(20))) == .some(nil)
                    {}
                }
                await Self.passOn(from: upstream, to: client, limit, place)
                await end.meet(client)
                await client.close()
                await upstream.close()
                group.cancelAll()
            }
        }
    }

    private static func passOn(from upstream: any ByteStream, to client: TCPStream, _ limit: Int, _ place: Int?) async {
        var passed = 0
        while passed < limit {
            guard
                case .bytes(var bytes) = try? await upstream.read(
                    upTo: limit - passed, deadline: .now + .seconds(20))
            else { return }
            if let place, place >= passed, place < passed + bytes.count { bytes[place - passed] ^= 0x55 }
            guard (try? await client.write(bytes, deadline: .now + .seconds(20))) == .some(nil) else { return }
            passed += bytes.count
        }
    }

    /// How many bytes the server says until the handshake is done.
    private func flight(of server: TLSFaultServer) async throws -> Int {
        let outcome = try await peers.tls(server.endpoint.port)
        #expect(outcome.ids.isEmpty)
        return try #require(outcome.tls?.receivedBytes)
    }

    private func server(_ version: TLSSettings.Version) async throws -> TLSFaultServer {
        let behaviour = try peers.world.soundServer {
            $0.minVersion = version
            $0.maxVersion = version
        }
        return try await TLSFaultServer(on: bothLoopbacks[0], behaviour, reactor: peers.world.reactor)
    }

    @Test(arguments: [TLSSettings.Version.tls12, .tls13])
    func recordsCutAnywhere_failAndNothingElse(_ version: TLSSettings.Version) async throws {
        let server = try await server(version)
        let length = try await flight(of: server)
        #expect(length > 500)
        for count in stride(from: 0, to: min(length, 3000) - 8, by: 5) {
            let relay = try await relay(to: server.endpoint, passing: count, then: .close)
            let outcome = try await peers.tls(relay.endpoint.port)
            await relay.stop()
            #expect(outcome.sample.outcome == .failed(.tls), "after \(count) of \(length) bytes")
            #expect(Set(outcome.ids).isSubset(of: serversFault), "after \(count) bytes: \(outcome.ids)")
            #expect(outcome.elapsed < .seconds(15))
        }
        await server.stop()
    }

    @Test func resetAnywhereInTheHandshake_isAReset() async throws {
        let server = try await server(.tls13)
        let length = try await flight(of: server)
        for count in stride(from: 0, to: length - 8, by: 97) {
            let relay = try await relay(to: server.endpoint, passing: count, then: .reset)
            let outcome = try await peers.tls(relay.endpoint.port)
            await relay.stop()
            #expect(outcome.ids == ["tcp-reset-after-connect"], "after \(count) bytes: \(outcome.ids)")
        }
        await server.stop()
    }

    @Test func silenceInTheHandshake_endsAtTheDeadline() async throws {
        let server = try await server(.tls13)
        for count in [0, 1, 5, 200] {
            let relay = try await relay(to: server.endpoint, passing: count, then: .silence)
            let outcome = try await peers.tls(relay.endpoint.port, timeout: .milliseconds(200))
            await relay.stop()
            #expect(outcome.tls?.outcome == .timedOut)
            #expect(outcome.ids == ["expectation-unmet"])
            #expect(outcome.elapsed < .seconds(10))
        }
        await server.stop()
    }

    /// In TLS 1.2 the certificates travel in the clear: a changed byte makes them other ones, or none.
    @Test func changedBytes_neverPassForSound() async throws {
        let server = try await server(.tls12)
        let length = try await flight(of: server)
        for place in stride(from: 0, to: length, by: 11) {
            let relay = try await relay(to: server.endpoint, passing: .max, then: .close, changing: place)
            let outcome = try await peers.tls(relay.endpoint.port, timeout: .milliseconds(3000))
            await relay.stop()
            #expect(!outcome.sample.isGood, "byte \(place) of \(length)")
            #expect(Set(outcome.ids).isSubset(of: serversFault), "byte \(place): \(outcome.ids)")
        }
        await server.stop()
    }

    @Test(arguments: [(99, true), (1000, false)])
    func longChains_endAtOpenSSLsLimit(_ count: Int, _ isTaken: Bool) async throws {
        let leaf = try peers.world.leaf(by: peers.world.intermediate)
        let rest = Array(repeating: peers.world.intermediate.certificate, count: count)
        let settings = TLSServerSettings(chain: [leaf.certificate] + rest, key: leaf.key)
        let server = try await TLSFaultServer(on: bothLoopbacks[0], .handshake(settings), reactor: peers.world.reactor)
        let outcome = try await peers.tls(server.endpoint.port)
        await server.stop()
        #expect((outcome.tls?.outcome == .established) == isTaken, "\(outcome.tls.map { "\($0.outcome)" } ?? "")")
        #expect(Set(outcome.ids).isSubset(of: serversFault), "\(outcome.ids)")
        #expect(outcome.elapsed < .seconds(15))
    }

    @Test func anEndInPlaceOfTheAnswer_isToldAsSuch() async throws {
        let behaviour = try peers.world.soundServer()
        let server = try await TLSFaultServer(on: bothLoopbacks[0], behaviour, reactor: peers.world.reactor) { stream in
            _ = try? await stream.read(upTo: 65_536, deadline: .now + .seconds(10))
        }
        let outcome = try await peers.http(
            server.endpoint.port, scheme: "https",
            parameters: ["ca": .text(peers.world.rootPath), "serverName": .text("shop.test")])
        await server.stop()
        #expect(outcome.ids == ["http-protocol-error"])
    }

    @Test(
        arguments: [
            [22, 3, 3, 0xff, 0xff], [22, 3, 3, 0, 0], [21, 3, 3, 0, 2, 1, 0], [22, 3, 1, 0, 4, 2, 0, 0, 0],
            [22, 3, 3, 0, 4, 11, 0xff, 0xff, 0xff], [21, 3, 3, 0, 1, 2], [22, 3, 3, 0, 4, 14, 0, 0, 0],
        ] as [[UInt8]])
    func brokenRecords_fail(_ bytes: [UInt8]) async throws {
        let server = try await peers.answering([bytes, bytes, bytes])
        let outcome = try await peers.tls(server.endpoint.port, timeout: .milliseconds(800))
        await server.stop()
        #expect(outcome.sample.outcome == .failed(.tls))
        #expect(Set(outcome.ids).isSubset(of: serversFault), "\(outcome.ids)")
    }
}
