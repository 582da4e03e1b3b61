import NetValues
import Observations
import Planning

extension ProbeContext {
    /// The addresses that a host stands for, of the families that the check admits, and how that was found out.
    /// No address is no error: the facts say why there is none.
    package func resolve(
        _ host: Host, deadline: Instant
    ) async throws(ProbeInterruption) -> (facts: [Fact], addresses: [IPAddress], elapsed: Duration) {
        let started = time.now()
        let source: ResolutionFact.Source
        let known: [IPAddress]
        switch host {
        case .address(let address): (source, known) = (.literal, [address])
        case .name(let name): (source, known) = (.hostsFile, capabilities.hosts.lookup(name))
        }
        let admitted = known.filter { check.family.admits($0.family) }
        let elapsed = time.now() - started
        let outcome: ResolutionFact.Outcome =
            !admitted.isEmpty ? .addresses(admitted) : known.isEmpty ? .nameNotFound : .noAddress
        let fact = ResolutionFact(host: host, source: source, tried: [], outcome: outcome, elapsed: elapsed)
        return ([.resolution(fact)], admitted, elapsed)
    }
}
