import NetValues
import Observations
import Planning
import ProbeKit

/// Finds after how long a silent connection is forgotten on the way.
package struct IdleProbe: Probe {
    private let settings: IdleSettings

    package init(check: Check) throws(PlanProblem) {
        settings = try IdleSettings(check)
    }

    package func run(in context: ProbeContext) async throws(ProbeInterruption) {
        try await context.eachSample { start throws(ProbeInterruption) in
            try await IdleTrial(context: context, settings: settings).sample(start)
        }
    }
}

/// One search.
private struct IdleTrial: Sendable {
    let context: ProbeContext
    let settings: IdleSettings

    private static let mostAddresses = 8

    func sample(_ start: SampleStart) async throws(ProbeInterruption) -> Sample {
        let resolved = try await context.resolve(settings.target.host, deadline: start.deadline)
        let addresses = resolved.addresses.reachable(from: context.check.source).prefix(Self.mostAddresses)
        var connects: [ConnectFact] = []
        var idle: [IdleFact] = []
        var search = IdleSearch(longest: settings.longest)
        for address in addresses where idle.isEmpty {
            let endpoint = Endpoint(address, settings.target.port)
            // Used at once: what does not work then has nothing to do with being idle.
            let first = try await connection(to: endpoint).leave(for: .zero)
            connects.append(first.connect)
            guard let control = first.idle else { continue }
            idle.append(control)
            guard control.verdict == .alive else { break }
            try await carryOut(&search, endpoint, &connects, &idle)
        }
        let accepted = connects.first { $0.outcome == .connected }
        return Sample(
            index: start.index, startedAt: start.sinceRunStart,
            outcome: outcome(addresses.isEmpty, accepted, idle), latency: accepted?.elapsed,
            phases: Phases(resolve: resolved.elapsed, connect: accepted?.elapsed),
            facts: resolved.facts + connects.map { .connect($0) } + idle.map { .idle($0) },
            comparisons: comparisons(search, idle))
    }

    private func connection(to endpoint: Endpoint) -> IdleConnection {
        IdleConnection(context: context, endpoint: endpoint, words: settings.words.bytes)
    }

    private func outcome(_ isUnresolved: Bool, _ accepted: ConnectFact?, _ idle: [IdleFact]) -> Sample.Outcome {
        if isUnresolved { return .failed(.resolve) }
        if accepted == nil { return .failed(.connect) }
        return idle.first?.verdict == .alive ? .answered : .failed(.response)
    }

    private func carryOut(
        _ search: inout IdleSearch, _ endpoint: Endpoint, _ connects: inout [ConnectFact], _ idle: inout [IdleFact]
    ) async throws(ProbeInterruption) {
        let end = context.time.now() + settings.budget
        while true {
            let spans = search.nextRound(within: end - context.time.now())
            if spans.isEmpty { return }
            for outcome in try await round(spans, endpoint) {
                connects.append(outcome.connect)
                guard let fact = outcome.idle else { continue }
                idle.append(fact)
                if let verdict = fact.verdict { search.note(fact.idle, verdict) }
            }
        }
    }

    /// All at once, one connection for each span. What is longer than the shortest that is dead is not waited for.
    /// - Parameter spans: rising.
    private func round(_ spans: [Duration], _ endpoint: Endpoint) async throws(ProbeInterruption) -> [IdleConnection
        .Outcome]
    {
        let results = await withTaskGroup(of: (Int, Result<IdleConnection.Outcome, ProbeInterruption>).self) { group in
            for (index, span) in spans.enumerated() {
                group.addTask {
                    do throws(ProbeInterruption) {
                        return (index, .success(try await connection(to: endpoint).leave(for: span)))
                    } catch { return (index, .failure(error)) }
                }
            }
            var results: [Int: Result<IdleConnection.Outcome, ProbeInterruption>] = [:]
            for await (index, result) in group {
                results[index] = result
                if isDecided(results) { group.cancelAll() }
            }
            return results
        }
        if Task.isCancelled { throw .cancelled }
        var outcomes: [IdleConnection.Outcome] = []
        for index in results.keys.sorted() {
            switch results[index] {
            case .success(let outcome): outcomes.append(outcome)
            case .failure(.unable(let inability)): throw .unable(inability)
            // One that need not be waited for.
            case .failure(.cancelled), nil: break
            }
        }
        return outcomes
    }

    /// Some span is not survived, and all shorter ones are known; or we cannot go on.
    private func isDecided(_ results: [Int: Result<IdleConnection.Outcome, ProbeInterruption>]) -> Bool {
        for index in 0... {
            switch results[index] {
            case .success(let outcome): if let verdict = outcome.idle?.verdict, verdict != .alive { return true }
            case .failure(.unable): return true
            case .failure(.cancelled), nil: return false
            }
        }
        return false
    }

    private func comparisons(_ search: IdleSearch, _ idle: [IdleFact]) -> [Comparison] {
        guard let wanted = settings.wanted, idle.first?.verdict == .alive else { return [] }
        let ends = idle.filter { $0.verdict != .alive && $0.verdict != nil }.map(\.idle)
        let shortest = ends.min()
        let survived = "\(search.longestAlive.spoken) survived"
        return [
            Comparison(
                key: "survives", expected: wanted.spoken,
                seen: shortest.map { "\(survived), \($0.spoken) not" } ?? survived,
                isMet: search.longestAlive >= wanted && shortest.map { $0 > wanted } ?? true, isDeclared: true)
        ]
    }
}
