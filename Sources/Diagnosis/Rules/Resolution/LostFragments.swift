import NetValues
import Observations
import Planning
import Wire

/// A datagram larger than a packet travels in fragments, which many filters drop: UDP is then silent for the names that have
/// large answers, where EDNS allows them. Told from a filtered port by what TCP brings.
extension CheckEvidence {
    /// Every silence of this check is that of a large answer.
    var losesFragments: Bool {
        guard check.kind == "dns", (check.parameters.number("edns") ?? 0) > Self.largestUnfragmented else {
            return false
        }
        let silent = dns.filter { !$0.step.isBeside && $0.flow.outcome == .silent }
        return !silent.isEmpty
            && silent.allSatisfy { question in
                dns.contains {
                    $0.step == .contrast && $0.isLarge && $0.name == question.name && $0.type == question.type
                }
            }
    }

    /// What DNS flag day 2020 settled on.
    fileprivate static let largestUnfragmented = 1232
}

extension ServerState {
    /// All checks that asked this server ask for large answers.
    var losesFragments: Bool { checks.allSatisfy(\.check.losesFragments) }
}

extension DNSFact {
    fileprivate var isLarge: Bool { (message?.encoded().count ?? 0) > CheckEvidence.largestUnfragmented }
}
