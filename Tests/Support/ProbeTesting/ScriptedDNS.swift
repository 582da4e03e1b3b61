import NetValues
import Observations
import ProbeKit
import Synchronization
import Wire

/// A whole world of DNS servers as one function. Time passes only by what the script says an exchange takes.
package final class ScriptedDNS: DNSExchanging {
    /// One question as it was put.
    package struct Asked: Sendable {
        package let server: Endpoint
        package let transport: DNSFact.Transport
        package let name: String
        package let type: DNSType
        package let query: DNSMessage
        package let source: IPAddress?
        package let deadline: Instant
        /// How often the same question went to the same server over the same transport before.
        package let before: Int
    }

    package enum Reply: Sendable {
        case message(DNSMessage, after: Duration = .milliseconds(1))
        case outcome(DNSFact.Outcome, after: Duration = .milliseconds(1))
        /// Nothing until the deadline.
        case silence
        /// Nothing until the asker is cancelled.
        case untilCancelled
        case unable(Inability)
    }

    private struct State {
        var asked: [Asked] = []
        var counts: [String: Int] = [:]
    }

    private let state = Mutex(State())
    private let time: ScriptedDNSTime
    private let script: @Sendable (Asked) -> Reply

    package init(time: ScriptedDNSTime = ScriptedDNSTime(), script: @escaping @Sendable (Asked) -> Reply) {
        self.time = time
        self.script = script
    }

    package var asked: [Asked] { state.withLock { $0.asked } }

    package func exchange(
        _ query: DNSMessage, with server: Endpoint, over transport: DNSFact.Transport, source: IPAddress?,
        deadline: Instant
    ) async throws(ProbeInterruption) -> DNSReply {
        let start = time.now()
        switch script(record(query, server, transport, source, deadline)) {
        case .message(let message, let span): return reply(.answered(message), start + span, start, deadline)
        case .outcome(let outcome, let span): return reply(outcome, start + span, start, deadline)
        case .silence: return reply(.timedOut, deadline, start, deadline)
        case .unable(let inability): throw .unable(inability)
        case .untilCancelled:
            await cancellation()
            throw .cancelled
        }
    }

    private func record(
        _ query: DNSMessage, _ server: Endpoint, _ transport: DNSFact.Transport, _ source: IPAddress?,
        _ deadline: Instant
    ) -> Asked {
        let name = query.questions.first?.name.description ?? ""
        let type = query.questions.first?.type ?? .a
        return state.withLock { state in
            let key = "\(server) \(transport) \(name) \(type)"
            let before = state.counts[key, default: 0]
            state.counts[key] = before + 1
            let asked = Asked(
                server: server, transport: transport, name: name, type: type, query: query, source: source,
                deadline: deadline,
                before: before)
            state.asked.append(asked)
            return asked
        }
    }

    private func reply(_ outcome: DNSFact.Outcome, _ end: Instant, _ start: Instant, _ deadline: Instant) -> DNSReply {
        // Asked beside a silent exchange that already moved the clock to their common deadline: both began before.
        if start >= deadline { return DNSReply(elapsed: max(.zero, end - start), outcome: outcome) }
        time.advance(to: min(end, deadline))
        return DNSReply(elapsed: min(end, deadline) - start, outcome: end <= deadline ? outcome : .timedOut)
    }

    private func cancellation() async {
        let (stream, continuation) = AsyncStream<Never>.makeStream()
        await withTaskCancellationHandler {
            for await _ in stream {}
        } onCancel: {
            continuation.finish()
        }
    }
}

/// A clock that stands still until the script moves it on.
package final class ScriptedDNSTime: TimeSource {
    private let instant = Mutex(Instant(nanoseconds: 1_000_000_000))

    package init() {}

    package func now() -> Instant { instant.withLock { $0 } }
    package func advance(to later: Instant) { instant.withLock { $0 = max($0, later) } }
    package func wallTime() -> WallTime { WallTime(seconds: 1_790_000_000) }

    package func sleep(until instant: Instant) async throws(ProbeInterruption) {
        if Task.isCancelled { throw .cancelled }
        advance(to: instant)
    }
}

extension DNSMessage {
    /// A server's answer to this question, for scripts.
    package func answered(
        _ data: [DNSRecordData] = [], rcode: DNSRcode = .noError, ttl: UInt32 = 60, isTruncated: Bool = false
    ) -> DNSMessage {
        let question = questions.first
        let records = data.map { item in
            DNSRecord(
                name: question?.name.absolute.description ?? ".", type: item.type(asked: question?.type), ttl: ttl,
                data: item)
        }
        return DNSMessage(
            id: id, isResponse: true, isTruncated: isTruncated, recursionAvailable: true, rcode: rcode,
            questions: questions,
            answers: records, edns: edns)
    }
}

extension DNSRecordData {
    fileprivate func type(asked: DNSType?) -> DNSType {
        switch self {
        case .address(.v4): .a
        case .address(.v6): .aaaa
        case .name: asked == .a || asked == .aaaa ? .cname : asked ?? .cname
        case .mx: .mx
        case .srv: .srv
        case .txt: .txt
        case .soa: .soa
        case .caa: .caa
        case .service, .raw: asked ?? .https
        }
    }
}
