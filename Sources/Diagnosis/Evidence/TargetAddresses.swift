import NetValues
import Observations
import Planning
import Wire

/// The addresses that a check's own target stands for, without those of redirects.
extension CheckEvidence {
    var targetAddresses: [IPAddress] {
        if check.kind == "dns" {
            return dns.filter { !$0.step.isBeside }.flatMap(\.data).compactMap(\.address).unique()
        }
        guard let host = check.target.host else { return [] }
        return ((host.address.map { [$0] } ?? []) + resolutions.filter { $0.host == host }.flatMap(\.addresses))
            .unique()
    }

    /// Those that something was sent to, and that answered.
    var answeringAddresses: Set<IPAddress> {
        Set(targetFlows.lazy.filter { $0.outcome == .answered }.map(\.destination))
    }
}

extension DNSRecord {
    var address: IPAddress? { if case .address(let address) = data { address } else { nil } }
    /// Where an alias leads to.
    var alias: String? {
        if type == .cname, case .name(let name) = data { name } else { nil }
    }
}
