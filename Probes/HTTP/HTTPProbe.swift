import NetValues
import Observations
import Planning
import ProbeKit

/// Asks an HTTP server for a URL, on connections of its own, and follows its redirects.
package struct HTTPProbe: Probe {
    private let settings: HTTPSettings

    package init(check: Check) throws(PlanProblem) {
        settings = try HTTPSettings(check: check)
    }

    package func run(in context: ProbeContext) async throws(ProbeInterruption) {
        try await context.eachSample { start throws(ProbeInterruption) in
            try await sample(start, in: context)
        }
    }

    private func sample(_ start: SampleStart, in context: ProbeContext) async throws(ProbeInterruption) -> Sample {
        var look = HTTPWalk(settings: settings, context: context, start: start)
        let addresses = try await look.addresses(of: settings.url)
        let lanes = HTTPLanes(addresses, family: context.check.family, asksAll: settings.asksAllAddresses)
        var walks: [HTTPWalk] = []
        if lanes.lanes.count < 2 {
            try await look.follow()
            walks = [look]
        } else {
            walks = try await Self.walk(lanes.lanes, after: look)
        }
        var facts = (walks.count > 1 ? look.facts : []) + walks.flatMap(\.facts)
        if settings.surveysAddresses {
            facts += try await context.survey(
                addresses, besides: facts, port: settings.destination(of: settings.url).port, start)
        }
        let verdict = HTTPVerdict(settings: settings, wallTime: context.time.wallTime())
        let comparisons = lanes.comparisons + verdict.comparisons(of: walks)
        // Of lanes side by side the slowest is the whole exchange.
        let slowest = walks.max { $0.watch.total < $1.watch.total } ?? look
        let stage = walks.lazy.compactMap(\.failure).first
        return Sample(
            index: start.index, startedAt: start.sinceRunStart, outcome: stage.map { .failed($0) } ?? .answered,
            latency: stage == nil ? slowest.watch.total : nil, phases: slowest.watch.phases, facts: facts,
            comparisons: comparisons)
    }

    /// One walk for each lane, all at the same time; in the order of the lanes.
    private static func walk(
        _ lanes: [[IPAddress]], after look: HTTPWalk
    ) async throws(ProbeInterruption) -> [HTTPWalk] {
        let results = await withTaskGroup(of: (Int, Result<HTTPWalk, ProbeInterruption>).self) { group in
            for (index, lane) in lanes.enumerated() {
                let begun = look.branch(to: lane)
                group.addTask {
                    var walk = begun
                    do throws(ProbeInterruption) {
                        try await walk.follow()
                        return (index, .success(walk))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var walks: [HTTPWalk] = []
        for (_, result) in results.sorted(by: { $0.0 < $1.0 }) { walks.append(try result.get()) }
        return walks
    }
}
