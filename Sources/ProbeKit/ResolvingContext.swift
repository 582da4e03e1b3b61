import NetValues
import Observations
import Planning

extension ProbeContext {
    /// The addresses that a host stands for, of the families that the check admits, and how that was found out.
    /// No address is no error: the facts say why there is none.
    package func resolve(
        _ host: Host, deadline: Instant
    ) async throws(ProbeInterruption) -> (facts: [Fact], addresses: [IPAddress], elapsed: Duration) {
        // The check's source address is for its target; name servers may need another.
        let resolver = AddressResolver(capabilities, time: time)
        let resolution = try await resolver.resolve(host, family: check.family, source: nil, deadline: deadline)
        return (resolution.facts, resolution.fact.addresses, resolution.fact.elapsed)
    }
}

extension [IPAddress] {
    /// Those that a source address can speak to; when it can speak to none, all, since that mistake is told at connecting.
    package func reachable(from source: IPAddress?) -> [IPAddress] {
        let matching = filter { source == nil || source?.family == $0.family }
        return matching.isEmpty ? self : matching
    }
}
