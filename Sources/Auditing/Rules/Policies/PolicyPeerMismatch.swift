import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A peer that can never be the one that was meant (catalogue section 4).
enum PolicyPeerMismatch: AuditRule {
    static let explanation = FindingExplanation(
        id: "policy-peer-mismatch", severity: .error, title: "A policy names a peer that cannot be the real one",
        signals: [
            "a podSelector is to mean devices outside the cluster (`type: sensor`), and no pod has such a label",
            "a podSelector matches no pod of the namespaces it means, and one of them has all but the same label",
            "the addresses that pods may reach do not hold one that is declared for their namespace (a ServiceImport's)",
            "a namespaceSelector matches no namespace that was read, and one of them has all but the same name, or the name without the label",
            "a range that belongs to a site by its DNS servers lies outside the network that is declared for it",
        ],
        lookalikes: [
            "pods that are declared elsewhere: nothing is said of a label that nothing contradicts",
            "policy-selector-matches-nothing: the policy's own pods",
        ],
        traps: ["comments are no data: what a range is for must be declared somewhere else"],
        remedy: [
            "name what lies outside the cluster by an ipBlock with its true range",
            "name pods by the labels and the namespace that they have",
        ])

    static func findings(in state: DeclaredState) -> [Finding] {
        let groups = PodGroups(state)
        let sites = DeclaredSites(state)
        var peers = PeerPods(groups)
        return groups.policies.flatMap { policy -> [Finding] in
            let pods = NetworkPolicy.Direction.allCases.flatMap { direction in
                policy.rules(direction).flatMap { $0.peers ?? [] }.compactMap { entry in
                    judge(entry, policy, direction, &peers) ?? strangeNamespace(entry, policy, direction, state)
                }
            }
            return pods + [importedAddress(policy, state), strangeRange(policy, sites)].compactMap(\.self)
        }
    }

    private static let devices: Set<String> = [
        "sensor", "sensors", "device", "devices", "iot", "iot-device", "iot-sensor", "camera", "cameras", "plc", "plcs",
        "meter", "meters", "actuator", "actuators", "printer", "robot", "gateway-device", "edge-device",
    ]

    private static func judge(
        _ entry: NetworkPolicy.PeerEntry, _ policy: NetworkPolicy, _ direction: NetworkPolicy.Direction,
        _ peers: inout PeerPods
    ) -> Finding? {
        guard let wanted = entry.pods, !wanted.selector.selectsEverything, !peers.areKnown(wanted) else {
            return nil
        }
        let way = direction == .ingress ? "lets in" : "lets out to"
        let line = policy.place(of: entry)
        let device = wanted.selector.requirements.first { $0.relation == .isIn && !$0.values.isDisjoint(with: devices) }
        if device != nil {
            return finding(
                policy.object, at: line, confidence: .possible,
                summary:
                    "\(policy.object.title) \(way) pods \(wanted.selector.words): devices outside the cluster are no pods.",
                evidence: [
                    "no pod and no Service that was read has \(wanted.selector.words)",
                    "a podSelector means pods of this cluster and nothing else",
                ],
                cause:
                    "What has no pod has no labels: for devices the rule allows nothing, and their packets are dropped.",
                remedy: ["name the devices' network by an ipBlock, or label the pods that speak for them"])
        }
        guard let near = peers.near(wanted, of: policy) else { return nil }
        return finding(
            policy.object, at: line, confidence: .likely,
            summary:
                "\(policy.object.title) \(way) pods \(wanted.selector.words), which there are none of. Nearest: \(near.words).",
            evidence: ["no pod that the peer could mean has \(wanted.selector.words); one has \(near.words)"],
            cause: "A peer that matches no pod allows nothing.", remedy: ["write \(near.words) in the peer"])
    }

