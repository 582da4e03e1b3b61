import Connectivity
import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A flow that is declared as needed, and denied by policies (catalogue section 4).
enum PolicyDeniesExpectedFlow: AuditRule {
    static let explanation = FindingExplanation.shared("policy-denies-expected-flow", severity: .error)

    static func findings(in state: DeclaredState) -> [Finding] {
        guard !state.policies.isEmpty, !state.hasForeignPolicies else { return [] }
        let evaluation = PolicyEvaluation(state)
        return named(state, evaluation) + EntryFlows(state, evaluation).findings
    }

    private struct Key: Hashable {
        let service: DeclaredState.Name
        let port: UInt16
        let place: ManifestPlace
        let name: String
        let directions: [NetworkPolicy.Direction]
        let isDoubtful: Bool
    }

    private struct Answer {
        let egress: PolicyDenial?
        let ingress: PolicyDenial?

        var first: (NetworkPolicy.Direction, PolicyDenial)? {
            egress.map { (.egress, $0) } ?? ingress.map { (.ingress, $0) }
        }
    }

    private struct Denied {
        let flow: ExpectedFlow
        let egress: PolicyDenial?
        let ingress: PolicyDenial?
    }

    /// Sources that the same policy keeps from the same Service are one finding.
    private static func named(_ state: DeclaredState, _ evaluation: PolicyEvaluation) -> [Finding] {
        var order: [Key] = []
        var groups: [Key: [Denied]] = [:]
        let alike = LikeSources(state)
        var answers: [LikeSources.Key: Answer?] = [:]
        for flow in ExpectedFlow.all(state, evaluation) {
            let question = alike.key(flow)
            let answer = answers[question] ?? deny(flow, state, evaluation)
            answers[question] = .some(answer)
            guard let answer, let (_, denial) = answer.first else { continue }
            let directions: [NetworkPolicy.Direction] =
                (answer.egress == nil ? [] : [.egress]) + (answer.ingress == nil ? [] : [.ingress])
            let key = Key(
                service: DeclaredState.Name(flow.service.namespace, flow.service.name), port: flow.podPort,
                place: denial.place, name: denial.nearest.object.title, directions: directions,
                isDoubtful: flow.isDoubtful)
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(Denied(flow: flow, egress: answer.egress, ingress: answer.ingress))
        }
        guard !order.isEmpty else { return [] }
        let misstated = MisstatedPolicies(state)
        return order.compactMap { key -> Finding? in
            groups[key].flatMap { all -> Finding? in
                guard var finding = tell(all, state) else { return nil }
                finding.concerns = concerns(all[0], state, evaluation, misstated)
                return finding
            }
        }
    }

    /// Policies that would let the flow pass but for a mistake, and the Service where its port is the mistake.
    private static func concerns(
        _ denied: Denied, _ state: DeclaredState, _ evaluation: PolicyEvaluation, _ misstated: MisstatedPolicies
    ) -> Set<String> {
        let flow = denied.flow
        guard let target = flow.targets.first else { return [] }
        var sides: [MisstatedPolicies.Side] = []
        if denied.egress != nil {
            sides.append(MisstatedPolicies.Side(direction: .egress, own: flow.source, peer: target))
        }
        if denied.ingress != nil {
            sides.append(MisstatedPolicies.Side(direction: .ingress, own: target, peer: flow.source))
        }
        let found = sides.map { misstated.titles($0, flow.port, podPort: flow.podPort) }
        // Both sides have to be mended: one that has no mistake is denied in earnest.
        guard found.allSatisfy({ !$0.isEmpty }) else { return misportedService(flow, target, state, evaluation) }
        return found.reduce(into: misportedService(flow, target, state, evaluation)) { $0.formUnion($1) }
    }

    /// The pods declare another port, which may be reached.
    private static func misportedService(
        _ flow: ExpectedFlow, _ target: Int, _ state: DeclaredState, _ evaluation: PolicyEvaluation
    ) -> Set<String> {
        let isOpen = state.workloads[target].template.ports.contains { port in
            port.transport == flow.port.transport && port.number != flow.podPort
                && evaluation.verdict(
                    from: .workload(flow.source), to: .workload(target), transport: port.transport, port: port.number
                ).isAllowed
        }
        return isOpen ? [flow.service.object.title] : []
    }

