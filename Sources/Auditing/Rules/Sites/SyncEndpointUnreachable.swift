import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// An egress policy that leaves no way to the endpoint data are sent to (catalogue section 11, the static half).
enum SyncEndpointUnreachable: AuditRule {
    static let explanation = FindingExplanation(
        id: "sync-endpoint-unreachable", severity: .error,
        title: "The endpoint that data are sent to cannot be reached",
        signals: [
            "pods may open connections to private ranges only, and a job sends to an endpoint that lies outside them, or that nobody has declared",
            "resolving, connecting, TLS or HTTP to the endpoint fails at a stage (seen by probes)",
        ],
        lookalikes: ["401 and 403: the endpoint is reached, and the token is wrong"],
        traps: ["an endpoint reached by a private link or VPN lies within the private ranges"],
        remedy: [
            "allow the endpoint's addresses on its port in the egress rules, DNS beside it",
            "or send through a proxy or private endpoint within the ranges that are allowed",
        ])

    private struct Sender {
        let workload: Workload
        let variable: String
        let node: YAMLNode
        /// Nil where the value stands elsewhere.
        let isPublic: Bool?
    }

    static func findings(in state: DeclaredState) -> [Finding] {
        guard !state.hasForeignPolicies, !state.policies.isEmpty else { return [] }
        let senders = Dictionary(grouping: state.workloads.compactMap { sender($0, state) }, by: \.workload.namespace)
        guard !senders.isEmpty else { return [] }
        let groups = PodGroups(state)
        return groups.policies.indices.compactMap { index in
            let policy = groups.policies[index]
            guard policy.isolates.contains(.egress), let block = privateBlock(policy),
                groups.policies(around: policy, .egress).allSatisfy({ privateBlock($0) != nil || $0.egress.isEmpty })
            else { return nil }
            let own = senders[policy.namespace] ?? []
            if let sender = own.first(where: { policy.selector.matches($0.workload.labels) && $0.isPublic != false }) {
                return tell(policy, block, sender, isSelected: true)
            }
            // A job named like the pods, whose own pods the policy was hardly meant to leave out.
            let near = own.first { $0.isPublic == nil && $0.workload.labels.isEmpty && isAkin($0.workload, policy) }
            return near.map { tell(policy, block, $0, isSelected: false) }
        }
    }

    /// "data-sync" and app=data-processor.
    private static func isAkin(_ workload: Workload, _ policy: NetworkPolicy) -> Bool {
        let own = Set(workload.name.split(separator: "-").filter { $0.count > 3 && $0 != "sync" })
        return policy.selector.requirements.flatMap(\.values).contains { value in
            !own.isDisjoint(with: value.split(separator: "-"))
        }
    }

    /// Where all that a policy lets out lies in private ranges: the first of them.
    private static func privateBlock(_ policy: NetworkPolicy) -> NetworkPolicy.PeerEntry? {
        let peers = policy.egress.flatMap { $0.peers ?? [] }
        guard policy.egress.allSatisfy({ $0.peers != nil }),
            peers.allSatisfy({ $0.block.map { PrivateRanges.hold($0.range) } ?? true })
        else { return nil }
        return peers.first { $0.block != nil }
    }

    /// A workload that says by a variable where in a cloud it sends its data.
    private static func sender(_ workload: Workload, _ state: DeclaredState) -> Sender? {
        for variable in workload.template.containers.flatMap({ $0["env"]?.items ?? [] }) {
            guard let name = variable["name"]?.text, namesRemote(name) else { continue }
            if let value = variable["value"] {
                return Sender(workload: workload, variable: name, node: variable, isPublic: isPublic(value.text ?? ""))
            }
            let reference = variable["valueFrom"]?["configMapKeyRef"]
            guard let map = reference?["name"]?.text, let key = reference?["key"]?.text else { continue }
            let value = state.object("ConfigMap", workload.namespace, map)?["data", key]?.text
            return Sender(workload: workload, variable: name, node: variable, isPublic: value.flatMap(isPublic))
        }
        return nil
    }

    private static func namesRemote(_ variable: String) -> Bool {
        let words = Set(variable.uppercased().split(separator: "_"))
        return !words.isDisjoint(with: ["CLOUD", "REMOTE", "UPSTREAM", "SYNC", "CENTRAL"])
            && !words.isDisjoint(with: ["ENDPOINT", "URL", "HOST", "ADDRESS", "SERVER"])
    }

    /// Nil for a name that does not say where it is.
    private static func isPublic(_ value: String) -> Bool? {
        var host = value[...]
        if let colon = host.firstIndex(of: ":"), host[colon...].hasPrefix("://") { host = host[colon...].dropFirst(3) }
        host = host.prefix { $0 != "/" && $0 != ":" }
        if let address = IPAddress(host) { return !PrivateRanges.hold(address) }
        let privateEndings = [".svc", ".local", ".internal", ".lan", ".cluster"]
        return host.contains(".") && !privateEndings.contains(where: { host.hasSuffix($0) || host.contains($0 + ".") })
            ? nil : false
    }

    private static func tell(
        _ policy: NetworkPolicy, _ block: NetworkPolicy.PeerEntry, _ sender: Sender, isSelected: Bool
    ) -> Finding {
        let place = sender.workload.object.place(sender.node).words.map { " (\($0))" } ?? ""
        let known = sender.isPublic == true
        let who = isSelected ? "it" : "the pods it selects"
        return finding(
            policy.object, at: policy.place(of: block), confidence: known && isSelected ? .likely : .possible,
            summary:
                "\(policy.object.title) lets \(isSelected ? "the pods of \(sender.workload.title)" : who) out to private addresses only; the endpoint in \(sender.variable) is\(known ? "" : " reached only if it lies there,") \(known ? "public" : "and nothing says that it does").",
            evidence: [
                "allowed out: \(EgressWords.of(policy))",
                "\(sender.workload.title) sends to the endpoint in \(sender.variable)\(place)",
            ]
                + (isSelected
                    ? [] : ["as written the policy does not select the pods of \(sender.workload.title) itself"]),
            cause: "Packets to a public address are dropped without a word: connections to the endpoint time out.")
    }
}
