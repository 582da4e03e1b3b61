import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// Nodes that say of themselves that they are short of memory, disk or processes (catalogue section 14, from the cluster's own objects).
enum DeclaredNodePressure: AuditRule {
    static let explanation = FindingExplanation.shared("node-resource-pressure", severity: .info)

    private static let kinds = ["MemoryPressure": "memory", "DiskPressure": "disk", "PIDPressure": "process ids"]

    static func findings(in state: DeclaredState) -> [Finding] {
        state.objects("Node", "").compactMap { node in
            let pressing = (node["status", "conditions"]?.items ?? []).filter { condition in
                condition["status"]?.text == "True" && kinds[condition["type"]?.text ?? ""] != nil
            }
            guard let first = pressing.first else { return nil }
            let words = pressing.compactMap { kinds[$0["type"]?.text ?? ""] }
            return finding(
                node, at: node.place(first), summary: "\(node.title) says that it is short of \(listed(words)).",
                evidence: pressing.map { condition in
                    let since = condition["lastTransitionTime"]?.text.map { ", since \($0.escaped(limit: 40))" } ?? ""
                    return "condition \(condition["type"]?.text ?? "") is True\(since)"
                },
                cause:
                    "A node under pressure evicts pods and answers late: what runs there may be slow, or come and go.",
                remedy: ["free or add what is short: kubectl describe node \(node.name.escaped(limit: 253))"])
        }
    }
}
