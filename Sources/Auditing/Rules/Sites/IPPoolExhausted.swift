import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// Fewer addresses than nodes and pods need (catalogue section 14).
enum IPPoolExhausted: AuditRule {
    static let explanation = FindingExplanation(
        id: "ip-pool-exhausted", severity: .error, title: "A pool has fewer addresses than are needed",
        signals: [
            "the pod range of a node holds fewer addresses than the pods that it takes",
            "a subnet for AKS nodes, of which each takes an address and one for each of its pods, is used up by a handful of nodes",
        ],
        lookalikes: ["overlay networks (Azure CNI Overlay, kubenet): only nodes need addresses of the subnet"],
        traps: ["AKS keeps five addresses of each subnet; an upgrade needs room for one node more (surge)"],
        remedy: [
            "enlarge the subnet or add one, before nodes are added: a subnet in use cannot grow",
            "on AKS use Azure CNI Overlay, or fewer pods a node (maxPods)",
        ])

    /// What Azure CNI gives each node by default, and how many addresses of a subnet Azure keeps.
    private static let podsOfANode = 30
    private static let keptByAzure = 5
    /// A cluster below this is told how far it can grow.
    private static let fewNodes = 10

    static func findings(in state: DeclaredState) -> [Finding] { nodes(state) + subnets(state) }

    private static func nodes(_ state: DeclaredState) -> [Finding] {
        state.objects("Node", "").compactMap { node in
            guard let written = node["spec", "podCIDR"], let range = written.text.flatMap({ AddressRange($0) }),
                let pods = node["status", "capacity", "pods"]?.text.flatMap({ Int($0) })
            else { return nil }
            let count = AddressSpan(hostsOf: range).count
            guard count < pods else { return nil }
            return finding(
                node, at: node.place(written), confidence: .certain,
                summary: "\(node.title) takes \(pods) pods and has \(count) addresses for them.",
                evidence: ["podCIDR \(range), capacity of \(pods) pods"],
                cause: "Pods beyond that number stay in ContainerCreating: \"failed to allocate IP\".",
                remedy: ["lower maxPods of the node, or give nodes a wider pod range"])
        }
    }

    private static func subnets(_ state: DeclaredState) -> [Finding] {
        guard !usesOverlay(state) else { return [] }
        return state.objects("VirtualNetwork").flatMap { object in
            (object["spec", "subnets"]?.items ?? []).compactMap { subnet -> Finding? in
                let written = subnet[["properties", "addressPrefix"]] ?? subnet["addressPrefix"]
                guard let name = subnet["name"]?.text, name.lowercased().contains("aks"), let written,
                    let range = written.text.flatMap({ AddressRange($0) }), range.address.family == .v4
                else { return nil }
                let usable = (1 << (32 - range.length)) - keptByAzure
                let nodes = usable / (podsOfANode + 1) - 1
                guard nodes < fewNodes else { return nil }
                return finding(
                    object, at: object.place(written), confidence: .possible,
                    summary:
                        "Subnet \(name) (\(range)) is used up by \(max(0, nodes)) nodes of \(podsOfANode) pods each, where pods have addresses of the subnet.",
                    evidence: [
                        "\(usable) usable addresses; (nodes + 1 for an upgrade) x (1 + \(podsOfANode)) of them are needed"
                    ],
                    cause:
                        "With Azure CNI each pod takes an address of the subnet. What is left when they are used up is pods without an address and nodes that cannot be added."
                )
            }
        }
    }

    private static func usesOverlay(_ state: DeclaredState) -> Bool {
        (state.objects("ManagedCluster") + state.objects("AzureManagedControlPlane")).contains { object in
            let profile = object["spec", "networkProfile"]
            let mode = profile?["networkPluginMode"]?.text ?? object["spec", "networkPluginMode"]?.text
            let plugin = profile?["networkPlugin"]?.text ?? object["spec", "networkPlugin"]?.text
            return mode == "overlay" || plugin == "kubenet" || plugin == "none"
        }
    }
}
