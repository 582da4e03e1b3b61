import IdleProbe
import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Synchronization
import Testing

/// Connections that live for so long without a word.
private final class ForgetfulStreams: StreamConnecting {
    enum Fate: Sendable { case reset, closedMeanwhile, resetMeanwhile, refusesWords }

    private let limit: Duration
    private let fate: Fate
    private let streams = Mutex<[ForgetfulStream]>([])

    init(limit: Duration, _ fate: Fate) {
        self.limit = limit
        self.fate = fate
    }

    var made: [ForgetfulStream] { streams.withLock { $0 } }

    func connect(
        to endpoint: Endpoint, source: IPAddress?, deadline: Instant
    ) async throws(ProbeInterruption) -> ConnectAttempt {
        let stream = ForgetfulStream(limit: limit, fate)
        streams.withLock { $0.append(stream) }
        let fact = ConnectFact(
            endpoint: endpoint, source: nil, elapsed: .milliseconds(1), outcome: .connected, tcp: nil)
        return ConnectAttempt(fact: fact, stream: stream)
    }
}

private final class ForgetfulStream: ByteStream {
    private struct State {
        var idle = Duration.zero
        var isUsed = false
        var isClosed = false
    }

    private let limit: Duration
    private let fate: ForgetfulStreams.Fate
    private let state = Mutex(State())

    init(limit: Duration, _ fate: ForgetfulStreams.Fate) {
        self.limit = limit
        self.fate = fate
    }

    var isClosed: Bool { state.withLock(\.isClosed) }

    /// The clock of the test stands: what is waited for is what the deadline says.
    func read(upTo count: Int, deadline: Instant) async throws(ProbeInterruption) -> StreamRead {
        state.withLock { state in
            guard state.isUsed else {
                state.idle = deadline - StandingTime.instant
                if state.idle < limit { return .end(.deadline) }
                switch fate {
                case .closedMeanwhile: return .end(.closed)
                case .resetMeanwhile: return .end(.failed(SocketFailure(code: 104, name: "ECONNRESET")))
                case .reset, .refusesWords: return .end(.deadline)
                }
            }
            let isAlive = state.idle < limit && fate != .refusesWords
            return isAlive ? .bytes([1]) : .end(.failed(SocketFailure(code: 104, name: "ECONNRESET")))
        }
    }

    func write(_ bytes: [UInt8], deadline: Instant) async throws(ProbeInterruption) -> StreamEnd? {
        state.withLock { $0.isUsed = true }
        return nil
    }

    func close() async { state.withLock { $0.isClosed = true } }
}

private struct StandingTime: TimeSource {
    static let instant = Instant(nanoseconds: 1_000_000_000)

    func now() -> Instant { Self.instant }
    func sleep(until instant: Instant) async throws(ProbeInterruption) {}
    func wallTime() -> WallTime { WallTime(seconds: 1_769_860_800) }
}

@Suite struct IdleProbeTests {
    private func check(
        _ parameters: [String: ParameterValue] = [:], survives: Duration? = nil, target: String = "192.0.2.1:80"
    ) throws -> Check {
        Check(
            name: "idle", kind: "idle", target: try #require(Target(target, form: .hostPort)), timeout: .seconds(2),
            expectation: Expectation(parameters: Parameters(survives.map { ["survives": .span($0)] } ?? [:])),
            parameters: Parameters(parameters))
    }

    private func run(
        _ check: Check, limit: Duration, _ fate: ForgetfulStreams.Fate = .reset
    ) async throws -> (sample: Sample, facts: [IdleFact], streams: [ForgetfulStream]) {
        let streams = ForgetfulStreams(limit: limit, fate)
        let samples = try await runProbe(
            try IdleProbe(check: check), check: check, capabilities: .scripted(streams: streams), time: StandingTime())
        let sample = try #require(samples.first)
        let facts = sample.facts.compactMap { if case .idle(let fact) = $0 { fact } else { nil } }
        return (sample, facts, streams.made)
    }

    private func longestAlive(_ facts: [IdleFact]) -> Duration? {
        facts.filter { $0.end == .satisfied }.map(\.idle).max()
    }
    private func shortestDead(_ facts: [IdleFact]) -> Duration? { facts.filter(\.end.isReset).map(\.idle).min() }

    @Test func nothingIsForgotten_allSpansAreTried() async throws {
        let run = try await run(check(["longest": .span(.seconds(300))]), limit: .seconds(1000))
        #expect(run.facts.map(\.idle).sorted() == [0, 1, 5, 15, 60, 240, 300].map { .seconds($0) })
        #expect(run.facts.allSatisfy { $0.end == .satisfied } && run.sample.isGood)
        #expect(run.streams.allSatisfy { $0.isClosed })
    }

    @Test(arguments: [2.5, 17, 100, 239]) func theLimit_isNarrowed(_ seconds: Double) async throws {
        let limit = Duration.milliseconds(Int64(seconds * 1000))
        let run = try await run(check(["longest": .span(.seconds(300))]), limit: limit)
        let survived = try #require(longestAlive(run.facts))
        let died = try #require(shortestDead(run.facts))
        #expect(survived < limit && died >= limit)
        #expect(died - survived <= max(.seconds(1), survived / 8))
        #expect(run.streams.allSatisfy { $0.isClosed })
    }

    @Test func theBudget_endsTheSearch() async throws {
        let run = try await run(
            check(["longest": .span(.seconds(60)), "budget": .span(.seconds(60))]), limit: .seconds(16))
        // What lies between 15 and 60 seconds would take as long again.
        #expect(longestAlive(run.facts) == .seconds(15) && shortestDead(run.facts) == .seconds(60))
    }

    @Test(arguments: [ForgetfulStreams.Fate.closedMeanwhile, .resetMeanwhile])
    fileprivate func anEndWhileIdle_isNotSearchedFor(_ fate: ForgetfulStreams.Fate) async throws {
        let run = try await run(check(), limit: .seconds(3), fate)
        #expect(run.facts.contains { $0.isWhileIdle } && longestAlive(run.facts) == .seconds(1))
        #expect(run.facts.count <= 5)
    }

    @Test func whoAnswersNotEvenAtOnce_isNotSearched() async throws {
        let run = try await run(check(), limit: .seconds(3), .refusesWords)
        #expect(run.sample.outcome == .failed(.response) && run.facts.count == 1)
    }

    @Test func whatMustSurvive_isCompared() async throws {
        let short = try await run(check(survives: .seconds(30)), limit: .seconds(16)).sample
        #expect(short.comparisons.map(\.isMet) == [false] && !short.isGood)
        let enough = try await run(check(survives: .seconds(10)), limit: .seconds(16)).sample
        #expect(enough.comparisons.map(\.isMet) == [true])
    }

    @Test(
        arguments: [
            (["longest": .span(.seconds(60)), "budget": .span(.seconds(30))], nil, "192.0.2.1:80", "budget"),
            (["longest": .span(.seconds(10))], .seconds(20), "192.0.2.1:80", "survives"),
            ([:], nil, "192.0.2.1:5432", "send"),
        ] as [([String: ParameterValue], Duration?, String, String)])
    func mistakes_areTold(
        _ parameters: [String: ParameterValue], _ survives: Duration?, _ target: String, _ key: String
    ) throws {
        let check = try check(parameters, survives: survives, target: target)
        let problem = #expect(throws: PlanProblem.self) { try IdleProbe(check: check) }
        #expect(problem?.message.hasPrefix("\(key): ") == true)
    }
}
