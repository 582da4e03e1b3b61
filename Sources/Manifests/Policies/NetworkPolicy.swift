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
        selector = reader.selector(spec?["podSelector"], of: "podSelector") ?? LabelSelector()
        ingress = (spec?["ingress"]?.items ?? []).map { reader.rule($0, peers: "from") }
        egress = (spec?["egress"]?.items ?? []).map { reader.rule($0, peers: "to") }
        let written = spec?["policyTypes"]?.texts.compactMap { Direction(rawValue: $0.lowercased()) } ?? []
        // Without policyTypes ingress is meant always, egress where there are rules of it (the API's default).
        isolates = written.isEmpty ? (egress.isEmpty ? [.ingress] : [.ingress, .egress]) : Set(written)
        mistakes = reader.mistakes
    }
}

/// Reads the parts of a policy; what the API refuses becomes a mistake, and allows nothing.
private struct PolicyReader {
    var mistakes: [(message: String, line: Int)] = []

    mutating func report(_ message: String, _ node: YAMLNode?) { mistakes.append((message, Int(node?.mark.line ?? 1))) }

    mutating func selector(_ node: YAMLNode?, of key: String) -> LabelSelector? {
        guard let node else { return LabelSelector() }
        if let selector = LabelSelector(node) { return selector }
        report(
            "\(key) is no label selector: an operator is In, NotIn (with values), Exists or DoesNotExist (without)",
            node)
        return nil
    }

    mutating func rule(_ node: YAMLNode, peers key: String) -> NetworkPolicy.Rule {
        let peers = node[key]?.items ?? []
        let ports = node["ports"]?.items ?? []
        return NetworkPolicy.Rule(
            peers: peers.isEmpty ? nil : peers.compactMap { peer($0) },
            ports: ports.isEmpty ? nil : ports.compactMap { port($0) }, line: Int(node.mark.line))
    }

    private mutating func peer(_ node: YAMLNode) -> NetworkPolicy.PeerEntry? {
        // A key whose value is null is as good as absent (the API's fields are pointers): it must not become a selector of everything.
        let block = node["ipBlock"]
        let pods = node["podSelector"]
        let namespaces = node["namespaceSelector"]
        let peer: NetworkPolicy.Peer?
        switch (block, pods, namespaces) {
        case (let block?, nil, nil): peer = self.block(block)
        case (.some, _, _):
            report("an ipBlock stands alone in its peer", node)
            return nil
        case (nil, nil, nil):
            report("a peer needs podSelector, namespaceSelector or ipBlock", node)
            return nil
        case (nil, _, _):
            guard let chosen = selector(pods, of: "podSelector") else { return nil }
            var wanted: LabelSelector?
            if let namespaces {
                guard let selector = selector(namespaces, of: "namespaceSelector") else { return nil }
                wanted = selector
            }
            peer = .pods(chosen, namespaces: wanted)
        }
        let named = block?["cidr"] ?? pods?["matchLabels"] ?? node
        return peer.map {
            NetworkPolicy.PeerEntry(peer: $0, line: Int(node.mark.line), namedLine: Int(named.mark.line))
        }
    }

    private mutating func block(_ node: YAMLNode) -> NetworkPolicy.Peer? {
        guard let range = range(node["cidr"]) else {
            report("ipBlock needs a cidr, such as 10.0.0.0/8", node["cidr"] ?? node)
            return nil
        }
        var except: [AddressRange] = []
        for item in node["except"]?.items ?? [] {
            guard let hole = self.range(item), range.contains(hole), hole != range else {
                report("an exception must be a range within \(range), and smaller", item)
                return nil
            }
            except.append(hole)
        }
        return .block(range, except: except)
    }

    /// The API takes bits behind the prefix, and means the network.
    private func range(_ node: YAMLNode?) -> AddressRange? {
        guard let parts = node?.text?.split(separator: "/", omittingEmptySubsequences: false), parts.count == 2,
            let address = IPAddress(String(parts[0])), let length = Int(parts[1]),
            (0...address.bytes.count * 8).contains(length)
        else { return nil }
        return AddressRange(around: address, length: length)
    }

    private mutating func port(_ node: YAMLNode) -> NetworkPolicy.PortEntry? {
        guard let transport = PortTransport(node["protocol"]) else {
            report("protocol is TCP, UDP or SCTP", node["protocol"])
            return nil
        }
        guard let number = number(node) else { return nil }
        return NetworkPolicy.PortEntry(transport: transport, number: number, line: Int(node.mark.line))
    }

    private mutating func number(_ node: YAMLNode) -> NetworkPolicy.PortNumber? {
        guard let written = node["port"] else {
            guard let end = node["endPort"] else { return .all }
            report("endPort needs port", end)
            return nil
        }
        guard let value = written.int else {
            guard node["endPort"] == nil, let name = written.text else {
                report("endPort needs a port that is a number", node)
                return nil
            }
            return .named(name)
        }
        let last = node["endPort"] == nil ? value : node["endPort"]?.int ?? -1
        guard let first = UInt16(exactly: value), let last = UInt16(exactly: last), first > 0, first <= last else {
            report("a port is 1 to 65535, and endPort not below it", written)
            return nil
        }
        return .range(first...last)
    }
}
