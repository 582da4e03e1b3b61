import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A policy that names the port of a Service where it must name that of the pods (catalogue section 4).
enum PolicyPortNotTargetPort: AuditRule {
    static let explanation = FindingExplanation(
        id: "policy-port-not-targetport", severity: .error, title: "A policy names the Service's port, not the pods'",
        signals: [
            "a rule allows the `port` of a Service of the selected pods, and not its `targetPort`",
            "the same of an egress rule whose peers are the pods of a Service",
        ],
        lookalikes: [
            "service-port-mismatch: the Service itself leads to a port where nobody listens",
            "pods that listen on both ports, or another Service that leads there: the rule may mean that",
        ],
        traps: [
            "policies see a packet after the Service's address was translated; a few plug-ins look before",
            "a target port may be a name, which is looked up in each pod", "a headless Service translates nothing",
        ],
        remedy: ["write the pods' port (the Service's targetPort) in the policy"])

    private struct Case {
        let policy: NetworkPolicy
        let direction: NetworkPolicy.Direction
        let rule: NetworkPolicy.Rule
        let entry: NetworkPolicy.PortEntry
        let pods: ServicePods
        let port: DeclaredService.Port
        let target: UInt16
    }

    static func findings(in state: DeclaredState) -> [Finding] {
        let policies = state.policies.filter { $0.mistakes.isEmpty }
        guard !policies.isEmpty else { return [] }
        let translated = Dictionary(
            grouping: state.services.filter { service in
                service.selector != nil && !service.isHeadless && service.kind != .externalName
                    && service.ports.contains { $0.target != .number($0.number) }
            }.map { ServicePods($0, state) }, by: \.service.namespace)
        guard !translated.isEmpty else { return [] }
        let all = Dictionary(grouping: state.services, by: \.namespace)
        return policies.flatMap { policy -> [Finding] in
            let own = translated[policy.namespace] ?? []
            let chosen = own.filter { $0.areSelected(by: policy.selector) }
            let ingress = cases(policy, .ingress) { _ in chosen }
            let egress = cases(policy, .egress) { peers(of: $0, policy, translated, state) }
            var seen: Set<Int> = []
            return (ingress + egress).filter { found in
                !isMeant(found, all[found.pods.service.namespace] ?? []) && seen.insert(found.entry.line).inserted
            }.map(tell)
        }
    }

    private static func cases(
        _ policy: NetworkPolicy, _ direction: NetworkPolicy.Direction,
        _ services: (NetworkPolicy.Rule) -> [ServicePods]
    ) -> [Case] {
        guard policy.isolates.contains(direction) else { return [] }
        return policy.rules(direction).flatMap { rule -> [Case] in
            guard let entries = rule.ports else { return [] }
            return services(rule).flatMap { pods in
                pods.service.ports.compactMap { port -> Case? in
                    guard let target = pods.podPort(port), target != port.number,
                        !rule.covers(port.transport, target, named: pods.names(port)),
                        let entry = entries.first(where: { $0.number == .range(port.number...port.number) }),
                        entry.transport == port.transport
                    else { return nil }
                    return Case(
                        policy: policy, direction: direction, rule: rule, entry: entry, pods: pods, port: port,
                        target: target)
                }
            }
        }
    }

    private static func peers(
        of rule: NetworkPolicy.Rule, _ policy: NetworkPolicy, _ services: [String: [ServicePods]],
        _ state: DeclaredState
    ) -> [ServicePods] {
        (rule.peers ?? []).flatMap { peer -> [ServicePods] in
            guard let wanted = peer.pods, !wanted.selector.selectsEverything else { return [] }
            let names =
                wanted.namespaces.map { selector in
                    services.keys.filter { selector.matches(state.labels(ofNamespace: $0)) }.sorted()
                } ?? [policy.namespace]
            return names.flatMap { services[$0] ?? [] }.filter { $0.areSelected(by: wanted.selector) }
        }
    }

    /// The port that is written is one of the pods too, or another rule lets the right one pass from the same peers.
    private static func isMeant(_ found: Case, _ services: [DeclaredService]) -> Bool {
        if found.pods.listens(found.port.transport, found.port.number) { return true }
        let others = services.filter { $0.selector == found.pods.service.selector }
        if others.contains(where: { $0.ports.contains { $0.target == .number(found.port.number) } }) { return true }
        let names = found.pods.names(found.port)
        return found.policy.rules(found.direction).contains { rule in
            rule.covers(found.port.transport, found.target, named: names)
                && (rule.peers == nil || rule.peers?.map(\.peer) == found.rule.peers?.map(\.peer))
        }
    }

    private static func tell(_ found: Case) -> Finding {
        let place = found.policy.place(of: found.entry, found.direction)
        let (port, target) = (found.port.number, found.target)
        let patched = place.node.flatMap { node in
            found.policy.object.file == nil
                ? nil
                : ManifestText.text(found.policy.object.root.replacing(scalarAt: node.mark, with: .number(target)))
        }
        let whose = found.direction == .ingress ? "the pods it protects" : "its peers"
        return finding(
            found.policy.object, at: place.place, confidence: .likely,
            summary:
                "\(found.policy.object.title) allows \(port), the port of \(found.pods.title); \(whose) get that on port \(target).",
            evidence: [
                "\(found.pods.title)\(found.pods.service.object.place.words.map { " (\($0))" } ?? ""): port \(port), targetPort \(target)",
                "no rule for the same peers allows \(found.port.transport.rawValue)/\(target)",
            ],
            cause:
                "Policies see packets after the Service's address and port were translated: nothing that they allow arrives, and what arrives they drop.",
            remedy: ["write port \(target) in place of \(port) in the policy"], patch: patched)
    }
}
