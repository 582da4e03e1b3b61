import NetValues
import Observations
import ProbeKit
import Wire

/// One request and its answer, within bounds.
struct APIExchange {
    private static let otherServer = "check `server`: is this a Kubernetes API server?"

    private let access: ClusterAccess
    private let time: any TimeSource
    private let deadline: Instant
    private let largestBody: Int
    private var parser: HTTPResponseParser
    private var received = 0

    init(_ access: ClusterAccess, time: any TimeSource, deadline: Instant, largestBody: Int) {
        self.access = access
        self.time = time
        self.deadline = deadline
        self.largestBody = largestBody
        parser = HTTPResponseParser(method: "GET", limits: .init(bodyBytes: largestBody, bodyKept: largestBody))
    }

    /// The connection cannot be used again.
    var isLast: Bool {
        guard let head = parser.head, received == parser.bytesTaken else { return true }
        let options = head.fields.values("Connection").map { $0.lowercasedASCII() }
        return head.version == "HTTP/1.0" || options.contains { $0.contains("close") }
            || (head.fields.values("Content-Length").isEmpty && head.fields.values("Transfer-Encoding").isEmpty)
    }

    /// - Returns: nil where a connection that was used before ended without a byte.
    mutating func run(
        _ request: [UInt8], over stream: any ByteStream, isReused: Bool
    ) async throws(ClusterProblem) -> APIResponse? {
        let unsent = try await access.carrying { () throws(ProbeInterruption) in
            try await stream.write(request, deadline: deadline)
        }
        while !parser.isComplete {
            // A server that never stops must not outlive the deadline.
            guard time.now() < deadline else { throw broken(.deadline) }
            let reading = try await access.carrying { () throws(ProbeInterruption) in
                try await stream.read(upTo: 65_536, deadline: deadline)
            }
            switch reading {
            case .bytes(let bytes): try feed(bytes)
            case .end(let end):
                if received == 0, isReused, end != .deadline { return nil }
                if end != .closed || !parser.end() { throw broken(unsent ?? end) }
            }
        }
        guard let head = parser.head else { throw access.problem("answers without a status", Self.otherServer) }
        guard !parser.isBodyCut else {
            throw access.problem("answers with more than \(largestBody >> 20) MiB at once", Self.otherServer)
        }
        return APIResponse(status: head.status, fields: head.fields, body: parser.body)
    }

    private mutating func feed(_ bytes: [UInt8]) throws(ClusterProblem) {
        received += bytes.count
        do throws(HTTPMessageError) {
            _ = try parser.feed(bytes)
        } catch {
            throw access.problem("does not speak HTTP/1.1 (\(error.part.rawValue): \(error.reason))", Self.otherServer)
        }
    }

    private func broken(_ end: StreamEnd) -> ClusterProblem {
        switch end {
        case .deadline:
            return access.problem(
                parser.head == nil ? "does not answer in time" : "does not finish its answer in time",
                "try again when it is less busy")
        // TLS 1.3: what the server thinks of a client certificate comes after the handshake.
        case .tlsFailed(let alert) where received == 0:
            return access.problem(
                "ended TLS: \(alert.escaped(limit: 100))", "renew the client certificate of this user, if it has one")
        default: return access.problem("broke off its answer (\(end.words))", "try again; look at what stands between")
        }
    }
}

extension StreamEnd {
    var words: String {
        switch self {
        case .satisfied, .closed: "closed"
        case .deadline: "too late"
        case .failed(let failure): failure.name
        case .tlsFailed(let reason): "TLS: \(reason.escaped(limit: 100))"
        }
    }
}

extension ClusterAccess {
    func problem(_ cause: String, _ fix: String) -> ClusterProblem {
        ClusterProblem(.inability, place: place, cause: cause, fix: fix)
    }

    /// Work of a capability, whose own inabilities are told with this place.
    func carrying<Value>(
        _ work: () async throws(ProbeInterruption) -> Value
    ) async throws(ClusterProblem) -> Value {
        do throws(ProbeInterruption) {
            return try await work()
        } catch {
            throw ClusterProblem(error, place: place)
        }
    }
}
