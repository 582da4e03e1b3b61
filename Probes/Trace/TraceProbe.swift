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
        let targets = Self.targets(among: resolution.addresses, of: settings.host, for: context.check)
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
            let other = otherFamily(than: address, among: resolution.addresses, context.check)
            let reached = try await usable(address, or: other, context)
            let facts = number == 0 ? resolution.facts : []
            let run = TraceRun(
                settings: settings, context: context, address: reached, firstIndex: firstIndex, facts: facts)
            try await run.takeSamples()
        }
    }

    /// The first address, or the first of each family when both are asked for of a name; nil for one that there is not. A source
    /// address decides the family.
    private static func targets(among addresses: [IPAddress], of host: Host, for check: Check) -> [IPAddress?] {
        let usable = addresses.filter { address in
            check.family.admits(address.family) && check.source.map { $0.family == address.family } ?? true
        }
        guard check.family == .both, host.name != nil, check.source == nil, !usable.isEmpty else {
            return [usable.first]
        }
        return IPAddress.Family.allCases.map { family in usable.first { $0.family == family } }
    }

    private func otherFamily(than address: IPAddress, among addresses: [IPAddress], _ check: Check) -> IPAddress? {
        guard check.family == .any, check.source == nil else { return nil }
        return addresses.first { $0.family != address.family }
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
