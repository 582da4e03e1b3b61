import Manifests
import NetValues

/// On what an answer rests that a reader might take otherwise.
struct AnswerNotes {
    private let evaluation: PolicyEvaluation
    private let flows: [FlowAnswer.Flow]

    init(_ evaluation: PolicyEvaluation, _ flows: [FlowAnswer.Flow]) {
        self.evaluation = evaluation
        self.flows = flows
    }

    var all: [String] {
        let perFlow = flows.flatMap { exemption($0) + hostNetwork($0) + replicas($0) + addresses($0) + namespaces($0) }
        return (perFlow + families + ranges + refused + replaced).unique()
    }

    private func workload(_ party: Party) -> Workload? {
        if case .workload(let index) = party { evaluation.state.workloads[index] } else { nil }
    }

    private func exemption(_ flow: FlowAnswer.Flow) -> [String] {
        switch flow.verdict.exemption {
        case .itself: ["a pod always reaches itself, whatever policies say"]
        case .ownNode: ["traffic between a node and the pods on it always passes, whatever policies say"]
        case nil: []
        }
    }

    private func hostNetwork(_ flow: FlowAnswer.Flow) -> [String] {
        guard flow.verdict.exemption == nil else { return [] }
        return [flow.from, flow.to].compactMap(workload).filter(\.isHostNetwork).map { workload in
            let denied =
                flow.verdict.isAllowed
                ? "" : "; with a pod on the same node it may talk all the same, whatever policies say"
            return
                "\(workload.title) uses its node's network: no policy and no selector means it, only an ipBlock\(denied)"
        }
    }

    private func replicas(_ flow: FlowAnswer.Flow) -> [String] {
        guard flow.from == flow.to, flow.verdict.exemption == nil, let workload = workload(flow.from) else { return [] }
        return ["this is between two pods of \(workload.title); each reaches itself in any case"]
    }

    /// A range that might hold a pod whose address nobody knows decides nothing.
    private func addresses(_ flow: FlowAnswer.Flow) -> [String] {
        guard !flow.verdict.isAllowed else { return [] }
        return flow.verdict.deniedDirections.compactMap { direction in
            let peer = direction == .ingress ? flow.from : flow.to
            guard let workload = workload(peer), workload.addresses.isEmpty, namesBlocks(flow, direction) else {
                return nil
            }
            return "the address of \(workload.title) is not known here, so no ipBlock was taken to hold it"
        }
    }

    private func namesBlocks(_ flow: FlowAnswer.Flow, _ direction: NetworkPolicy.Direction) -> Bool {
        peers(flow, direction).contains { if case .block = $0 { true } else { false } }
    }

    private func namespaces(_ flow: FlowAnswer.Flow) -> [String] {
        guard !flow.verdict.isAllowed else { return [] }
        return flow.verdict.deniedDirections.compactMap { direction in
            let peer = direction == .ingress ? flow.from : flow.to
            guard let workload = workload(peer), evaluation.state.namespaces[workload.namespace] == nil,
                peers(flow, direction).contains(where: asksNamespaceLabels)
            else { return nil }
            return
                "the labels of namespace \(workload.namespace) are not in these manifests: only its name was matched by namespace selectors"
        }
    }

    private func asksNamespaceLabels(_ peer: NetworkPolicy.Peer) -> Bool {
        guard case .pods(_, let selector?) = peer else { return false }
        return selector.requirements.contains { $0.key != "kubernetes.io/metadata.name" }
    }

    private func peers(_ flow: FlowAnswer.Flow, _ direction: NetworkPolicy.Direction) -> [NetworkPolicy.Peer] {
        guard case .workload(let own) = direction == .ingress ? flow.to : flow.from else { return [] }
        return evaluation.policies(isolating: own, direction).flatMap { $0.rules(direction) }.flatMap { $0.peers ?? [] }
            .map(\.peer)
    }

    /// Of a range of which a part may pass.
    private var ranges: [String] {
        flows.compactMap { flow in
            guard !flow.verdict.isAllowed else { return nil }
            let allowed = allowedParts(flow)
            guard !allowed.isEmpty else { return nil }
            let isOfOneFamily = [flow.from, flow.to].contains(.external) && allowed == ["0.0.0.0/0"]
            let rest = isOfOneFamily ? ", which is all of IPv4; no rule is for IPv6 (::/0)" : ""
            return "a part of it may pass: \(allowed.prefix(6).joined(separator: ", "))\(rest)"
        }
    }

    private func allowedParts(_ flow: FlowAnswer.Flow) -> [String] {
        let isOutside = [flow.from, flow.to].map { workload($0) == nil }
        guard isOutside[0] != isOutside[1] else { return [] }
        var parts: [String] = []
        ConnectivityRows(evaluation, from: flow.from, to: flow.to).forEach { row in
            guard row.ports.contains(flow.transport, flow.port) else { return }
            let end = isOutside[0] ? row.from : row.to
            guard case .range(let range, let except) = end else { return }
            let holes = except.isEmpty ? "" : " without \(except.prefix(4).map(\.description).joined(separator: ", "))"
            parts.append("\(range)\(holes)")
        }
        return parts
    }

    /// A pod of both families has policies for each (Kubernetes dual-stack): a range of one says nothing of the other.
    private var families: [String] {
        flows.filter(\.verdict.isAllowed).compactMap { flow in
            guard let target = workload(flow.to), flow.verdict.exemption == nil else { return nil }
            let denied = [IPAddress.Family.v4, .v6].filter { family in
                let addresses = target.addresses.filter { $0.family == family }
                return !addresses.isEmpty && addresses.allSatisfy { !passes(flow, at: $0) }
            }
            guard denied.count == 1, Set(target.addresses.map(\.family)).count == 2 else { return nil }
            return
                "\(target.title) has addresses of both families, and only by IP\(denied[0] == .v4 ? "v6" : "v4") does a rule let this pass"
        }
    }

    /// Whether the source may send to one address of the pod, by rules for the pod or for the address.
    private func passes(_ flow: FlowAnswer.Flow, at address: IPAddress) -> Bool {
        guard case .workload(let own) = flow.from, evaluation.isIsolated(own, .egress),
            case .workload(let target) = flow.to
        else { return true }
        return evaluation.policies(isolating: own, .egress).flatMap(\.egress).contains { rule in
            rule.mayAllow(flow.transport, flow.port)
                && rule.peers?.contains { entry in
                    switch entry.peer {
                    case .block(let range, let except):
                        range.contains(address) && !except.contains { $0.contains(address) }
                    case .pods(let selector, _): selector.matches(evaluation.state.workloads[target].labels)
                    }
                } ?? true
        }
    }

    private var replaced: [String] {
        evaluation.replaced.prefix(4).map { policy in
            let place = policy.object.place.words.map { " (\($0))" } ?? ""
            return
                "NetworkPolicy \(policy.namespace)/\(policy.name)\(place) was left out: the same name is given again later, and what is applied last counts"
        }
    }

    private var refused: [String] {
        evaluation.refused.prefix(4).map { policy in
            let place = policy.object.place.words.map { " (\($0))" } ?? ""
            return
                "NetworkPolicy \(policy.namespace)/\(policy.name)\(place) was left out: the API would refuse it (\(policy.mistakes.first?.message ?? "invalid"))"
        }
    }
}
