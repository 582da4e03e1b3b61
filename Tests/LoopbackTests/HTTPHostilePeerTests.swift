import FaultServers
import LinuxIO
import NetValues
import Observations
import Planning
import ProbeKit
import Testing

@Suite(.onReactor) struct HTTPHostilePeerTests {
    private let peers: HostilePeers

    init() throws {
        peers = try HostilePeers()
    }

    private static let head = "HTTP/1.1 200 OK\r\n"

    private func get(
        _ answer: String..., then end: HostilePeers.End = .close, timeout: Duration = .seconds(20)
    ) async throws -> HostilePeers.Outcome {
        let server = try await peers.answering(answer.map { Array($0.utf8) }, end)
        let outcome = try await peers.http(server.endpoint.port, timeout: timeout)
        await server.stop()
        #expect(Set(outcome.ids).isSubset(of: serversFault), "\(outcome.ids)")
        return outcome
    }

    private func fault(
        _ fault: HTTPFault, timeout: Duration = .seconds(20), path: String = "/x"
    ) async throws -> HostilePeers.Outcome {
        let time = SystemTime(reactor: peers.world.reactor)
        let handler = HTTPFaultHandler(routes: [path: fault], time: time) { await ($0 as? TCPStream)?.reset() }
        let server = try await peers.server { await handler.serve($0) }
        let outcome = try await peers.http(server.endpoint.port, path: path, timeout: timeout)
        await server.stop()
        #expect(Set(outcome.ids).isSubset(of: serversFault), "\(outcome.ids)")
        return outcome
    }

    // MARK: Too much, too slow

    @Test func endlessHeaders_endAtTheirLimit() async throws {
        let outcome = try await fault(HTTPFault(.endlessHeaders))
        #expect(outcome.ids == ["http-protocol-error"])
        #expect(outcome.elapsed < .seconds(15))
    }

    @Test func oneHugeHeader_endsAtItsLimit() async throws {
        #expect(try await fault(HTTPFault(.oversizedHeader(bytes: 1 << 20))).ids == ["http-protocol-error"])
    }

    @Test func endlessChunkExtension_endsAtItsLimit() async throws {
        #expect(try await fault(HTTPFault(.endlessChunkExtension)).ids == ["http-protocol-error"])
    }

    @Test func endlessBody_isCutAtItsLimit() async throws {
        let outcome = try await fault(HTTPFault(.endlessBody))
        #expect(outcome.ids.isEmpty)
        #expect(outcome.http?.response?.isBodyCut == true)
        #expect(outcome.http?.response?.bodyBytes == 1 << 20)
        #expect(outcome.elapsed < .seconds(15))
    }

    @Test func drippingHeaders_endAtTheDeadline() async throws {
        let server = try await peers.server { stream in
            _ = try? await stream.read(upTo: 65_536, deadline: .now + .seconds(10))
            for byte in Array("\(Self.head)X-Slow: ".utf8) + [UInt8](repeating: 0x61, count: 1000) {
                guard (try? await stream.write([byte], deadline: .now + .seconds(1))) == .some(nil) else { return }
                _ = try? await stream.read(upTo: 1, deadline: .now + .milliseconds(10))
            }
        }
        let outcome = try await peers.http(server.endpoint.port, timeout: .milliseconds(400))
        await server.stop()
        #expect(outcome.ids == ["http-response-stalled"])
        #expect(outcome.elapsed >= .milliseconds(390) && outcome.elapsed < .seconds(10))
    }

    @Test func aZipBomb_isNotInflated() async throws {
        // The first bytes of a gzip stream; what would come of it is never asked.
        let bomb = [0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 2, 3] + [UInt8](repeating: 0xed, count: 10_000)
        let head = Array("\(Self.head)Content-Encoding: gzip\r\nContent-Length: \(bomb.count)\r\n\r\n".utf8)
        let server = try await peers.answering([head, bomb])
        let outcome = try await peers.http(server.endpoint.port, expected: ["body": .text("never there")])
        await server.stop()
        #expect(outcome.http?.response?.bodyBytes == bomb.count)
        #expect(outcome.http?.response?.bodyStart.starts(with: [0x1f, 0x8b]) == true)
        #expect(outcome.ids == ["expectation-unmet"])
    }

    // MARK: Lies about lengths

    @Test(arguments: [
        "Content-Length: -1", "Content-Length: 99999999999999999999999", "Content-Length: 0x10", "Content-Length: 3, 4",
        "Content-Length: 3\r\nContent-Length: 4",
        "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nx", "Transfer-Encoding: chunked\r\n\r\n-1\r\nx",
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0", "Transfer-Encoding: chunked\r\n\r\n10\r\nabc",
        "Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\nabc", "Transfer-Encoding: chunked\r\n\r\n;x\r\n",
        "Content-Length: 100", "Broken", " folded: from nothing", "X: a\u{0}b",
    ])
    func lyingLengthsAndFields_areProtocolErrors(_ fields: String) async throws {
        let outcome = try await get("\(Self.head)\(fields)\r\n\r\n")
        #expect(outcome.ids == ["http-protocol-error"], "\(outcome.http.map { "\($0.outcome)" } ?? "")")
    }

