import Manifests
import NetValues
import YAML

/// Which node a pod runs on, and which addresses a node has, as far as it is declared.
struct NodePlaces: Sendable {
    private let nodeOf: [Int: String]
    private let hostNetwork: Set<Int>
    private let nodeAt: [IPAddress: String]
    /// Workloads of which the node is known.
    private let workloadsOn: [String: [Int]]

    init(_ state: DeclaredState) {
        var nodeOf: [Int: String] = [:]
        var hostNetwork: Set<Int> = []
        var nodeAt: [IPAddress: String] = [:]
        var workloadsOn: [String: [Int]] = [:]
        for (index, workload) in state.workloads.enumerated() {
            if workload.isHostNetwork { hostNetwork.insert(index) }
            guard workload.kind == "Pod", let node = workload.template.spec["nodeName"]?.text else { continue }
            nodeOf[index] = node
            workloadsOn[node, default: []].append(index)
            if workload.isHostNetwork { for address in workload.addresses { nodeAt[address] = node } }
        }
        for node in state.objects("Node", "") {
            for entry in node["status", "addresses"]?.items ?? [] {
                if let address = entry["address"]?.text.flatMap({ IPAddress($0) }) { nodeAt[address] = node.name }
            }
        }
        self.nodeOf = nodeOf
        self.hostNetwork = hostNetwork
        self.nodeAt = nodeAt
        self.workloadsOn = workloadsOn
    }

    /// A node and a pod on it, in either order.
    func areOneNode(_ one: Party, _ other: Party) -> Bool {
        guard let first = node(of: one), let second = node(of: other), first.name == second.name else { return false }
        return first.isNodeItself || second.isNodeItself
    }

    /// The node that has an address.
    func node(at address: IPAddress) -> String? { nodeAt[address] }

    /// The workloads on the same node with which policies cannot interfere.
    func neighbours(of workload: Int) -> [Int] {
        guard let node = nodeOf[workload] else { return [] }
        let others = (workloadsOn[node] ?? []).filter { $0 != workload }
        return hostNetwork.contains(workload) ? others : others.filter(hostNetwork.contains)
    }

    private func node(of party: Party) -> (name: String, isNodeItself: Bool)? {
        switch party {
        case .workload(let index): nodeOf[index].map { ($0, hostNetwork.contains(index)) }
        case .range(let range): range.isSingle ? nodeAt[range.address].map { ($0, true) } : nil
        case .external: nil
        }
    }
}
