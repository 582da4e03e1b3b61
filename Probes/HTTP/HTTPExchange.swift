import NetValues
import Observations
import Planning
import ProbeKit
import Wire

/// One request on one connection, and what came back.
struct HTTPExchange {
    private let hop: HTTPHop
    private let endpoint: Endpoint
    private let time: any TimeSource
    private let deadline: Instant
    /// Whom the request is put to in the server's place.
    private let proxy: HostPort?
    private let keepsStatusOnly: Bool
    private let started: Instant
    private var parser: HTTPResponseParser
    private var sent: Instant?
    private var firstByte: Instant?
    private var finished: Instant
    /// Why reading stopped before the response was whole.
    private var end: StreamEnd?
    private var problem: HTTPMessageError?
    /// The request could not be handed over whole.
    private var writeFailure: StreamEnd?
    private var sentBytes = 0
    private var progress: StreamProgress?
    private var pace: StreamPace?

    init(
        hop: HTTPHop, endpoint: Endpoint, proxy: HostPort?, limits: HTTPResponseParser.Limits, time: any TimeSource,
        deadline: Instant, keepsStatusOnly: Bool = false
    ) {
        self.proxy = proxy
        self.keepsStatusOnly = keepsStatusOnly
        self.hop = hop
        self.endpoint = endpoint
        self.time = time
        self.deadline = deadline
        started = time.now()
        finished = started
        parser = HTTPResponseParser(method: hop.method, limits: limits)
    }

    mutating func run(
        _ request: HTTPRequestMessage, over stream: any ByteStream, watch: inout PhaseWatch
    ) async throws(ProbeInterruption) {
        let bytes: [UInt8]
        do {
            bytes = try request.encoded()
        } catch {
            throw .unable(
                Inability(
                    .internalFault, action: "write the request for \(hop.url)", reason: error.description,
                    fix: "correct the keys of this check"))
        }
        let before = await stream.progress()
        writeFailure = try await stream.write(bytes, deadline: deadline)
        sentBytes = writeFailure == nil ? bytes.count : 0
        sent = time.now()
        // A server may answer and close before it has read everything (RFC 9112 section 9.6), so its answer is read anyway.
        while end == nil, problem == nil, !parser.isComplete {
            try await readOnce(from: stream, watch: &watch)
        }
        finished = time.now()
        let after = await stream.progress()
        if end == .deadline { progress = after }
        pace = before.flatMap { before in after.map { $0.pace(since: before) } }
        watch.lap(opensTunnel ? \.connect : firstByte == nil ? \.firstByte : \.transfer, at: finished)
    }

    /// A part of connecting, since nothing is asked of the server yet.
    private var opensTunnel: Bool { hop.method == "CONNECT" }

    private mutating func readOnce(
        from stream: any ByteStream, watch: inout PhaseWatch
    ) async throws(ProbeInterruption) {
        // A peer that never stops speaking must not outlive the deadline.
        guard time.now() < deadline else {
            end = .deadline
            return
        }
        switch try await stream.read(upTo: 65536, deadline: deadline) {
        case .bytes(let bytes):
            if firstByte == nil {
                let now = time.now()
                firstByte = now
                watch.lap(opensTunnel ? \.connect : \.firstByte, at: now)
            }
            do {
                _ = try parser.feed(bytes)
            } catch {
                problem = error
            }
        case .end(let reason):
            // Only an orderly end may be the end of a body without a length (RFC 9112 section 9.8).
            if reason != .closed || !parser.end() { end = reason }
        }
    }

    /// Something is missing still, and did not come until the deadline.
    var hangs: Bool { end == .deadline || writeFailure == .deadline }

    /// Nothing came back, and the request was not taken either.
    var wasRefused: Bool { writeFailure != nil && firstByte == nil }

    /// The first bytes of the body, up to the limit for patterns.
    var body: [UInt8] { keepsStatusOnly ? [] : parser.body }

    var fact: HTTPFact {
        let wait: Duration? = if let firstByte, let sent { firstByte - sent } else { nil }
        return HTTPFact(
            url: hop.url, endpoint: endpoint, method: hop.method, outcome: outcome, firstByte: wait,
            elapsed: finished - started, sentBytes: sentBytes, proxy: proxy,
            progress: progress, pace: pace)
    }

    private var outcome: HTTPFact.Outcome {
        if let problem {
            return keepsStatusOnly
                ? .malformed(reason: "no HTTP", bytes: [])
                : .malformed(reason: problem.description, bytes: parser.start)
        }
        if parser.isComplete, let head = parser.head {
            return .responded(keepsStatusOnly ? response(head).statusOnly : response(head))
        }
        let partial = PartialResponse(
            status: parser.head?.status, bytes: parser.bytesTaken, start: keepsStatusOnly ? [] : parser.start)
        return .incomplete((wasRefused ? writeFailure : end) ?? .closed, partial: partial)
    }

    private func response(_ head: HTTPResponseHead) -> HTTPResponse {
        HTTPResponse(
            version: head.version, status: head.status, reason: head.reason,
            headers: head.fields.map { (name: $0.name, value: $0.value) }, bodyBytes: parser.bodyBytes,
            isBodyCut: parser.isBodyCut, bodyStart: Array(parser.body.prefix(256)))
    }
}
