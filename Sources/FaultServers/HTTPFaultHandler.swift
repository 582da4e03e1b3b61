import NetValues
import ProbeKit
import Wire

/// A web server whose faults are chosen by the path of the request: answers one request on a connection, then closes it.
package struct HTTPFaultHandler: Sendable {
    private let routes: [String: HTTPFault]
    private let time: any TimeSource
    private let lifetime: Duration
    private let reset: @Sendable (any ByteStream) async -> Void

    /// A path that is not among the routes answers 404. No connection lives longer than `lifetime`. `reset` ends a
    /// connection with RST, which a stream of bytes has no word for; without it such a connection is closed.
    package init(
        routes: [String: HTTPFault], time: any TimeSource, lifetime: Duration = .seconds(30),
        reset: @escaping @Sendable (any ByteStream) async -> Void = { await $0.close() }
    ) {
        self.routes = routes
        self.time = time
        self.lifetime = lifetime
        self.reset = reset
    }

    package func serve(_ stream: any ByteStream) async {
        let deadline = time.now() + lifetime
        // An interruption only says that the server is being stopped.
        do throws(ProbeInterruption) {
            if let request = try await HTTPFaultRequest.read(from: stream, deadline: deadline) {
                let reply = HTTPFaultReply(request: request, stream: stream, time: time, deadline: deadline)
                let fault = routes[request.path] ?? .status(404, "no such path\n")
                if fault.delay > .zero { try await time.sleep(until: min(deadline, time.now() + fault.delay)) }
                if try await reply.give(fault.answer) == .reset { await reset(stream) }
            }
        } catch {}
        await stream.close()
    }
}

/// One answer on its way.
private struct HTTPFaultReply {
    enum Ending { case close, reset }

    let request: HTTPFaultRequest
    let stream: any ByteStream
    let time: any TimeSource
    let deadline: Instant

    func give(_ answer: HTTPFault.Answer) async throws(ProbeInterruption) -> Ending {
        switch answer {
        case .respond(let status, let headers, let body): try await respond(status, headers, body)
        case .redirect(let location, let status): try await respond(status, [HTTPField("Location", location)], "")
        case .echo(let header): try await respond(200, [], request.fields.values(header).first ?? "")
        case .basicAuthentication(let credentials, let body): try await authenticate(credentials, body)
        case .chunked(let chunks, let trailers): try await send(chunked(chunks, trailers))
        case .earlyHints(let body):
            try await send("HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")
            try await respond(200, [], body)
        case .untilClose(let body): try await send(head(200, []) + body)
        case .drip(let bytes, let span): try await drip(bytes, span)
        case .silence: try await hold()
        case .closeAtOnce: break
        case .resetAtOnce: return .reset
        default: return try await giveBroken(answer)
        }
        return .close
    }

    private func giveBroken(_ answer: HTTPFault.Answer) async throws(ProbeInterruption) -> Ending {
        switch answer {
        case .stall(let bytes):
            try await sendStart(bytes)
            try await hold()
        case .short(let bytes): try await sendStart(bytes)
        case .resetWithinBody(let bytes):
            try await sendStart(bytes)
            return .reset
        case .garbage: try await send("\u{1}\u{2}this is no HTTP at all\r\n\r\n")
        case .brokenChunk: try await send(head(200, [Self.chunkedField]) + "5\r\nhello\r\nnonsense\r\n")
        case .oversizedHeader(let bytes):
            try await respond(200, [HTTPField("X-Large", String(repeating: "x", count: max(0, bytes)))], "")
        case .endlessHeaders:
            try await send("HTTP/1.1 200 OK\r\n")
            try await repeatWithoutEnd("X-More: \(String(repeating: "x", count: 1000))\r\n")
        case .endlessBody:
            try await send(head(200, []))
            try await repeatWithoutEnd(String(repeating: "x", count: 16384))
        case .endlessChunkExtension:
            try await send(head(200, [Self.chunkedField]) + "5;")
            try await repeatWithoutEnd(String(repeating: "x", count: 1000))
        default: break
        }
        return .close
    }

    // MARK: - Parts

    private static let chunkedField = HTTPField("Transfer-Encoding", "chunked")

    private func head(_ status: Int, _ fields: [HTTPField]) -> String {
        let all = [HTTPField("Server", "leadsman-faults"), HTTPField("Connection", "close")] + fields
        return "HTTP/1.1 \(status) \(Self.reasons[status] ?? "Status")\r\n"
            + all.map { "\($0.name): \($0.value)\r\n" }.joined() + "\r\n"
    }

    private static let reasons = [
        200: "OK", 204: "No Content", 301: "Moved Permanently", 302: "Found", 304: "Not Modified",
        307: "Temporary Redirect",
        308: "Permanent Redirect", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 429: "Too Many Requests",
        500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
    ]

    private func respond(_ status: Int, _ fields: [HTTPField], _ body: String) async throws(ProbeInterruption) {
        let hasBody = status != 204 && status != 304
        let length = hasBody ? [HTTPField("Content-Length", "\(body.utf8.count)")] : []
        try await send(head(status, fields + length) + (hasBody && request.method != "HEAD" ? body : ""))
    }

    private func authenticate(_ credentials: String, _ body: String) async throws(ProbeInterruption) {
        if request.fields.values("Authorization").first == HTTPCredentials.basic(credentials) {
            try await respond(200, [], body)
        } else {
            try await respond(
                401, [HTTPField("WWW-Authenticate", "Basic realm=\"leadsman\"")], "no or wrong credentials\n")
        }
    }

    private func chunked(_ chunks: [String], _ trailers: [HTTPField]) -> String {
        let parts = chunks.filter { !$0.isEmpty }.map { "\(String($0.utf8.count, radix: 16))\r\n\($0)\r\n" }
        let end = "0\r\n" + trailers.map { "\($0.name): \($0.value)\r\n" }.joined() + "\r\n"
        return head(200, [Self.chunkedField]) + parts.joined() + end
    }

    private func sendStart(_ bytes: Int) async throws(ProbeInterruption) {
        let count = max(0, min(bytes, 1 << 20))
        try await send(
            head(200, [HTTPField("Content-Length", "\(count + 1000)")]) + String(repeating: "x", count: count))
    }

    private func drip(_ bytes: Int, _ span: Duration) async throws(ProbeInterruption) {
        guard try await write(head(200, [HTTPField("Content-Length", "\(bytes)")])) else { return }
        for _ in 0..<max(0, bytes) {
            try await time.sleep(until: min(deadline, time.now() + span))
            guard time.now() < deadline, try await write("x") else { return }
        }
    }

    // MARK: - Bytes

    private func send(_ text: String) async throws(ProbeInterruption) { _ = try await write(text) }

    /// Whether the peer still takes bytes.
    private func write(_ text: String) async throws(ProbeInterruption) -> Bool {
        try await stream.write(Array(text.utf8), deadline: deadline) == nil
    }

    private func repeatWithoutEnd(_ text: String) async throws(ProbeInterruption) {
        while time.now() < deadline, try await write(text) {}
    }

    /// Silence until the peer goes away.
    private func hold() async throws(ProbeInterruption) {
        while time.now() < deadline, case .bytes = try await stream.read(upTo: 4096, deadline: deadline) {}
    }
}
