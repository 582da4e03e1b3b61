import NetValues
import YAML

/// What the pods of a workload are made from, or a pod itself.
package struct PodTemplate: Sendable {
    package struct Port: Hashable, Sendable {
        package let name: String?
        package let number: UInt16
        package let transport: PortTransport
        package let line: Int

        package init(name: String?, number: UInt16, transport: PortTransport, line: Int) {
            self.name = name
            self.number = number
            self.transport = transport
            self.line = line
        }
    }

    package let labels: [String: String]
    package let annotations: [String: String]
    package let spec: YAMLNode
    /// Of all containers, init containers that stay (sidecars) among them.
    package let ports: [Port]
    package let isHostNetwork: Bool
    package let serviceAccount: String

    package init(metadata: YAMLNode?, spec: YAMLNode) {
        labels = metadata?["labels"]?.textMap ?? [:]
        annotations = metadata?["annotations"]?.textMap ?? [:]
        self.spec = spec
        isHostNetwork = spec["hostNetwork"]?.bool ?? false
        serviceAccount = spec["serviceAccountName"]?.text ?? spec["serviceAccount"]?.text ?? "default"
        ports = Self.containers(spec).flatMap { $0["ports"]?.items ?? [] }.compactMap(Port.init)
    }

    package var containers: [YAMLNode] { Self.containers(spec) }

    private static func containers(_ spec: YAMLNode) -> [YAMLNode] {
        let stays = (spec["initContainers"]?.items ?? []).filter { $0["restartPolicy"]?.text == "Always" }
        return (spec["containers"]?.items ?? []) + stays
    }

    /// Of a named port; of several containers the first counts, as for the endpoints controller.
    package func port(named name: String, _ transport: PortTransport) -> UInt16? {
        ports.first { $0.name == name && $0.transport == transport }?.number
    }
}

/// Protocols that Services and policies know.
package enum PortTransport: String, Hashable, Sendable, CaseIterable {
    case tcp = "TCP"
    case udp = "UDP"
    case sctp = "SCTP"

    /// Absent means TCP.
    package init?(_ node: YAMLNode?) {
        guard let text = node?.text else {
            self = .tcp
            return
        }
        self.init(rawValue: text)
    }
}

extension PodTemplate.Port {
    fileprivate init?(_ node: YAMLNode) {
        guard let value = node["containerPort"]?.int, let number = UInt16(exactly: value), number > 0,
            let transport = PortTransport(node["protocol"])
        else { return nil }
        self.init(name: node["name"]?.text, number: number, transport: transport, line: Int(node.mark.line))
    }
}
