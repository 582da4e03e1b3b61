import Manifests
import YAML

/// A second evaluator, written from the text of the API alone (NetworkPolicySpec and its parts, networking.k8s.io/v1) and from
/// nothing of ours but the YAML tree: it asks every policy about every packet, one by one.
struct PolicyOracle {
    enum End: Hashable {
        case pod(Int)
        /// As written, of an address outside the cluster.
        case address(String)
    }

    private let pods: [YAMLNode]
    private let policies: [YAMLNode]
    private let namespaces: [YAMLNode]

    init(_ objects: [ManifestObject]) {
        func roots(_ kind: String) -> [YAMLNode] { objects.filter { $0.kind == kind }.map(\.root) }
        pods = roots("Pod")
        policies = roots("NetworkPolicy")
        namespaces = roots("Namespace")
    }

    func allows(_ from: End, _ to: End, _ transport: String, _ port: Int) -> Bool {
        if from == to, case .pod = from { return true }
        return passes("egress", own: from, peer: to, target: to, transport, port)
            && passes("ingress", own: to, peer: from, target: to, transport, port)
    }

    private func passes(_ direction: String, own: End, peer: End, target: End, _ transport: String, _ port: Int) -> Bool
    {
        var isIsolated = false
        for policy in policies where selects(policy, own) && types(policy).contains(direction) {
            isIsolated = true
            for rule in policy["spec"]?[direction]?.items ?? [] {
                let peers = rule[direction == "ingress" ? "from" : "to"]?.items ?? []
                let ports = rule["ports"]?.items ?? []
                let meansPeer = peers.isEmpty || peers.contains { means($0, policy, peer) }
                let meansPort = ports.isEmpty || ports.contains { means($0, target, transport, port) }
                if meansPeer, meansPort { return true }
            }
        }
        return !isIsolated
    }

    /// "If this field is not specified, it will default based on the existence of ingress or egress rules".
    private func types(_ policy: YAMLNode) -> [String] {
        let written = (policy["spec"]?["policyTypes"]?.items ?? []).compactMap { $0.text?.lowercased() }
        if !written.isEmpty { return written }
        return (policy["spec"]?["egress"]?.items ?? []).isEmpty ? ["ingress"] : ["ingress", "egress"]
    }

    private func selects(_ policy: YAMLNode, _ end: End) -> Bool {
        guard case .pod(let index) = end, pods[index]["spec"]?["hostNetwork"]?.text != "true" else { return false }
        return namespace(pods[index]) == namespace(policy)
            && matches(policy["spec"]?["podSelector"], labels(pods[index]["metadata"]?["labels"]))
    }

    private func means(_ peer: YAMLNode, _ policy: YAMLNode, _ end: End) -> Bool {
        if let block = peer["ipBlock"] { return addresses(end, block).contains { isWithin($0, block) } }
        guard case .pod(let index) = end, pods[index]["spec"]?["hostNetwork"]?.text != "true" else { return false }
        let home = namespace(pods[index])
        if let selector = peer["namespaceSelector"] {
            var known = labels(namespaces.first { $0["metadata"]?["name"]?.text == home }?["metadata"]?["labels"])
            known["kubernetes.io/metadata.name"] = home
            if !matches(selector, known) { return false }
        } else if home != namespace(policy) {
            return false
        }
        return peer["podSelector"] == nil
            || matches(peer["podSelector"], labels(pods[index]["metadata"]?["labels"]))
    }

    /// A pod whose address nobody knows has none that a range would hold; of a node's there is always one.
    private func addresses(_ end: End, _ block: YAMLNode) -> [String] {
        switch end {
        case .address(let text): return [text]
        case .pod(let index):
            let known = (pods[index]["status"]?["podIPs"]?.items ?? []).compactMap { $0["ip"]?.text }
            let isNode = pods[index]["spec"]?["hostNetwork"]?.text == "true"
            let holdsAll = block["cidr"]?.text?.hasSuffix("/0") == true && (block["except"]?.items ?? []).isEmpty
            guard known.isEmpty, isNode, holdsAll else { return known }
            return block["cidr"]?.text?.contains(":") == true ? ["fd00:18:0:0:0:0:0:1"] : ["198.18.0.1"]
        }
    }

    private func means(_ written: YAMLNode, _ target: End, _ transport: String, _ port: Int) -> Bool {
        guard (written["protocol"]?.text ?? "TCP") == transport else { return false }
        guard let number = written["port"]?.text else { return true }
        if let first = Int(number) {
            return (first...(written["endPort"]?.text.flatMap { Int($0) } ?? first)).contains(port)
        }
        guard case .pod(let index) = target else { return false }
        let containers = pods[index]["spec"]?["containers"]?.items ?? []
        return containers.flatMap { $0["ports"]?.items ?? [] }.contains {
            $0["name"]?.text == number && ($0["protocol"]?.text ?? "TCP") == transport
                && $0["containerPort"]?.text == String(port)
        }
    }

    private func matches(_ selector: YAMLNode?, _ labels: [String: String]) -> Bool {
        for entry in selector?["matchLabels"]?.entries ?? [] where labels[entry.key] != entry.value.text {
            return false
        }
        for expression in selector?["matchExpressions"]?.items ?? [] {
            let value = labels[expression["key"]?.text ?? ""]
            let values = (expression["values"]?.items ?? []).compactMap(\.text)
            let holds: Bool
            switch expression["operator"]?.text {
            case "In": holds = value != nil && values.contains(value ?? "")
            case "NotIn": holds = value == nil || !values.contains(value ?? "")
            case "Exists": holds = value != nil
            default: holds = value == nil
            }
            if !holds { return false }
        }
        return true
    }

    private func labels(_ node: YAMLNode?) -> [String: String] {
        var found: [String: String] = [:]
        for entry in node?.entries ?? [] { found[entry.key] = entry.value.text }
        return found
    }

    private func namespace(_ object: YAMLNode) -> String { object["metadata"]?["namespace"]?.text ?? "default" }

    // MARK: Addresses, bit by bit

    private func isWithin(_ address: String, _ block: YAMLNode) -> Bool {
        guard holds(block["cidr"]?.text ?? "", address) else { return false }
        return !(block["except"]?.items ?? []).contains { holds($0.text ?? "", address) }
    }

    private func holds(_ range: String, _ address: String) -> Bool {
        let parts = range.split(separator: "/")
        guard parts.count == 2, let length = Int(parts[1]) else { return false }
        let (wanted, given) = (bits(String(parts[0])), bits(address))
        return wanted.count == given.count && wanted.prefix(length) == given.prefix(length)
    }

    /// IPv6 is written in full in these tests, but for `::` at the end.
    private func bits(_ address: String) -> [Bool] {
        guard address.contains(":") else {
            return address.split(separator: ".").flatMap { part in digits(Int(part) ?? 0, 8) }
        }
        var groups = address.split(separator: ":").map { Int($0, radix: 16) ?? 0 }
        while groups.count < 8 { groups.append(0) }
        return groups.flatMap { digits($0, 16) }
    }

    private func digits(_ number: Int, _ count: Int) -> [Bool] {
        (0..<count).map { number >> (count - 1 - $0) & 1 == 1 }
    }
}
