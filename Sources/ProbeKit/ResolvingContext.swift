import NetValues
import Observations
import Planning

extension ProbeContext {
    /// The addresses of a host, of the families that the check admits, and the facts of how they were found.
    package func resolve(
        _ host: Host, deadline: Instant
    ) async throws(ProbeInterruption) -> (facts: [Fact], addresses: [IPAddress], elapsed: Duration) {
        let (source, found): (ResolutionFact.Source, [IPAddress]) =
            switch host {
            case .address(let address): (.literal, [address])
            case .name(let name): (.hostsFile, capabilities.hosts.lookup(name))
            }
        let admitted = found.filter { check.family.admits($0.family) }
        let outcome: ResolutionFact.Outcome =
            if found.isEmpty { .failed } else if admitted.isEmpty { .noAddress } else { .addresses(admitted) }
        let fact = ResolutionFact(
            host: host, source: found.isEmpty ? .dns : source, tried: [], outcome: outcome, elapsed: .zero)
        return ([.resolution(fact)], admitted, .zero)
    }
}
