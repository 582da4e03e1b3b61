import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// Routes to subsets that nobody defines, or that hold no pod.
enum MeshSubsetUndefined: AuditRule {
    static let explanation = FindingExplanation.shared("mesh-subset-undefined", severity: .error)

    static func findings(in state: DeclaredState) -> [Finding] {
        let used = routed(state)
        let hosts = Set(state.mesh.destinationRules.map(\.host)).sorted()
        return state.mesh.virtualServices.flatMap { undefined($0, hosts, state) }
            + state.mesh.destinationRules.flatMap { empty($0, used, state) }
    }

    private struct Subset: Hashable {
        let host: String
        let name: String
    }

    /// Subsets that some route sends requests to.
    private static func routed(_ state: DeclaredState) -> Set<Subset> {
        var used: Set<Subset> = []
        for service in state.mesh.virtualServices {
            for destination in service.routes.flatMap(\.destinations) where destination.weight != 0 {
                guard let name = destination.subset else { continue }
                used.insert(Subset(host: MeshHost.full(destination.host, in: service.object.namespace), name: name))
            }
        }
        return used
    }

    /// - Parameter hosts: of all DestinationRules, in order.
    private static func undefined(
        _ service: VirtualService, _ hosts: [String], _ state: DeclaredState
    ) -> [Finding] {
        var told = Set<String>()
        return service.routes.flatMap(\.destinations).compactMap { destination in
            guard let subset = destination.subset, told.insert("\(destination.host) \(subset)").inserted else {
                return nil
            }
            let full = MeshHost.full(destination.host, in: service.object.namespace)
            let rules = state.mesh.destinationRules(for: full)
            guard !rules.contains(where: { $0.subsets.contains { $0.name == subset } }) else { return nil }
            return finding(service, destination, subset, rules, hosts, state)
        }
    }

    private static func finding(
        _ service: VirtualService, _ destination: VirtualService.Destination, _ subset: String,
        _ rules: [DestinationRule], _ others: [String], _ state: DeclaredState
    ) -> Finding {
        let host = destination.host.escaped(limit: 253)
        let isKnown = !rules.isEmpty || state.set.isComplete
        let isLikely =
            DeclaredState.isDocument(service.object.file) || nearestWord(to: destination.host, among: others) != nil
        var evidence: [String]
        if rules.isEmpty {
            evidence = ["no DestinationRule for \(host) among what was read"]
            if !others.isEmpty {
                evidence.append(
                    "there are some for \(others.prefix(5).map { $0.escaped(limit: 253) }.joined(separator: ", "))"
                )
            }
        } else {
            let names = Set(rules.flatMap(\.subsets).map(\.name)).sorted().map { $0.escaped(limit: 63) }
            evidence = [
                "\(rules[0].object.title) defines \(names.isEmpty ? "no subset" : names.joined(separator: ", "))"
            ]
        }
        return finding(
            service.object, at: service.object.place(destination.node["subset"]),
            confidence: isKnown ? .certain : isLikely ? .likely : .possible,
            summary:
                "\(service.object.title) routes to the subset \(subset.escaped(limit: 63)) of \(host), which no DestinationRule defines.",
            evidence: evidence,
            cause: "Envoy has no cluster for such a subset and answers 503 to all that is routed there.")
    }

    /// Only where pods of the Service were read.
    private static func empty(_ rule: DestinationRule, _ used: Set<Subset>, _ state: DeclaredState) -> [Finding] {
        let host = MeshHost.full(rule.host, in: rule.object.namespace)
        guard !rule.subsets.isEmpty, let name = MeshHost.service(host),
            let service = state.service(name.namespace, name.name)
        else { return [] }
        let pods = state.workloads(of: service)
        guard !pods.isEmpty else { return [] }
        return rule.subsets.compactMap { subset in
            let selector = LabelSelector(matchLabels: subset.labels)
            guard used.contains(Subset(host: host, name: subset.name)),
                !pods.contains(where: { selector.matches($0.labels) })
            else { return nil }
            return finding(
                rule.object, at: rule.object.place(subset.node), confidence: .likely,
                summary:
                    "\(rule.object.title): no pod of \(service.object.title) is in the subset \(subset.name.escaped(limit: 63)) (\(selector.words.escaped(limit: 200))).",
                evidence: [
                    "\(counted(pods.count, "workload")) behind the Service, none of them with these labels",
                    "a VirtualService routes to it",
                ],
                cause: "Envoy finds no healthy upstream for the subset and answers 503.",
                remedy: ["correct the labels of the subset, or put them on the pods' template"])
        }
    }
}
