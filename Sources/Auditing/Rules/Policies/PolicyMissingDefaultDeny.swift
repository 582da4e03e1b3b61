import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// Pods that the policies of their namespace leave open (catalogue section 4).
enum PolicyMissingDefaultDeny: AuditRule {
    static let explanation = FindingExplanation(
        id: "policy-missing-default-deny", severity: .warning, title: "Pods are left open by the policies around them",
        signals: [
            "other pods of the namespace are isolated in a direction, and these are not",
            "of a whole cluster: a namespace with pods and without any policy",
        ],
        lookalikes: ["a policy with an empty podSelector isolates all: that is the default that is wanted"],
        traps: [
            "a namespace of which no policy was read is not judged: they may be kept elsewhere",
            "other kinds of policy (Cilium, Calico, AdminNetworkPolicy) may isolate: nothing is said beside them",
        ],
        remedy: [
            "allow the flows that are needed, then add a policy with an empty podSelector and both policyTypes to the namespace",
            "where a direction is meant to be open, say so with a rule that allows everything",
        ])

    static func findings(in state: DeclaredState) -> [Finding] {
        guard !state.hasForeignPolicies else { return [] }
        let groups = PodGroups(state)
        let placement = Placement(state)
        let byNamespace = Dictionary(grouping: groups.groups, by: \.namespace)
        let services = Dictionary(grouping: state.services.filter { $0.selector != nil }, by: \.namespace)
        let judged = groups.policiesIn.keys.sorted().flatMap { namespace -> [Finding] in
            let numbers = (groups.policiesIn[namespace] ?? []).filter { placement.isPlaced(groups.policies[$0].object) }
            guard !numbers.isEmpty else { return [] }
            let space = Space(
                numbers: numbers, policies: numbers.map { groups.policies[$0] }, pods: byNamespace[namespace] ?? [],
                services: services[namespace] ?? [],
                state: state)
            return [space.openIngress(groups), space.openEgress(groups)].compactMap(\.self)
        }
        return judged + (state.set.hasAllPods && state.set.hasAllPolicies ? bare(groups, state) : [])
    }

    private struct Space {
        /// Of its policies, within the groups'.
        let numbers: [Int]
        let policies: [NetworkPolicy]
        let pods: [PodGroup]
        let services: [DeclaredService]
        let state: DeclaredState

        /// Pods, or what a Service means where no pod was read, that nobody isolates although others are.
        func openIngress(_ groups: PodGroups) -> Finding? {
            let isolating = policies.filter { $0.isolates.contains(.ingress) }
            guard let first = isolating.first else { return nil }
            let workloads = pods.filter { groups.policies(isolating: $0, .ingress).isEmpty }
                .flatMap(groups.workloads).filter { !["Job", "CronJob"].contains($0.kind) }
            let hasDefault = isolating.contains { $0.selector.selectsEverything }
            let unseen = services.filter { service in
                guard !hasDefault, service.kind != .externalName else { return false }
                let pods = ServicePods(service, state)
                return pods.workloads.isEmpty && !isolating.contains { pods.areSelected(by: $0.selector) }
            }
            let names = workloads.map(\.title) + unseen.map { "the pods of \($0.object.title)" }
            guard let object = workloads.first?.object ?? unseen.first?.object else { return nil }
            let place = workloads.isEmpty ? object.place(object["spec", "selector"]) : object.place
            return tell(
                object, place,
                "\(listed(names)) can be entered from anywhere: no policy selects \(names.count == 1 ? "it" : "them").",
                .ingress, first, isSafe: unseen.isEmpty && !areEntered(workloads))
        }

        /// By Services: to isolate such pods cuts off who uses them.
        private func areEntered(_ workloads: [Workload]) -> Bool {
            let selectors = services.compactMap(\.selector).map { LabelSelector(matchLabels: $0) }
            let labels = Set(workloads.map(\.labels))
            guard labels.count * selectors.count < 1_000_000 else { return true }
            return labels.contains { labels in selectors.contains { $0.matches(labels) } }
        }

        /// Pods that only an ingress policy selects, in a namespace where others are held in egress too.
        func openEgress(_ groups: PodGroups) -> Finding? {
            guard let first = policies.first(where: { $0.isolates.contains(.egress) }) else { return nil }
            let half = numbers.first { number in
                let policy = groups.policies[number]
                guard !policy.isolates.contains(.egress), !isPairedForEgress(policy) else { return false }
                return groups.selected[number].allSatisfy {
                    groups.policies(isolating: groups.groups[$0], .egress).isEmpty
                }
            }.map { groups.policies[$0] }
            guard let half else { return nil }
            let spec = half.object.spec
            return tell(
                half.object, half.object.place(spec?.entry("policyTypes") ?? spec?.entry("podSelector")),
                "\(half.object.title) isolates its pods for ingress only: they may open connections to anywhere.",
                .egress, first, isSafe: false)
        }

        private func isPairedForEgress(_ policy: NetworkPolicy) -> Bool {
            let own = Set(policy.selector.requirements)
            return policies.contains {
                $0.isolates.contains(.egress) && own.isSuperset(of: $0.selector.requirements)
            }
        }

        private func tell(
            _ object: ManifestObject, _ place: ManifestPlace, _ summary: String,
            _ direction: NetworkPolicy.Direction, _ other: NetworkPolicy, isSafe: Bool
        ) -> Finding {
            finding(
                object, at: place, confidence: state.set.hasAllPolicies ? .certain : .likely, summary: summary,
                evidence: [
                    "\(other.object.title) isolates pods of the same namespace for \(direction.rawValue)",
                    "no policy of the namespace with an empty podSelector isolates the rest",
                ],
                cause:
                    "What no policy selects is open; policies protect only the pods that they select, in their own directions.",
                // What the pods need is seldom known: to deny all beside it breaks what works.
                patch: isSafe ? ManifestText.text(PolicyTrees.denial(other.object.writtenNamespace, [direction])) : nil)
        }
    }

    /// Namespaces of a whole cluster that have pods and no policy.
    private static func bare(_ groups: PodGroups, _ state: DeclaredState) -> [Finding] {
        let names = Set(state.workloads.filter { !$0.isHostNetwork }.map(\.namespace)).sorted()
        let policed = Set(state.policies.map(\.namespace))
        return names.filter { !policed.contains($0) && !$0.hasPrefix("kube-") }.compactMap { name in
            let pods = state.workloads(in: name)
            guard let object = state.object("Namespace", "default", name) ?? pods.first?.object else { return nil }
            return finding(
                object, summary: "Namespace \(name) has \(counted(pods.count, "workload")) and no NetworkPolicy.",
                evidence: ["no NetworkPolicy of namespace \(name) exists, nor any other kind of policy in the cluster"],
                cause: "What no policy selects may be entered from anywhere and may open connections to anywhere.")
        }
    }
}
