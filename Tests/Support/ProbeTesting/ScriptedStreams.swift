import NetValues
import Observations
import ProbeKit
import Synchronization
import Testing

/// What becomes of one connection: whether it is accepted, and what the peer then says.
package struct StreamScript: Sendable {
    package enum Opening: Sendable {
        case connected
        case refused
        /// Silence: the clock goes on to the deadline.
        case timedOut
        case failed(SocketFailure)
        /// Our own inability, thrown.
        case unable(Inability)
    }

    package enum Step: Sendable {
        case bytes([UInt8])
        /// So long passes before the next step.
        case wait(Duration)
        case end(StreamEnd)
        /// Nothing more ever comes: the clock goes on to the deadline.
        case silence
    }

    package var opening: Opening
    package var connectTime: Duration
    package var steps: [Step]
    /// What a write answers instead of taking the bytes.
    package var writeFailure: StreamEnd?

    package init(
        _ steps: [Step] = [], opening: Opening = .connected, connectTime: Duration = .milliseconds(1),
        writeFailure: StreamEnd? = nil
    ) {
        self.opening = opening
        self.connectTime = connectTime
        self.steps = steps
        self.writeFailure = writeFailure
    }

    package static let refused = StreamScript(opening: .refused)
    package static let timedOut = StreamScript(opening: .timedOut)

    /// Says the texts one after the other, a millisecond before each, then closes.
    package static func saying(_ texts: String...) -> StreamScript {
        StreamScript(texts.flatMap { [Step.wait(.milliseconds(1)), .bytes(Array($0.utf8))] } + [.end(.closed)])
    }
}

/// TCP by script. Each endpoint has its scripts, used one after the other; the last one is used again when more connections come.
/// An endpoint without a script fails the test.
package final class ScriptedStreams: StreamConnecting {
    private struct State {
        var scripts: [Endpoint: [StreamScript]]
        var connections: [ScriptedConnection] = []
    }

    private let time: ManualTime
    private let state: Mutex<State>

    package init(_ scripts: [Endpoint: [StreamScript]], time: ManualTime) {
        self.time = time
        state = Mutex(State(scripts: scripts))
    }

    /// `"192.0.2.1:80": [...]`; a text that is no endpoint fails the test.
    package convenience init(_ scripts: KeyValuePairs<String, [StreamScript]>, time: ManualTime) {
        var table: [Endpoint: [StreamScript]] = [:]
        for (text, list) in scripts {
            guard let endpoint = Endpoint(text) else {
                Issue.record("\(text) is no endpoint")
                continue
            }
            table[endpoint] = list
        }
        self.init(table, time: time)
    }

    /// Every connection attempt, in order.
    package var connections: [ScriptedConnection] { state.withLock(\.connections) }

    package func connect(
        to endpoint: Endpoint, source: IPAddress?, deadline: Instant
    ) async throws(ProbeInterruption) -> ConnectAttempt {
        if Task.isCancelled { throw .cancelled }
        guard let script = next(endpoint) else {
            Issue.record("connected to \(endpoint), which has no script")
            throw .cancelled
        }
        let connection = ScriptedConnection(
            endpoint: endpoint, source: source, deadline: deadline, script: script, time: time)
        state.withLock { $0.connections.append(connection) }
        let started = time.now()
        if case .unable(let inability) = script.opening { throw .unable(inability) }
        let outcome = Self.outcome(of: script, time: time, deadline: deadline)
        let fact = ConnectFact(
            endpoint: endpoint, source: nil, elapsed: time.now() - started, outcome: outcome, tcp: nil)
        return ConnectAttempt(fact: fact, stream: outcome == .connected ? connection : nil)
    }

    /// The work beside a handshake begins only where that stays silent, and then at the deadline: two of them would move one clock.
    package func connect(
        to endpoint: Endpoint, source: IPAddress?, deadline: Instant, beside: @escaping @Sendable () async -> Void
    ) async throws(ProbeInterruption) -> ConnectAttempt {
        let attempt = try await connect(to: endpoint, source: source, deadline: deadline)
        if attempt.fact.outcome == .timedOut { await beside() }
        return attempt
    }

    private func next(_ endpoint: Endpoint) -> StreamScript? {
        state.withLock { state in
            guard let scripts = state.scripts[endpoint], let first = scripts.first else { return nil }
            if scripts.count > 1 { state.scripts[endpoint] = Array(scripts.dropFirst()) }
            return first
        }
    }

    private static func outcome(of script: StreamScript, time: ManualTime, deadline: Instant) -> ConnectFact.Outcome {
        if case .timedOut = script.opening {
            time.advance(to: deadline)
            return .timedOut
        }
        let answered = time.now() + script.connectTime
        time.advance(to: min(answered, deadline))
        if answered > deadline { return .timedOut }
        switch script.opening {
        case .failed(let failure): return .failed(failure)
        case .refused: return .failed(SocketFailure(code: 111, name: "ECONNREFUSED"))
        case .connected, .timedOut, .unable: return .connected
        }
    }
}

