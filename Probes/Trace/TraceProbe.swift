import NetValues
import Observations
import Planning
import ProbeKit

/// The way to a host, in rounds.
package struct TraceProbe: Probe {
    private let settings: TraceSettings

    package init(check: Check) throws(PlanProblem) {
        settings = try TraceSettings(check)
    }

    package func run(in context: ProbeContext) async throws(ProbeInterruption) {
        let start = context.time.now()
        let resolution = try await context.resolve(settings.host, deadline: start + context.check.timeout)
        let targets = context.check.seriesTargets(among: resolution.addresses, of: settings.host)
        for (number, target) in targets.enumerated() {
            let firstIndex = number * context.check.samples
            guard let address = target else {
                context.record(
                    Sample(
                        index: firstIndex, startedAt: start - context.runStart, outcome: .failed(.resolve),
                        latency: nil,
                        facts: resolution.facts))
                continue
            }
            let other = context.check.otherFamily(than: address, among: resolution.addresses)
            let reached = try await usable(address, or: other, context)
            let facts = number == 0 ? resolution.facts : []
            let run = TraceRun(
                settings: settings, context: context, address: reached, firstIndex: firstIndex, facts: facts)
            try await run.takeSamples()
        }
    }

    /// Applications prefer the family that has a route (RFC 6724 section 5, rule 1).
    private func usable(
        _ address: IPAddress, or other: IPAddress?, _ context: ProbeContext
    ) async throws(ProbeInterruption) -> IPAddress {
        guard let other else { return address }
        for candidate in [address, other] {
            let request = PathRequest(destination: Endpoint(candidate, settings.port), carrier: settings.carrier)
            let session = try await context.capabilities.paths.open(request)
            let route = await session.route()
            await session.close()
            if route.source != nil { return candidate }
        }
        return address
    }
}