    /// No namespace that is declared has the label, and one that is has the name.
    private static func strangeNamespace(
        _ entry: NetworkPolicy.PeerEntry, _ policy: NetworkPolicy, _ direction: NetworkPolicy.Direction,
        _ state: DeclaredState
    ) -> Finding? {
        guard policy.isolates.contains(direction), let namespaces = entry.pods?.namespaces,
            let near = NearNamespace.find(namespaces, in: state)
        else { return nil }
        let key = "kubernetes.io/metadata.name"
        let label = policy.place(ofNamespaceLabel: entry)
        return finding(
            policy.object, at: label,
            confidence: state.set.isComplete ? .certain : near.lacksLabel ? .possible : .likely,
            summary:
                "\(policy.object.title) \(direction == .ingress ? "lets in from" : "lets out to") namespaces \(near.wanted.escaped(limit: 200)), which no namespace that was read is. \(near.lacksLabel ? "Meant" : "Nearest"): \(near.name.escaped(limit: 63)).",
            evidence: [
                near.lacksLabel
                    ? "Namespace \(near.name.escaped(limit: 63)) is declared, and without that label"
                    : "namespaces that are declared: \(listed(state.namespaces.keys.sorted().map { $0.escaped(limit: 63) }, limit: 6))"
            ],
            cause:
                "A namespaceSelector goes by labels. Kubernetes gives each namespace one by itself, \(key) with its name; all others must be set. What matches no namespace allows nothing.",
            remedy: [
                "write \(key): \(near.name.escaped(limit: 63)) in the namespaceSelector"
            ] + (near.lacksLabel ? ["or give the namespace the label that is asked for"] : []))
    }

    /// The address of a Service of another cluster, in the namespace of pods that may reach ranges only.
    private static func importedAddress(_ policy: NetworkPolicy, _ state: DeclaredState) -> Finding? {
        let peers = policy.egress.flatMap { $0.peers ?? [] }
        guard policy.isolates.contains(.egress), !peers.isEmpty, policy.egress.allSatisfy({ $0.peers != nil }),
            peers.allSatisfy({ $0.block != nil }), let first = peers.first
        else { return nil }
        let blocks = peers.compactMap(\.block)
        for imported in state.objects("ServiceImport") where imported.namespace == policy.namespace {
            for item in imported["spec", "ips"]?.items ?? [] {
                guard let address = item.text.flatMap({ IPAddress($0) }),
                    !blocks.contains(where: { block in
                        block.range.contains(address) && !block.except.contains { $0.contains(address) }
                    })
                else { continue }
                return finding(
                    policy.object, at: policy.place(of: first), confidence: .possible,
                    summary:
                        "\(policy.object.title) lets its pods out to \(listed(blocks.map(\.range.description))), and \(imported.title) has \(address).",
                    evidence: [
                        "\(imported.title)\(imported.place(item).words.map { " (\($0))" } ?? "") is to be reached at \(address), in none of these ranges"
                    ],
                    cause:
                        "Where a plug-in looks at packets before the Service's address is translated, the imported Service cannot be reached.",
                    remedy: [
                        "add an ipBlock with the range of these addresses, or give the Service one within the ranges"
                    ])
            }
        }
        return nil
    }

    private static func strangeRange(_ policy: NetworkPolicy, _ sites: DeclaredSites) -> Finding? {
        for direction in NetworkPolicy.Direction.allCases {
            for entry in policy.rules(direction).flatMap({ $0.peers ?? [] }) {
                guard let block = entry.block, PrivateRanges.hold(block.range),
                    let found = sites.contradiction(of: block.range)
                else { continue }
                return finding(
                    policy.object, at: policy.place(of: entry), confidence: .possible,
                    summary:
                        "\(policy.object.title) allows \(block.range) for site \(found.site), whose network is declared as \(found.network.range).",
                    evidence: [
                        "\(found.server.title) has \(found.server.address) as a DNS server of \(found.server.zone)\(found.server.place.words.map { " (\($0))" } ?? "")",
                        "\(found.network.title) is \(found.network.range)\(found.network.place.words.map { " (\($0))" } ?? "")",
                    ],
                    cause:
                        "One of the declarations is wrong: the policy allows a range where the site is not, or the network is declared with another site's range.",
                    remedy: [
                        "find out which range \(found.site) has, and write that one in the policy, the network and the DNS servers"
                    ])
            }
        }
        return nil
    }
}
