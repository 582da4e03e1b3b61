import NetValues
import YAML

/// A Service of Kubernetes.
package struct DeclaredService: Sendable {
    package enum TargetPort: Hashable, Sendable {
        case number(UInt16)
        case named(String)
    }

    package struct Port: Hashable, Sendable {
        package let name: String?
        package let number: UInt16
        package let transport: PortTransport
        package let target: TargetPort
        package let appProtocol: String?
        /// At the addresses of all nodes; nil where none was written or given yet.
        package let nodePort: UInt16?
        package let line: Int
        /// Of `targetPort`, or of the port where it has none of its own.
        package let targetLine: Int
    }

    package enum Kind: String, Hashable, Sendable {
        case clusterIP = "ClusterIP"
        case nodePort = "NodePort"
        case loadBalancer = "LoadBalancer"
        case externalName = "ExternalName"
    }

    package let object: ManifestObject
    package let kind: Kind
    /// Nil where there is none: its endpoints are kept by somebody else.
    package let selector: [String: String]?
    package let ports: [Port]
    package let clusterIPs: [String]

    package var namespace: String { object.namespace }
    package var name: String { object.name }
    package var isHeadless: Bool { clusterIPs.contains("None") }

    package init?(_ object: ManifestObject) {
        guard object.isKind("Service", ""), let spec = object.spec else { return nil }
        self.object = object
        kind = spec["type"]?.text.flatMap(Kind.init) ?? .clusterIP
        let selector = spec["selector"]?.textMap ?? [:]
        self.selector = selector.isEmpty ? nil : selector
        ports = (spec["ports"]?.items ?? []).compactMap(Port.init)
        clusterIPs = spec["clusterIPs"]?.texts ?? [spec["clusterIP"]?.text].compactMap(\.self)
    }
}

extension DeclaredService.Port {
    init?(_ node: YAMLNode) {
        guard let value = node["port"]?.int, let number = UInt16(exactly: value), number > 0,
            let transport = PortTransport(node["protocol"])
        else { return nil }
        self.number = number
        self.transport = transport
        name = node["name"]?.text
        appProtocol = node["appProtocol"]?.text
        nodePort = node["nodePort"]?.int.flatMap(UInt16.init(exactly:)).flatMap { $0 > 0 ? $0 : nil }
        line = Int(node.mark.line)
        targetLine = Int(node.entry("targetPort")?.keyMark.line ?? node.mark.line)
        let target = node["targetPort"]
        switch (target?.int, target?.text) {
        case (let value?, _): self.target = .number(UInt16(exactly: value) ?? number)
        case (nil, let name?): self.target = .named(name)
        default: self.target = .number(number)
        }
    }
}
