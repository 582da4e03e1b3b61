import NetValues
import YAML

/// A NetworkPolicy (networking.k8s.io/v1) as values, each with its line.
package struct NetworkPolicy: Sendable {
    package enum Direction: String, Hashable, Sendable, CaseIterable { case ingress, egress }

    /// What one entry of `from` or `to` names.
    package enum Peer: Hashable, Sendable {
        /// Both given means both hold; a namespace selector of nil means the policy's own namespace.
        case pods(LabelSelector, namespaces: LabelSelector?)
        case block(AddressRange, except: [AddressRange])
    }

    package struct PeerEntry: Hashable, Sendable {
        package let peer: Peer
        package let line: Int
        /// Of the range or the labels that it names.
        package let namedLine: Int
    }

    package enum PortNumber: Hashable, Sendable {
        /// Every port of the protocol.
        case all
        case range(ClosedRange<UInt16>)
        /// Of each pod that the packet goes to: what its container calls so.
        case named(String)
    }

    package struct PortEntry: Hashable, Sendable {
        package let transport: PortTransport
        package let number: PortNumber
        package let line: Int
    }

    package struct Rule: Hashable, Sendable {
        /// Nil where the key is missing or empty: everybody.
        package let peers: [PeerEntry]?
        /// Nil where the key is missing or empty: every port of every protocol.
        package let ports: [PortEntry]?
        package let line: Int

        /// Whether the ports let it pass, for some pod at least: a named port may be any.
        package func mayAllow(_ transport: PortTransport, _ port: UInt16) -> Bool {
            guard let ports else { return true }
            return ports.contains { entry in
                guard entry.transport == transport else { return false }
                return switch entry.number {
                case .all, .named: true
                case .range(let range): range.contains(port)
                }
            }
        }
    }

    package let object: ManifestObject
    package let selector: LabelSelector
    package let ingress: [Rule]
    package let egress: [Rule]
    /// The directions in which it isolates the pods that it selects.
    package let isolates: Set<Direction>
    /// What the API would refuse; the policy holds nothing of it.
    package let mistakes: [(message: String, line: Int)]

    package var namespace: String { object.namespace }
    package var name: String { object.name }

    package func rules(_ direction: Direction) -> [Rule] { direction == .ingress ? ingress : egress }

    /// Nil for another kind.
    package init?(_ object: ManifestObject) {
        guard object.isKind("NetworkPolicy", "networking.k8s.io", "extensions") else { return nil }
        let spec = object.spec
        var reader = PolicyReader()
        self.object = object
        reader.checkFields(spec, ["podSelector", "ingress", "egress", "policyTypes"], of: "spec")
        selector = reader.selector(spec?["podSelector"], of: "podSelector") ?? LabelSelector()
        ingress = reader.items(spec?["ingress"], of: "ingress").map { reader.rule($0, peers: "from") }
        egress = reader.items(spec?["egress"], of: "egress").map { reader.rule($0, peers: "to") }
        let written = reader.directions(spec?["policyTypes"])
        // Without policyTypes ingress is meant always, egress where there are rules of it (the API's default).
        isolates = written.isEmpty ? (egress.isEmpty ? [.ingress] : [.ingress, .egress]) : Set(written)
        mistakes = reader.mistakes
    }
}
