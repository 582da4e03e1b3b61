import NetValues
import YAML

/// A NetworkPolicy to apply beside the one that denies: policies add up, so nothing of the old one need be touched.
package enum PolicyPatch {
    package enum Peer: Hashable, Sendable {
        case pods(namespace: String?, labels: [String: String])
        case block(AddressRange)

        package static func pods(_ workload: Workload, ofNamespace own: String) -> Peer {
            .pods(namespace: workload.namespace == own ? nil : workload.namespace, labels: workload.lastingLabels)
        }

        fileprivate var lines: [String] {
            switch self {
            case .block(let range): return ["- ipBlock:", "    cidr: \(range)"]
            case .pods(let namespace, let labels):
                let pods = ["podSelector:"] + matchLabels(labels)
                guard let namespace else { return itemised(pods) }
                let names = ["namespaceSelector:"] + matchLabels(["kubernetes.io/metadata.name": namespace])
                return itemised(names + pods)
            }
        }

        private func matchLabels(_ labels: [String: String]) -> [String] {
            labels.isEmpty
                ? ["  matchLabels: {}"]
                : ["  matchLabels:"]
                    + labels.sorted { $0.key < $1.key }.map { "    \(yamlScalar($0.key)): \(yamlScalar($0.value))" }
        }

        private func itemised(_ lines: [String]) -> [String] {
            lines.enumerated().map { ($0 == 0 ? "- " : "  ") + $1 }
        }
    }

    /// - Returns: a whole object, valid as it stands.
    package static func adding(
        to policy: NetworkPolicy, _ direction: NetworkPolicy.Direction, _ peers: [Peer], _ ports: [UInt16],
        _ transport: PortTransport
    ) -> String {
        adding(to: policy, direction, peers, ports: ports.map { ($0, transport) })
    }

    /// - Parameters:
    ///   - labels: of the pods that it is for; empty for all that the old policy selects.
    ///   - name: of the new one; made from the old one's where there is none.
    package static func adding(
        to policy: NetworkPolicy, _ direction: NetworkPolicy.Direction, _ peers: [Peer],
        ports: [(number: UInt16, transport: PortTransport)], for labels: [String: String] = [:],
        called name: String? = nil
    ) -> String {
        let key = direction == .ingress ? "from" : "to"
        let numbers = ports.map(\.number).unique().map(String.init).joined(separator: "-")
        let name = resourceName(name ?? "\(policy.name)-allow-\(direction.rawValue)-\(numbers)")
        var lines = [
            "apiVersion: networking.k8s.io/v1", "kind: NetworkPolicy", "metadata:", "  name: \(yamlScalar(name))",
        ]
        if let namespace = policy.object.writtenNamespace { lines.append("  namespace: \(yamlScalar(namespace))") }
        lines += ["spec:", "  podSelector:"]
        let chosen = labels.isEmpty ? policy.selector : LabelSelector(matchLabels: labels)
        lines += selector(chosen).map { "    \($0)" }
        lines += ["  policyTypes:", "  - \(direction == .ingress ? "Ingress" : "Egress")", "  \(direction.rawValue):"]
        let peerLines = peers.flatMap(\.lines)
        lines += peerLines.isEmpty ? [] : ["  - \(key):"] + peerLines.map { "    \($0)" }
        lines.append(peerLines.isEmpty ? "  - ports:" : "    ports:")
        lines += ports.flatMap { ["    - protocol: \($0.transport.rawValue)", "      port: \($0.number)"] }
        return lines.joined(separator: "\n")
    }

    /// As names of objects are (RFC 1123 subdomain, at most 253 characters).
    private static func resourceName(_ text: String) -> String {
        let bytes = text.lowercased().utf8.prefix(253).map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            default: UInt8(ascii: "-")
            }
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "-").joined(separator: "-")
    }

    private static func selector(_ selector: LabelSelector) -> [String] {
        guard !selector.selectsEverything else { return ["matchLabels: {}"] }
        let labels = selector.requirements.compactMap { requirement in
            requirement.relation == .isIn && requirement.values.count == 1
                ? requirement.values.first.map { "  \(yamlScalar(requirement.key)): \(yamlScalar($0))" } : nil
        }
        if labels.count == selector.requirements.count { return ["matchLabels:"] + labels }
        let lines = selector.requirements.flatMap { requirement -> [String] in
            var lines = ["- key: \(yamlScalar(requirement.key))", "  operator: \(requirement.relation.rawValue)"]
            if !requirement.values.isEmpty {
                lines.append("  values: [\(requirement.values.sorted().map(yamlScalar).joined(separator: ", "))]")
            }
            return lines
        }
        return ["matchExpressions:"] + lines
    }
}
