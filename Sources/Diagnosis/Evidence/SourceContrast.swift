import NetValues
import Observations
import Planning

/// An endpoint that a check cannot reach from the address that the plan gives it, while other checks of the run reach it from
/// other addresses of this host.
struct SourceContrast {
    let failing: [IPAddress]
    let working: [IPAddress]

    /// Nil where the plan names no source, or the same one works too.
    init?(_ check: CheckEvidence, in evidence: Evidence) {
        guard check.check.source != nil else { return nil }
        let endpoints = Set(check.connects.map(\.endpoint))
        let own = Set(check.connects.compactMap(\.source?.address))
        guard !own.isEmpty, !endpoints.isDisjoint(with: evidence.openEndpoints) else { return nil }
        var others: Set<IPAddress> = []
        for connect in evidence.checks.lazy.flatMap(\.connects) {
            guard connect.outcome == .connected, endpoints.contains(connect.endpoint), let source = connect.source
            else {
                continue
            }
            if own.contains(source.address) { return nil }
            others.insert(source.address)
        }
        guard !others.isEmpty else { return nil }
        failing = own.sorted { $0.description < $1.description }
        working = others.sorted { $0.description < $1.description }
    }

    /// "from 198.18.1.2 it works, from 198.18.1.3 it does not"
    var words: String {
        "from \(listed(working.map(\.description))) it works, from \(listed(failing.map(\.description))) it does not"
    }
}
