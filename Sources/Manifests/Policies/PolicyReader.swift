import NetValues
import YAML

/// Reads the parts of a policy; what the API refuses becomes a mistake, and allows nothing.
struct PolicyReader {
    private(set) var mistakes: [(message: String, line: Int)] = []

    private mutating func report(_ message: String, _ node: YAMLNode?) {
        mistakes.append((message, Int(node?.mark.line ?? 1)))
    }

    /// The API drops a field that it does not know, and a rule without it means more than was meant; kubectl refuses it before
    /// (strict field validation, Kubernetes 1.27).
    mutating func checkFields(_ node: YAMLNode?, _ known: Set<String>, of shown: String) {
        guard let node, !node.isNothing else { return }
        guard node.isMap else { return report("\(shown) must be a mapping", node) }
        for entry in node.entries where !known.contains(entry.key) {
            let hint = nearestWord(to: entry.key, among: known).map { ": did you mean `\($0)`?" } ?? ""
            mistakes.append(
                ("\(shown) has no field `\(entry.key.escaped(limit: 60))`\(hint)", Int(entry.keyMark.line)))
        }
    }

    mutating func items(_ node: YAMLNode?, of key: String) -> [YAMLNode] {
        guard let node, !node.isNothing else { return [] }
        if !node.isList { report("\(key) must be a list (lines that begin with `- `)", node) }
        return node.items
    }

    mutating func directions(_ node: YAMLNode?) -> [NetworkPolicy.Direction] {
        items(node, of: "policyTypes").compactMap { item in
            let word = item.text ?? ""
            if !["Ingress", "Egress"].contains(word) { report("policyTypes are Ingress and Egress", item) }
            return NetworkPolicy.Direction(rawValue: word.lowercased())
        }
    }

    mutating func selector(_ node: YAMLNode?, of key: String) -> LabelSelector? {
        guard let node else { return LabelSelector() }
        checkFields(node, ["matchLabels", "matchExpressions"], of: key)
        if let selector = LabelSelector(node) { return selector }
        report(
            "\(key) is no label selector: an operator is In, NotIn (with values), Exists or DoesNotExist (without)",
            node)
        return nil
    }

    mutating func rule(_ node: YAMLNode, peers key: String) -> NetworkPolicy.Rule {
        checkFields(node, [key, "ports"], of: key == "from" ? "a rule of ingress" : "a rule of egress")
        let peers = items(node[key], of: key)
        let ports = items(node["ports"], of: "ports")
        return NetworkPolicy.Rule(
            peers: peers.isEmpty ? nil : peers.compactMap { peer($0) },
            ports: ports.isEmpty ? nil : ports.compactMap { port($0) }, line: Int(node.mark.line))
    }

    private mutating func peer(_ node: YAMLNode) -> NetworkPolicy.PeerEntry? {
        checkFields(node, ["ipBlock", "podSelector", "namespaceSelector"], of: "a peer")
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
        checkFields(node, ["cidr", "except"], of: "ipBlock")
        guard let range = range(node["cidr"]) else {
            report("ipBlock needs a cidr, such as 10.0.0.0/8", node["cidr"] ?? node)
            return nil
        }
        var except: [AddressRange] = []
        for item in items(node["except"], of: "except") {
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
        checkFields(node, ["port", "protocol", "endPort"], of: "an entry of ports")
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
            guard PortName.isValid(name) else {
                report(
                    "port is neither a number nor a name of at most 15 of a-z, 0-9 and `-` with a letter among them",
                    written)
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
