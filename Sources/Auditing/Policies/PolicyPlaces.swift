import Manifests
import NetValues
import YAML

/// Lines of a policy that somebody would edit.
extension NetworkPolicy {
    /// The key `ingress` or `egress`; where it is not written, what says that the policy isolates.
    func place(of direction: Direction) -> ManifestPlace {
        let spec = object.spec
        if let entry = spec?.entry(direction.rawValue) { return object.place(entry) }
        return object.place(spec?.entry("policyTypes") ?? spec?.entry("podSelector"))
    }

    /// The number of an entry of `ports`.
    func place(of port: PortEntry, _ direction: Direction) -> (place: ManifestPlace, node: YAMLNode?) {
        let entries = (object.spec?[direction.rawValue]?.items ?? []).flatMap { $0["ports"]?.items ?? [] }
        let node = entries.first { Int($0.mark.line) == port.line && $0["port"] != nil }?["port"]
        return (node.map { object.place($0) } ?? ManifestPlace(file: object.file, line: port.line), node)
    }

    /// What an entry of `from` or `to` names: the range, or the label.
    func place(of peer: PeerEntry) -> ManifestPlace { ManifestPlace(file: object.file, line: peer.namedLine) }

    /// The label that a peer's namespaceSelector asks for, or what the peer names.
    func place(ofNamespaceLabel peer: NetworkPolicy.PeerEntry) -> ManifestPlace {
        let rules = Direction.allCases.flatMap { object.spec?[$0.rawValue]?.items ?? [] }
        let nodes = rules.flatMap { ($0["from"]?.items ?? []) + ($0["to"]?.items ?? []) }
        let node = nodes.first { Int($0.mark.line) == peer.line }
        guard let label = node?["namespaceSelector", "matchLabels"]?.entries.first else { return place(of: peer) }
        return object.place(label)
    }

    /// The label of podSelector that asks for something, or podSelector itself.
    func place(ofLabel key: String?) -> ManifestPlace {
        let selector = object.spec?["podSelector"]
        if let key, let entry = selector?["matchLabels"]?.entry(key) { return object.place(entry) }
        if let key, let expression = selector?["matchExpressions"]?.items.first(where: { $0["key"]?.text == key }) {
            return object.place(expression["values"] ?? expression)
        }
        return selector.map { object.place($0) } ?? object.place(object.spec?.entry("podSelector"))
    }
}

extension NetworkPolicy.PeerEntry {
    var block: (range: AddressRange, except: [AddressRange])? {
        if case .block(let range, let except) = peer { (range, except) } else { nil }
    }

    var pods: (selector: LabelSelector, namespaces: LabelSelector?)? {
        if case .pods(let selector, let namespaces) = peer { (selector, namespaces) } else { nil }
    }
}

extension NetworkPolicy.Rule {
    /// Whether a port is among its own; a named one is looked up by whoever knows the pod.
    func covers(_ transport: PortTransport, _ number: UInt16, named names: Set<String> = []) -> Bool {
        guard let ports else { return true }
        return ports.contains { $0.covers(transport, number, named: names) }
    }
}

extension NetworkPolicy.PortEntry {
    func covers(_ transport: PortTransport, _ number: UInt16, named names: Set<String> = []) -> Bool {
        guard self.transport == transport else { return false }
        return switch self.number {
        case .all: true
        case .range(let range): range.contains(number)
        case .named(let name): names.contains(name)
        }
    }
}
