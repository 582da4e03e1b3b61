import NetValues
import Observations
import Planning
import ProbeKit

/// One connection that is left idle and then used once.
struct IdleConnection: Sendable {
    struct Outcome: Sendable {
        let connect: ConnectFact
        /// Nil without a connection, and where the server never fell silent.
        let idle: IdleFact?
    }

    let context: ProbeContext
    let endpoint: Endpoint
    let words: [UInt8]

    /// A server that says so much of its own accord is not idle.
    private static let mostReads = 64
    /// How often it is looked whether TCP has acknowledged what was sent, where no answer comes.
    private static let look = Duration.milliseconds(500)

    func leave(for span: Duration) async throws(ProbeInterruption) -> Outcome {
        let attempt = try await context.capabilities.streams.connect(
            to: endpoint, source: context.check.source, deadline: context.time.now() + context.check.timeout)
        guard let stream = attempt.stream else { return Outcome(connect: attempt.fact, idle: nil) }
        do throws(ProbeInterruption) {
            let fact = try await use(stream, of: attempt.fact, after: span)
            await stream.close()
            return Outcome(connect: attempt.fact, idle: fact)
        } catch {
            await stream.close()
            throw error
        }
    }

    private func use(
        _ stream: any ByteStream, of connect: ConnectFact, after span: Duration
    ) async throws(ProbeInterruption) -> IdleFact? {
        let opened = context.time.now()
        guard let (early, quietSince) = try await wait(on: stream, span) else { return nil }
        let used = context.time.now()
        if early != .deadline {
            return IdleFact(
                endpoint: endpoint, source: connect.source, idle: used - opened, end: early, elapsed: .zero,
                isWhileIdle: true)
        }
        let end = try await answer(on: stream, deadline: used + context.check.timeout)
        // Longer than it should be where this process did not get to run.
        let idle = span == .zero ? .zero : max(span, used - quietSince)
        return IdleFact(
            endpoint: endpoint, source: connect.source, idle: idle, end: end, elapsed: context.time.now() - used)
    }

    /// Until nothing has come for so long: `deadline` then, or why the connection ended before. Nil when it never fell silent.
    private func wait(
        on stream: any ByteStream, _ span: Duration
    ) async throws(ProbeInterruption) -> (StreamEnd, quietSince: Instant)? {
        for _ in 0..<Self.mostReads {
            let quietSince = context.time.now()
            switch try await stream.read(upTo: 4096, deadline: quietSince + span) {
            case .bytes: continue
            case .end(let end): return (end, quietSince)
            }
        }
        return nil
    }

    private func answer(on stream: any ByteStream, deadline: Instant) async throws(ProbeInterruption) -> StreamEnd {
        if let end = try await stream.write(words, deadline: deadline) { return end }
        while true {
            let now = context.time.now()
            guard now < deadline else { return .deadline }
            switch try await stream.read(upTo: 4096, deadline: min(deadline, now + Self.look)) {
            // A FIN in answer to our words has passed the same way.
            case .bytes, .end(.closed): return .satisfied
            case .end(.deadline): if await stream.isAcknowledged() == true { return .satisfied }
            case .end(let end): return end
            }
        }
    }
}

extension IdleFact {
    /// Nil for an end that has nothing to do with the idle time.
    var verdict: IdleSearch.Verdict? {
        if isWhileIdle { return .ended }
        switch end {
        case .satisfied: return .alive
        case .deadline: return .dead
        case .failed(let failure): return failure.isReset || failure.name == "ETIMEDOUT" ? .dead : nil
        case .closed, .tlsFailed: return nil
        }
    }
}
