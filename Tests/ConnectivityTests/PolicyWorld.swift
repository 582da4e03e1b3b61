import RepeatableChance

/// A cluster and its policies by chance, of few names and numbers, so that they meet often.
struct PolicyWorld {
    static let transports = ["TCP", "UDP", "SCTP"]
    static let ports = [1, 53, 80, 81, 90, 8080, 65535]
    static let outside = [
        "192.0.2.1", "10.1.0.9", "10.1.1.200", "10.2.0.1", "172.16.5.5", "255.255.255.255", "fd00:1:0:0:0:0:0:9",
        "2001:db8:0:0:0:0:0:1",
    ]
    private static let namespaces = ["a", "b", "undeclared"]
    private static let blocks: [(cidr: String, holes: [String])] = [
        ("0.0.0.0/0", ["10.0.0.0/8", "10.1.0.0/16", "192.0.2.1/32", "0.0.0.0/1"]),
        ("10.0.0.0/8", ["10.1.0.0/16", "10.1.1.0/24", "10.2.0.0/15"]), ("10.1.0.0/16", ["10.1.0.0/17", "10.1.1.0/24"]),
        ("128.0.0.0/1", ["172.16.0.0/12", "192.0.0.0/8"]), ("10.1.1.0/24", ["10.1.1.128/25"]), ("192.0.2.1/32", []),
        ("::/0", ["fd00::/8"]), ("fd00:1::/32", []),
    ]

    let text: String

    init(seed: UInt64) {
        var chance = SeededRandom(seed: seed)
        var objects = ["a", "b"].map { name in
            "{kind: Namespace, apiVersion: v1, metadata: {name: \(name), labels: \(Self.labels(&chance))}}"
        }
        let pods = Int.random(in: 3...6, using: &chance)
        objects += (0..<pods).map { Self.pod($0, &chance) }
        let policies = Int.random(in: 2...7, using: &chance)
        objects += (0..<policies).map { Self.policy($0, &chance) }
        text = objects.joined(separator: "\n---\n")
    }

    private static func labels(_ chance: inout SeededRandom) -> String {
        let pairs = ["app", "tier", "team"].compactMap { key in
            chance.isOne(of: 3) ? nil : "\(key): \(chance.pick(["x", "y", "z"]))"
        }
        return "{" + pairs.joined(separator: ", ") + "}"
    }

    private static func pod(_ number: Int, _ chance: inout SeededRandom) -> String {
        let ports = ["web: 80", "web: 8080", "alt: 81", "dns: 53"].compactMap { entry -> String? in
            guard chance.isOne(of: 2) else { return nil }
            let parts = entry.split(separator: ": ")
            // Of each name one port: two of the same name is what the API refuses.
            let transport = parts[1] == "8080" ? "UDP" : parts[0] == "dns" ? chance.pick(transports) : "TCP"
            return "{name: \(parts[0]), containerPort: \(parts[1]), protocol: \(transport)}"
        }
        let addresses = [
            "", "", "{podIPs: [{ip: 10.1.\(number % 2).\(number + 1)}]}",
            "{podIPs: [{ip: 10.2.0.\(number + 20)}, {ip: 'fd00:1:0:0:0:0:0:\(number + 1)'}]}",
        ]
        let status = chance.pick(addresses)
        return """
            {kind: Pod, apiVersion: v1, metadata: {name: p\(number), namespace: \(chance.pick(namespaces)), \
            labels: \(labels(&chance))}, spec: {hostNetwork: \(chance.isOne(of: 6)), \
            containers: [{name: c, ports: [\(ports.joined(separator: ", "))]}]}\(status.isEmpty ? "" : ", status: \(status)")}
            """
    }

    private static func policy(_ number: Int, _ chance: inout SeededRandom) -> String {
        var spec = ["podSelector: \(selector(&chance))"]
        let types = ["", "[]", "[Ingress]", "[Egress]", "[Ingress, Egress]"]
        let written = chance.pick(types)
        if !written.isEmpty { spec.append("policyTypes: \(written)") }
        for (key, peers) in [("ingress", "from"), ("egress", "to")] where !chance.isOne(of: 4) {
            spec.append("\(key): \(chance.some(3) { rule(peers, &$0) })")
        }
        return """
            {kind: NetworkPolicy, apiVersion: networking.k8s.io/v1, metadata: {name: n\(number), \
            namespace: \(chance.pick(namespaces))}, spec: {\(spec.joined(separator: ", "))}}
            """
    }

    private static func rule(_ peers: String, _ chance: inout SeededRandom) -> String {
        var parts: [String] = []
        if !chance.isOne(of: 4) { parts.append("\(peers): \(chance.some(3, peer))") }
        if !chance.isOne(of: 3) { parts.append("ports: \(chance.some(3, port))") }
        return "{" + parts.joined(separator: ", ") + "}"
    }

    private static func peer(_ chance: inout SeededRandom) -> String {
        switch Int.random(in: 0..<6, using: &chance) {
        case 0: return "{podSelector: \(selector(&chance))}"
        case 1: return "{namespaceSelector: \(selector(&chance))}"
        case 2: return "{podSelector: \(selector(&chance)), namespaceSelector: \(selector(&chance))}"
        case 3: return "{podSelector: \(selector(&chance)), namespaceSelector: null}"
        default:
            let block = chance.pick(blocks)
            let holes = block.holes.filter { _ in chance.isOne(of: 3) }.map { "'\($0)'" }
            return "{ipBlock: {cidr: '\(block.cidr)', except: [\(holes.joined(separator: ", "))]}}"
        }
    }

    private static func selector(_ chance: inout SeededRandom) -> String {
        let key = chance.pick(["app", "tier", "team", "kubernetes.io/metadata.name"])
        let values = chance.pick([["x"], ["y", "z"], ["a"], ["undeclared", "x"]])
        switch Int.random(in: 0..<6, using: &chance) {
        case 0: return "{}"
        case 1, 2: return "{matchLabels: {\(key): \(values[0])}}"
        case 3: return "{matchLabels: {tier: y}, matchExpressions: [{key: \(key), operator: Exists}]}"
        case 4: return "{matchExpressions: [{key: \(key), operator: \(chance.pick(["Exists", "DoesNotExist"]))}]}"
        default:
            let relation = chance.pick(["In", "NotIn"])
            return
                "{matchExpressions: [{key: \(key), operator: \(relation), values: [\(values.joined(separator: ", "))]}]}"
        }
    }

    private static func port(_ chance: inout SeededRandom) -> String {
        let transport = chance.isOne(of: 2) ? "" : "protocol: \(chance.pick(transports))"
        let number: String
        switch Int.random(in: 0..<6, using: &chance) {
        case 0: number = ""
        case 1: number = "port: \(chance.pick(["web", "alt", "dns", "nobody"]))"
        case 2: number = "port: \(chance.pick([1, 53, 80])), endPort: \(chance.pick([80, 81, 8080, 65535]))"
        default: number = "port: \(chance.pick(ports))"
        }
        return "{" + [number, transport].filter { !$0.isEmpty }.joined(separator: ", ") + "}"
    }
}

extension SeededRandom {
    fileprivate mutating func isOne(of count: Int) -> Bool { number(1...count) == 1 }

    fileprivate mutating func some(_ most: Int, _ make: (inout SeededRandom) -> String) -> String {
        "[" + (0..<number(0...most)).map { _ in make(&self) }.joined(separator: ", ") + "]"
    }
}