/// One scripted connection: plays its steps, and keeps what was written to it.
package final class ScriptedConnection: ByteStream {
    private struct State {
        var steps: ArraySlice<StreamScript.Step>
        var written: [UInt8] = []
        var isClosed = false
    }

    package let endpoint: Endpoint
    package let source: IPAddress?
    /// Until when the connection attempt was allowed to last.
    package let deadline: Instant
    private let time: ManualTime
    private let writeFailure: StreamEnd?
    private let state: Mutex<State>

    package init(endpoint: Endpoint, source: IPAddress?, deadline: Instant, script: StreamScript, time: ManualTime) {
        self.endpoint = endpoint
        self.source = source
        self.deadline = deadline
        self.time = time
        writeFailure = script.writeFailure
        state = Mutex(State(steps: script.steps[...]))
    }

    package var written: [UInt8] { state.withLock(\.written) }
    package var writtenText: String { String(decoding: written, as: UTF8.self) }
    package var isClosed: Bool { state.withLock(\.isClosed) }

    package func read(upTo count: Int, deadline: Instant) async throws(ProbeInterruption) -> StreamRead {
        if Task.isCancelled { throw .cancelled }
        if isClosed { Issue.record("read from \(endpoint) after it was closed") }
        while true {
            switch takeStep(upTo: count) {
            case .bytes(let bytes): return .bytes(bytes)
            case .end(let end): return .end(end)
            case .silence:
                time.advance(to: deadline)
                return .end(.deadline)
            case .wait(let span):
                if let rest = wait(span, until: deadline) {
                    state.withLock { $0.steps.insert(.wait(rest), at: $0.steps.startIndex) }
                    return .end(.deadline)
                }
            }
        }
    }

    package func write(_ bytes: [UInt8], deadline: Instant) async throws(ProbeInterruption) -> StreamEnd? {
        if Task.isCancelled { throw .cancelled }
        if isClosed { Issue.record("wrote to \(endpoint) after it was closed") }
        if let writeFailure { return writeFailure }
        state.withLock { $0.written += bytes }
        return nil
    }

    package func close() async { state.withLock { $0.isClosed = true } }

    /// After the last step the peer has closed.
    private func takeStep(upTo count: Int) -> StreamScript.Step {
        state.withLock { state in
            guard let step = state.steps.first else { return .end(.closed) }
            switch step {
            case .bytes(let bytes) where bytes.count > count:
                state.steps[state.steps.startIndex] = .bytes(Array(bytes.dropFirst(count)))
                return .bytes(Array(bytes.prefix(count)))
            case .end, .silence: break
            case .bytes, .wait: state.steps.removeFirst()
            }
            return step
        }
    }

    /// What is left of the span when the deadline comes first.
    private func wait(_ span: Duration, until deadline: Instant) -> Duration? {
        let over = time.now() + span
        time.advance(to: min(over, deadline))
        return over > deadline ? over - deadline : nil
    }
}
