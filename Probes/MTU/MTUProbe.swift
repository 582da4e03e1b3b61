import NetValues
import Observations
import Planning
import ProbeKit

/// Finds how large a packet may be on the way to a host.
package struct MTUProbe: Probe {
    private let settings: MTUSettings

    package init(check: Check) throws(PlanProblem) {
        settings = try MTUSettings(check)
    }

    package func run(in context: ProbeContext) async throws(ProbeInterruption) {
        try await context.eachSample { start throws(ProbeInterruption) in
            try await MTUTrial(context: context, settings: settings).sample(start)
        }
    }
}

/// One search, by each method in turn.
private struct MTUTrial: Sendable {
    let context: ProbeContext
    let settings: MTUSettings

    /// For one method: enough for a target that answers one packet a second. A longer time-out of the check's is heeded.
    private static let span = Duration.seconds(15)

    func sample(_ start: SampleStart) async throws(ProbeInterruption) -> Sample {
        let resolved = try await context.resolve(settings.host, deadline: start.deadline)
        let addresses = addresses(among: resolved.addresses)
        var found: [PathMTUFact] = []
        for address in addresses { found += try await facts(of: address) }
        let isAnswered = found.contains { $0.largestPassed != nil }
        return Sample(
            index: start.index, startedAt: start.sinceRunStart,
            outcome: addresses.isEmpty ? .failed(.resolve) : isAnswered ? .answered : .failed(.path),
            latency: found.compactMap(\.roundTrip).min(), phases: Phases(resolve: resolved.elapsed),
            facts: resolved.facts + found.map { .pathMTU($0) }, comparisons: comparisons(found))
    }

    /// The first, or the first of each family where both are asked for.
    private func addresses(among addresses: [IPAddress]) -> [IPAddress] {
        let usable = addresses.reachable(from: context.check.source)
        guard context.check.family == .both else { return Array(usable.prefix(1)) }
        return IPAddress.Family.allCases.compactMap { family in usable.first { $0.family == family } }
    }

    private func facts(of address: IPAddress) async throws(ProbeInterruption) -> [PathMTUFact] {
        var facts: [PathMTUFact] = []
        var untried: [PathMTUFact.Untried] = []
        for method in settings.methods {
            do throws(ProbeInterruption) {
                facts += try await search(address, method, knowing: facts)
            } catch {
                guard case .unable(let reason) = error, !settings.isChosen else { throw error }
                untried.append(PathMTUFact.Untried(carrier: method.carrier, reason: reason))
            }
        }
        if facts.isEmpty, let last = untried.last { throw .unable(last.reason) }
        if !facts.isEmpty { facts[0].untried = untried }
        return facts
    }

    private func search(
        _ address: IPAddress, _ method: MTUSettings.Method, knowing facts: [PathMTUFact]
    ) async throws(ProbeInterruption) -> [PathMTUFact] {
        if method == .tcp { return try await segments(settings.destination(address, .tcp), knowing: facts) }
        let carrier = method.carrier
        let request = PathRequest(
            destination: settings.destination(address, method), carrier: carrier, source: context.check.source)
        let session = try await context.capabilities.paths.open(request)
        var search = PathMTUSearch(
            session, request,
            PathMTUSearch.Settings(
                smallest: settings.smallest, largest: facts.compactMap(\.linkMTU).max() ?? settings.largest,
                hints: facts.compactMap { $0.hasLimit ? $0.largestPassed : nil }, width: carrier == .icmp ? 8 : 3,
                patience: min(.seconds(1), context.check.timeout)),
            time: context.time, deadline: context.time.now() + max(Self.span, context.check.timeout))
        do throws(ProbeInterruption) {
            let fact = try await search.run()
            await session.close()
            return [fact]
        } catch {
            await session.close()
            throw error
        }
    }

    private func segments(
        _ endpoint: Endpoint, knowing facts: [PathMTUFact]
    ) async throws(ProbeInterruption) -> [PathMTUFact] {
        let search = SegmentSearch(
            context, to: endpoint, hints: facts.compactMap { $0.hasLimit ? $0.largestPassed : nil },
            patience: min(.seconds(1), context.check.timeout),
            deadline: context.time.now() + max(Self.span, context.check.timeout))
        let out = try await search.out(smallest: settings.smallest, largest: settings.largest)
        guard out.largestPassed != nil, let speech = settings.speech(to: endpoint, context.capabilities.tls) else {
            return [out]
        }
        let most = min(settings.largest, out.agreedSize ?? settings.largest)
        let back = try await search.back(smallest: settings.smallest, largest: most, speech)
        return [out] + [back].compactMap(\.self)
    }

    private func comparisons(_ facts: [PathMTUFact]) -> [Comparison] {
        guard let wanted = settings.wanted, let largest = facts.compactMap(\.largestPassed).max() else { return [] }
        return [
            Comparison(
                key: "min", expected: "\(wanted) bytes", seen: "\(largest) bytes", isMet: largest >= wanted,
                isDeclared: true)
        ]
    }
}
