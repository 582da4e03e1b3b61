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
    /// The same once for each pod that it may end at.
    private let answers: [FlowAnswer.Flow]
    /// An ipBlock that the source may send to has the Service's own address. Whether policies see that address or the pod's is left
    /// to the network plugin (NetworkPolicyPeer.ipBlock: "before or after").
    let mayPassByServiceAddress: Bool

    /// Nil where the vantage or the target is not known in the manifests, where some end is allowed, and where addresses or labels
    /// that rules ask for were not read.
    init?(_ check: CheckEvidence, _ view: DeclaredView) {
        guard let source = view.vantageParty, let from = view.vantageTitle,
            let destination = view.destination(of: check),
            !destination.ends.isEmpty
        else { return nil }
        let evaluation = view.evaluation
        let answers = destination.ends.map { end in
            FlowAnswer.Flow(
                from: source, to: end.party, transport: destination.transport, port: end.port,
                verdict: evaluation.verdict(
                    from: source, to: end.party, transport: destination.transport, port: end.port))
        }
        guard answers.allSatisfy({ !$0.verdict.isAllowed }),
            !answers.contains(where: {
                evaluation.isUndecided(from: source, to: $0.to, transport: $0.transport, port: $0.port)
            })
        else { return nil }
        self.check = check
        self.destination = destination
        self.from = from
        self.answers = answers
        decisions = answers.flatMap(\.verdict.decidedBy).unique()
        mayPassByServiceAddress = Self.mayPassByServiceAddress(answers, destination, view)
    }

    private static func mayPassByServiceAddress(
        _ answers: [FlowAnswer.Flow], _ destination: DeclaredDestination, _ view: DeclaredView
    ) -> Bool {
        guard let service = destination.service, let vantage = view.vantage, !service.isHeadless else { return false }
        let ports = answers.map(\.port) + [destination.port]
        let rules = view.evaluation.policies(isolating: vantage, .egress).flatMap(\.egress)
        return answers.allSatisfy { $0.verdict.deniedDirections == [.egress] }
            && rules.contains { rule in
                ports.contains { rule.mayAllow(destination.transport, $0) }
                    && (rule.peers ?? []).contains { entry in
                        guard case .block(let range, let except) = entry.peer else { return false }
                        return service.addresses.contains { address in
                            range.contains(address) && !except.contains { $0.contains(address) }
                        }
                    }
            }
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

    /// Policies to add, one a direction: the narrowest that let this flow pass.
    func patch(_ view: DeclaredView) -> String? {
        let blocks = MissingRules(view.evaluation).patches(for: answers)
        return blocks.isEmpty ? nil : blocks.joined(separator: "\n---\n")
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
