import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A policy that lets in public addresses only, where packets arrive from private ones (catalogue section 4).
enum PolicyIPBlockExcludesLBSource: AuditRule {
    static let explanation = FindingExplanation(
        id: "policy-ipblock-excludes-lb-source", severity: .error,
        title: "A policy keeps out the sources that a load balancer uses",
        signals: [
            "the pods of a LoadBalancer or NodePort Service, or of an Ingress, may be entered from ipBlocks only, and a private range is excepted from them or none is among them"
        ],
        lookalikes: [
            "0.0.0.0/0 without exceptions, or a block that holds the nodes: they are let in",
            "externalTrafficPolicy: Local without an Ingress: the client's own address arrives",
        ],
        traps: [
            "with externalTrafficPolicy: Cluster (the default) the source is the node that took the packet; on AKS always so",
            "connections that land on the pod's own node pass: a share works",
            "health checks of the kubelet pass all the same",
        ],
        remedy: [
            "allow the pods of the ingress controller and the addresses of the nodes beside the public ranges",
            "or set externalTrafficPolicy: Local, so that the client's address arrives",
        ])

    static func findings(in state: DeclaredState) -> [Finding] {
        let groups = PodGroups(state)
        guard !groups.policies.isEmpty, !state.hasForeignPolicies else { return [] }
        let backends = Set(
            state.ingresses.flatMap { ingress in
                ingress.backends.map { DeclaredState.Name(ingress.namespace, $0.service) }
            })
        let entries = Dictionary(
            grouping: state.services.filter { $0.selector != nil }.compactMap { service in
                let name = DeclaredState.Name(service.namespace, service.name)
                return Entry(service, isBackend: backends.contains(name)).map { ($0, ServicePods(service, state)) }
            }, by: { $0.1.service.namespace })
        return groups.policies.indices.compactMap { index -> Finding? in
            let policy = groups.policies[index]
            guard policy.isolates.contains(.ingress), policy.ingress.contains(where: { $0.peers?.isEmpty == false })
            else { return nil }
            for (entry, pods) in entries[policy.namespace] ?? [] {
                guard pods.areSelected(by: policy.selector) else { continue }
                let union = union(policy, index, groups)
                if let found = judge(policy, union, pods, entry, state) { return found }
            }
            return nil
        }
    }

    /// How packets from outside reach a Service's pods.
    private struct Entry {
        let words: String
        let isBalanced: Bool

        init?(_ service: DeclaredService, isBackend: Bool) {
            let isOpen = service.kind == .loadBalancer || service.kind == .nodePort
            let keeps = service.object["spec", "externalTrafficPolicy"]?.text == "Local" || Self.keepsSource(service)
            isBalanced = isOpen && !keeps
            guard isBalanced || isBackend && !isOpen else { return nil }
            words =
                isBalanced
                ? "\(service.object.title) is of type \(service.kind.rawValue) and keeps no source address: packets come from a node's"
                : "an Ingress leads to \(service.object.title): packets come from the pods of its controller"
        }

        private static func keepsSource(_ service: DeclaredService) -> Bool {
            let notes = service.object.annotations
            return notes["service.beta.kubernetes.io/aws-load-balancer-nlb-target-type"] == "ip"
                || notes["service.beta.kubernetes.io/aws-load-balancer-target-group-attributes"]?.contains(
                    "preserve_client_ip.enabled=true") == true
        }
    }

    private static func union(_ policy: NetworkPolicy, _ index: Int, _ groups: PodGroups) -> [NetworkPolicy] {
        let selected = groups.selected[index]
        guard let first = selected.first else { return groups.policies(around: policy, .ingress) }
        return groups.policies(isolating: groups.groups[first], .ingress)
    }

