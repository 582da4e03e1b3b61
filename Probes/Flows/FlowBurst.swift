import NetValues
import Observations
import Planning
import ProbeKit

/// The many connections to one endpoint: started at a pace, each waited for, those that come about held.
struct FlowBurst: Sendable {
    let context: ProbeContext
    let endpoint: Endpoint
    let settings: FlowsSettings
    let held: HeldStreams
    /// When the first one started.
    let start: Instant

    /// So many are started before those at work get their turn.
    private static let group = 16

    /// All but the first, in the order of their starts.
    /// - Throws: our own inability, such as too few descriptors. What was opened is held all the same: the caller closes it.
    func openFurther() async throws(ProbeInterruption) -> [FlowsFact.Attempt] {
        let begin = context.time.now()
        let attempts = await withTaskGroup(of: (Int, FlowsFact.Attempt)?.self) { group in
            for index in 1..<settings.count {
                guard await isDue(index, since: begin) else { break }
                group.addTask { await attempt(index) }
            }
            if held.interruption != nil { group.cancelAll() }
            var attempts: [(Int, FlowsFact.Attempt)] = []
            for await case let attempt? in group {
                attempts.append(attempt)
                if held.interruption != nil { group.cancelAll() }
            }
            return attempts
        }
        if let interruption = held.interruption { throw interruption }
        return attempts.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// Waits for the turn of a connection; false when no more are to be opened.
    private func isDue(_ index: Int, since begin: Instant) async -> Bool {
        let span = Duration.nanoseconds(Int64(index - 1) * 1_000_000_000 / Int64(settings.startsPerSecond))
        do throws(ProbeInterruption) {
            if begin + span > context.time.now() {
                try await context.time.sleep(until: begin + span)
            } else if index % Self.group == 0 {
                await Task.yield()
            }
        } catch {
            held.stop(error)
        }
        if Task.isCancelled { held.stop(.cancelled) }
        return held.interruption == nil
    }

    /// Nil when it could not be made; then `held` knows why.
    private func attempt(_ index: Int) async -> (Int, FlowsFact.Attempt)? {
        let began = context.time.now()
        do throws(ProbeInterruption) {
            let made = try await context.capabilities.streams.connect(
                to: endpoint, source: context.check.source, deadline: began + settings.hold)
            if let stream = made.stream { held.hold(stream, index) }
            return (index, FlowsFact.Attempt(began, since: start, made.fact))
        } catch {
            held.stop(error)
            return nil
        }
    }
}

extension FlowsFact.Attempt {
    init(_ began: Instant, since start: Instant, _ fact: ConnectFact) {
        self.init(startedAt: began - start, elapsed: fact.elapsed, outcome: fact.outcome)
    }
}
