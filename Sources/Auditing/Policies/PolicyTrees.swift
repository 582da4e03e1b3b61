import Manifests
import YAML

/// Policies and selectors as trees, for patches.
enum PolicyTrees {
    /// Isolates all pods of a namespace.
    static func denial(_ namespace: String?, _ directions: [NetworkPolicy.Direction]) -> YAMLNode {
        let name = directions.count == 1 ? "default-deny-\(directions[0].rawValue)" : "default-deny"
        let place: [(String, YAMLNode)] = namespace.map { [("namespace", .text($0))] } ?? []
        let words: [YAMLNode] = directions.map { .text($0 == .ingress ? "Ingress" : "Egress") }
        return .map([
            ("apiVersion", .text("networking.k8s.io/v1")), ("kind", .text("NetworkPolicy")),
            ("metadata", .map([("name", .text(name))] + place)),
            ("spec", .map([("podSelector", .map([])), ("policyTypes", .list(words))])),
        ])
    }

    static func node(_ selector: LabelSelector) -> YAMLNode {
        let single = selector.requirements.filter { $0.relation == .isIn && $0.values.count == 1 }
        let others = selector.requirements.filter { !($0.relation == .isIn && $0.values.count == 1) }
        var entries: [(String, YAMLNode)] = []
        if !single.isEmpty {
            entries.append(("matchLabels", .map(single.map { ($0.key, .text($0.values.first ?? "")) })))
        }
        if !others.isEmpty { entries.append(("matchExpressions", .list(others.map(expression)))) }
        return .map(entries)
    }

    private static func expression(_ requirement: LabelSelector.Requirement) -> YAMLNode {
        let values: [(String, YAMLNode)] =
            requirement.values.isEmpty ? [] : [("values", .list(requirement.values.sorted().map { .text($0) }))]
        return .map([("key", .text(requirement.key)), ("operator", .text(requirement.relation.rawValue))] + values)
    }
}

extension PolicyTrees {
    /// A policy beside the ones that deny, as narrow as the flow.
    static func allowing(
        _ direction: NetworkPolicy.Direction, _ name: String, in namespace: String?, pods: [String: String],
        peers: [YAMLNode], port: (PortTransport, UInt16)
    ) -> YAMLNode {
        let place: [(String, YAMLNode)] = namespace.map { [("namespace", .text($0))] } ?? []
        let rule: YAMLNode = .map([
            (direction == .ingress ? "from" : "to", .list(peers)),
            ("ports", .list([.map([("protocol", .text(port.0.rawValue)), ("port", .number(port.1))])])),
        ])
        return .map([
            ("apiVersion", .text("networking.k8s.io/v1")), ("kind", .text("NetworkPolicy")),
            ("metadata", .map([("name", .text(String(name.prefix(253))))] + place)),
            (
                "spec",
                .map([
                    ("podSelector", .map([("matchLabels", .labels(pods))])),
                    ("policyTypes", .list([.text(direction == .ingress ? "Ingress" : "Egress")])),
                    (direction.rawValue, .list([rule])),
                ])
            ),
        ])
    }

    /// Pods as a peer: by labels, and by the name of their namespace where that is another.
    static func peer(_ labels: [String: String], in namespace: String?) -> YAMLNode {
        let pods: (String, YAMLNode) = ("podSelector", .map([("matchLabels", .labels(labels))]))
        guard let namespace else { return .map([pods]) }
        let names: YAMLNode = .map([("matchLabels", .labels(["kubernetes.io/metadata.name": namespace]))])
        return .map([("namespaceSelector", names), pods])
    }
}