    private static func judge(
        _ policy: NetworkPolicy, _ union: [NetworkPolicy], _ pods: ServicePods, _ entry: Entry, _ state: DeclaredState
    ) -> Finding? {
        let rules = pods.service.ports.flatMap { port -> [NetworkPolicy.Rule] in
            guard let number = pods.podPort(port) else { return [] }
            let names = pods.names(port)
            return union.flatMap(\.ingress).filter { $0.covers(port.transport, number, named: names) }
        }
        // A rule for everybody, or for pods, lets in what cannot be excluded here.
        guard !rules.isEmpty, rules.allSatisfy({ $0.peers?.allSatisfy { $0.block != nil } == true }) else { return nil }
        let blocks = rules.flatMap { $0.peers ?? [] }.compactMap(\.block)
        let nodes = nodeAddresses(state)
        let lines = policy.ingress.flatMap { $0.peers ?? [] }
        guard let (line, range) = excluded(blocks, lines, nodes, policy) else { return nil }
        let knowsNodes = !nodes.isEmpty
        return finding(
            policy.object, at: line, confidence: knowsNodes ? .certain : .likely,
            summary:
                "\(policy.object.title) lets clients into \(pods.title) from public addresses only, and packets arrive from private ones.",
            evidence: [
                entry.words,
                "\(range) may not enter: \(listed(policy.ingress.map { EgressWords.rule($0, .ingress) }.unique()))",
            ]
                + (knowsNodes ? ["addresses of nodes: \(listed(nodes.map(\.description)))"] : []),
            cause:
                "Only connections that happen to land on a node with one of the pods pass; all others are dropped without a word.",
            patch: entry.isBalanced && pods.service.object.file != nil && !isBackend(pods.service, state)
                ? ManifestText.text(
                    pods.service.object.root.setting(["spec", "externalTrafficPolicy"], to: .text("Local"))) : nil)
    }

    private static func isBackend(_ service: DeclaredService, _ state: DeclaredState) -> Bool {
        state.ingresses.contains {
            $0.namespace == service.namespace && $0.backends.contains { $0.service == service.name }
        }
    }

    private static func nodeAddresses(_ state: DeclaredState) -> [IPAddress] {
        state.objects("Node", "").flatMap { $0["status", "addresses"]?.items ?? [] }
            .filter { $0["type"]?.text == "InternalIP" }.compactMap { $0["address"]?.text.flatMap { IPAddress($0) } }
    }

    /// The line that keeps private sources out, and which of them: with nodes known theirs, else a whole private range that is excepted,
    /// or all where every block is public.
    private static func excluded(
        _ blocks: [(range: AddressRange, except: [AddressRange])], _ lines: [NetworkPolicy.PeerEntry],
        _ nodes: [IPAddress], _ policy: NetworkPolicy
    ) -> (ManifestPlace, String)? {
        func admits(_ range: AddressRange) -> Bool {
            blocks.contains { block in
                block.range.overlaps(range) && !block.except.contains { $0.contains(range) }
            }
        }
        let first = lines.first { $0.block != nil }.map { policy.place(of: $0) }
        if !nodes.isEmpty {
            guard let node = nodes.first(where: { !admits(AddressRange(around: $0, length: 128)) }) else { return nil }
            return first.map { ($0, node.description) }
        }
        if !PrivateRanges.sites.contains(where: admits) { return first.map { ($0, "every private address") } }
        for line in lines {
            guard let block = line.block, !PrivateRanges.hold(block.range) else { continue }
            let holes = block.except.filter { hole in PrivateRanges.sites.contains(hole) && !admits(hole) }
            if let hole = holes.first { return (place(of: hole, policy), hole.description) }
        }
        return nil
    }

    private static func place(of hole: AddressRange, _ policy: NetworkPolicy) -> ManifestPlace {
        let items = (policy.object.spec?["ingress"]?.items ?? []).flatMap { $0["from"]?.items ?? [] }
            .flatMap { $0["ipBlock"]?["except"]?.items ?? [] }
        return policy.object.place(items.first { $0.text == hole.description })
    }
}
