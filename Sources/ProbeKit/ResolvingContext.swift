import NetValues
import Observations
import Planning

extension ProbeContext {
    /// The addresses of a host, of the families that the check admits, with how they were found.
    package func resolve(
        _ host: Host, deadline: Instant
    ) async throws(ProbeInterruption) -> (facts: [Fact], addresses: [IPAddress], elapsed: Duration) {
        let start = time.now()
        let source: ResolutionFact.Source
        let found: [IPAddress]
        switch host {
        case .address(let address): (source, found) = (.literal, [address])
        case .name(let name): (source, found) = (.hostsFile, capabilities.hosts.lookup(name))
        }
        let admitted = found.filter { check.family.admits($0.family) }
        let outcome: ResolutionFact.Outcome =
            found.isEmpty ? .nameNotFound : admitted.isEmpty ? .noAddress : .addresses(admitted)
        let elapsed = time.now() - start
        let fact = ResolutionFact(host: host, source: source, tried: [], outcome: outcome, elapsed: elapsed)
        return ([.resolution(fact)], admitted, elapsed)
    }
}

extension [IPAddress] {
    /// Those that a source address can speak to; when it can speak to none, all, since that mistake is told at connecting.
    package func reachable(from source: IPAddress?) -> [IPAddress] {
        let matching = filter { source == nil || source?.family == $0.family }
        return matching.isEmpty ? self : matching
    }
}