    @Test func lyingChunks_thatStayOpen_areStalls() async throws {
        let outcome = try await get(
            "\(Self.head)Transfer-Encoding: chunked\r\n\r\n7fff\r\nabc", then: .silence, timeout: .milliseconds(300))
        #expect(outcome.ids == ["http-response-stalled"])
    }

    @Test func moreThanWasDeclared_isLeftUnread() async throws {
        let outcome = try await get("\(Self.head)Content-Length: 2\r\n\r\nok and much more, HTTP/1.1 500 No\r\n\r\n")
        #expect(outcome.ids.isEmpty)
        #expect(outcome.http?.response?.bodyBytes == 2)
    }

    // MARK: Redirects

    @Test(arguments: [
        "file:///etc/passwd", "gopher://127.0.0.1:25/x", "javascript:alert(1)", "ftp://127.0.0.1/x",
        "data:text/plain,x",
        "http://user:word@127.0.0.1:1/", "http://", "http://[::1", "//", "http://127.0.0.1:99999/", "unix:/run/x",
        "HTTP://\u{7f}/",
    ])
    func redirectsElsewhere_areNotFollowed(_ location: String) async throws {
        let outcome = try await get(
            "HTTP/1.1 302 Found\r\nLocation: \(location)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        #expect(outcome.connects.count == 1, "\(outcome.sample.facts)")
    }

    @Test func aCircle_isALoop() async throws {
        #expect(try await fault(.redirect(to: "/x")).ids == ["http-redirect-loop"])
    }

    @Test func aChainWithoutEnd_endsAfterTenHops() async throws {
        let server = try await peers.server { stream in
            guard case .bytes(let bytes) = try? await stream.read(upTo: 65_536, deadline: .now + .seconds(10)) else {
                return
            }
            let path = String(decoding: bytes, as: UTF8.self).split(separator: " ")[1]
            _ = try? await stream.write(
                Array("HTTP/1.1 302 Found\r\nLocation: \(path)x\r\nContent-Length: 0\r\n\r\n".utf8),
                deadline: .now + .seconds(1))
        }
        let outcome = try await peers.http(server.endpoint.port)
        await server.stop()
        #expect(outcome.ids == ["http-redirect-loop"])
        #expect(outcome.connects.count == 11)
    }

    // MARK: Ends at every moment

    private static let whole = Array(
        "HTTP/1.1 200 OK\r\nServer: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n".utf8)

    @Test func cutAfterEachByte_isClosedEarly_andNeverMore() async throws {
        for count in 0..<Self.whole.count {
            let server = try await peers.answering([Array(Self.whole.prefix(count))])
            let outcome = try await peers.http(server.endpoint.port)
            await server.stop()
            #expect(outcome.ids == ["http-protocol-error"], "after \(count) bytes: \(outcome.ids)")
            #expect(outcome.elapsed < .seconds(15))
        }
    }

    @Test func resetAfterEachByte_isAReset() async throws {
        for count in stride(from: 0, to: Self.whole.count, by: 3) {
            let server = try await peers.answering([Array(Self.whole.prefix(count))], .reset)
            let outcome = try await peers.http(server.endpoint.port)
            await server.stop()
            // A reset discards what was not yet read, so it may seem to come earlier than it did.
            #expect(outcome.ids == ["tcp-reset-after-connect"], "after \(count) bytes: \(outcome.ids)")
        }
    }

    @Test func resetBeforeTheRequest_isAReset() async throws {
        let server = try await peers.server { await $0.reset() }
        let outcome = try await peers.http(server.endpoint.port)
        await server.stop()
        #expect(outcome.ids == ["tcp-reset-after-connect"])
    }

    @Test func closedAtOnce_isNoReset() async throws {
        let server = try await peers.server { _ in }
        let outcome = try await peers.http(server.endpoint.port)
        await server.stop()
        // Closing what was not read resets; closing before anything came does not.
        #expect(outcome.ids == ["http-protocol-error"] || outcome.ids == ["tcp-reset-after-connect"])
    }

    @Test(arguments: [
        [0x16, 0x03, 0x03, 0, 2, 2, 40], [UInt8](repeating: 0, count: 300), [UInt8](repeating: 0xff, count: 3000),
        Array("SSH-2.0-x\r\n".utf8), Array("HTTP/9.9 abc\r\n\r\n".utf8), Array("\r\n\r\n\r\n".utf8),
    ])
    func otherProtocols_areProtocolErrors(_ bytes: [UInt8]) async throws {
        let server = try await peers.answering([bytes])
        let outcome = try await peers.http(server.endpoint.port)
        await server.stop()
        #expect(outcome.ids == ["http-protocol-error"])
    }
}
