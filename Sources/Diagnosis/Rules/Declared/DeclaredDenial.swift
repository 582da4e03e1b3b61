import Connectivity
import Manifests
import NetValues
import Observations

/// A flow of a check that the declared policies deny.
struct DeclaredDenial {
    let check: CheckEvidence
    let destination: DeclaredDestination
    let from: String
    /// Policies that isolate, by the direction in which they allow nothing of the flow.
    let decisions: [PolicyDecision]

    /// Nil where the vantage or the target is not known in the manifests, where some end is allowed, and where an ipBlock may hold a pod of unknown address.
    init?(_ check: CheckEvidence, _ view: DeclaredView) {
        guard let source = view.vantageParty, let from = view.vantageTitle,
            let destination = view.destination(of: check),
            !destination.ends.isEmpty
        else { return nil }
        let verdicts = destination.ends.map {
            view.evaluation.verdict(
                from: source, to: $0.party, transport: destination.transport, port: $0.port)
        }
        guard verdicts.allSatisfy({ !$0.isAllowed }),
            !destination.ends.contains(where: {
                view.evaluation.mayPassByAddress(
                    from: source, to: $0.party, transport: destination.transport, port: $0.port)
            })
        else { return nil }
        self.check = check
        self.destination = destination
        self.from = from
        decisions = verdicts.flatMap(\.decidedBy).unique()
    }

    var directions: [NetworkPolicy.Direction] {
        NetworkPolicy.Direction.allCases.filter { direction in
            decisions.contains { $0.direction == direction && $0.rule == nil }
        }
    }

    /// "egress of shop/web[Deployment] and ingress of shop/db[StatefulSet]"
    var words: String {
        let sides = directions.sorted { $0.rawValue < $1.rawValue }.map {
            $0 == .egress ? "egress of \(from)" : "ingress of \(destination.title)"
        }
        return listed(sides)
    }

    var lines: [String] {
        decisions.filter { $0.rule == nil }.map { decision in
            "policy \(decision.policy)\(decision.place.words.map { " (\($0))" } ?? "") isolates for \(decision.direction.rawValue) and has no rule for \(destination.transport.rawValue) \(portWords)"
        }
    }

    /// Attempts of this flow: a datagram beside the connections of a TCP check is of another.
    var flows: [Flow] { check.targetFlows.filter { $0.carrier == (destination.transport == .udp ? .udp : .tcp) } }

    var ports: [UInt16] { destination.ends.map(\.port).unique() }
    var portWords: String { listed(ports.map(String.init)) }

    /// Rules to add, one a policy: the narrowest that let this flow pass.
    func patch(_ view: DeclaredView) -> String? {
        let blocks = decisions.filter { $0.rule == nil }.compactMap { decision -> String? in
            guard let policy = view.state.policies.first(where: { "\($0.namespace)/\($0.name)" == decision.policy })
            else {
                return nil
            }
            return PolicyPatch.adding(
                to: policy, decision.direction, peers(decision.direction, policy, view), ports, destination.transport)
        }
        return blocks.isEmpty ? nil : blocks.unique().joined(separator: "\n---\n")
    }

    private func peers(
        _ direction: NetworkPolicy.Direction, _ policy: NetworkPolicy, _ view: DeclaredView
    ) -> [PolicyPatch.Peer] {
        let parties = direction == .egress ? destination.ends.map(\.party) : [view.vantageParty].compactMap(\.self)
        return parties.unique().compactMap { party in
            switch party {
            case .workload(let index): .pods(view.state.workloads[index], ofNamespace: policy.namespace)
            case .range(let range): .block(range)
            case .external: nil
            }
        }
    }
}

extension DeclaredDenial {
    /// The line of the first policy that says no.
    var location: Finding.Location? {
        decisions.first { $0.rule == nil }.map {
            Finding.Location(file: $0.place.file, line: $0.place.line, object: "NetworkPolicy \($0.policy)")
        }
    }
}