    /// Denied on the way to every pod of the Service.
    private static func deny(
        _ flow: ExpectedFlow, _ state: DeclaredState, _ evaluation: PolicyEvaluation
    ) -> Answer? {
        let verdicts = flow.targets.lazy.map {
            evaluation.verdict(
                from: .workload(flow.source), to: .workload($0), transport: flow.port.transport, port: flow.podPort)
        }
        guard verdicts.allSatisfy({ !$0.isAllowed }), let target = flow.targets.first, let verdict = verdicts.first,
            !flow.targets.contains(where: {
                evaluation.isUndecided(
                    from: .workload(flow.source), to: .workload($0), transport: flow.port.transport, port: flow.podPort)
            })
        else { return nil }
        let names = ServicePods(flow.service, state).names(flow.port)
        func denial(_ direction: NetworkPolicy.Direction, at own: Int, other: Int) -> PolicyDenial? {
            guard verdict.deniedDirections.contains(direction) else { return nil }
            return PolicyDenial(
                evaluation.policies(isolating: own, direction), direction, of: flow, other: state.workloads[other],
                names: names, state)
        }
        return Answer(
            egress: denial(.egress, at: flow.source, other: target),
            ingress: denial(.ingress, at: target, other: flow.source))
    }

    private static func tell(_ all: [Denied], _ state: DeclaredState) -> Finding? {
        let first = all[0]
        let flow = first.flow
        guard let (direction, denial) = Answer(egress: first.egress, ingress: first.ingress).first else { return nil }
        let sources = all.map { state.workloads[$0.flow.source].title }.unique()
        let sides =
            first.egress == nil
            ? "egress allows it, ingress denies it"
            : first.ingress == nil ? "egress denies it, ingress allows it" : "egress and ingress deny it"
        var evidence = ["declared: \(listed(all.map(\.flow.reason).unique(), limit: 4))"]
        evidence.append("to port \(flow.podPort) of the pods of \(flow.service.object.title): \(sides)")
        for (side, denial) in [("egress", first.egress), ("ingress", first.ingress)] {
            guard let denial else { continue }
            let has = denial.policies.count == 1 ? "which has" : "which have"
            evidence.append("\(side) is decided by \(denial.words), \(has) no rule for it")
        }
        let uses = flow.isDoubtful ? "may use" : sources.count == 1 ? "uses" : "use"
        let denies =
            denial.policies.count == 1
            ? "\(denial.titles) denies it" : "no rule of \(denial.titles) allows it"
        return finding(
            denial.nearest.object, at: denial.place, confidence: flow.isDoubtful ? .possible : .likely,
            summary:
                "\(listed(sources)) \(uses) \(flow.service.object.title) on port \(flow.port.number), and \(denies) (\(direction.rawValue)).",
            evidence: evidence,
            cause:
                "A pod that a policy isolates may do only what a rule of some policy names; packets beyond that are dropped without a word.",
            remedy: flow.isDoubtful
                ? [
                    "see whether it is to reach the Service: an argument or a list of origins may name it for another reason",
                    "if it is, allow it by a policy for port \(flow.podPort) of these pods only; if not, nothing is wrong",
                ] : nil,
            patch: flow.isDoubtful ? nil : patch(all, state))
    }

    /// More sources than this are better described by one label, which somebody must choose.
    private static let mostPatched = 8

    private static func patch(_ all: [Denied], _ state: DeclaredState) -> String? {
        let (first, flow) = (all[0], all[0].flow)
        var seen: Set<[String]> = []
        let sources = all.map { state.workloads[$0.flow.source] }.filter { source in
            seen.insert([source.namespace] + source.labels.map { "\($0.key)=\($0.value)" }.sorted()).inserted
        }
        guard let pods = flow.service.selector, sources.count <= mostPatched, sources.allSatisfy({ !$0.labels.isEmpty })
        else { return nil }
        let port = (flow.port.transport, flow.podPort)
        let home = flow.service.namespace
        var nodes: [YAMLNode] = []
        if first.egress != nil {
            nodes += sources.map { source in
                PolicyTrees.allowing(
                    .egress, "\(source.name)-to-\(flow.service.name)", in: source.object.writtenNamespace,
                    pods: source.labels, peers: [PolicyTrees.peer(pods, in: source.namespace == home ? nil : home)],
                    port: port)
            }
        }
        if first.ingress != nil {
            let peers = sources.map { PolicyTrees.peer($0.labels, in: $0.namespace == home ? nil : $0.namespace) }
            nodes.append(
                PolicyTrees.allowing(
                    .ingress, "\(flow.service.name)-from-\(sources[0].name)", in: flow.service.object.writtenNamespace,
                    pods: pods, peers: peers, port: port))
        }
        return ManifestText.text(nodes)
    }
}
