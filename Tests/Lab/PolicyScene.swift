import RepeatableChance

/// Pods and policies as data, from which both are made that must agree: manifests for leadsman, and filters for the kernel.
struct PolicyScene: Sendable {
    struct Pod: Sendable {
        let node: String
        let namespace: String
        let labels: [String: String]
        let address: String
        /// Numbers by name, all TCP.
        let ports: [String: Int]
    }

    enum Peer: Sendable {
        case pods([String: String], namespaces: [String: String]?)
        case block(String, except: [String])
    }

    enum PortNumber: Sendable {
        case all
        case range(Int, Int)
        case named(String)
    }

    struct Port: Sendable {
        let transport: String
        let number: PortNumber
    }

    struct Rule: Sendable {
        let peers: [Peer]
        let ports: [Port]
    }

    struct Policy: Sendable {
        let name: String
        let namespace: String
        let selector: [String: String]
        let types: [String]
        let ingress: [Rule]
        let egress: [Rule]
    }

    static let namespaces = ["a": ["team": "x"], "b": ["team": "y"]]
    static let pods = [
        Pod(node: "p0", namespace: "a", labels: ["app": "x"], address: "198.18.1.2", ports: ["web": 80]),
        Pod(node: "p1", namespace: "a", labels: ["app": "y"], address: "198.18.2.2", ports: ["web": 8080]),
        Pod(node: "p2", namespace: "b", labels: ["app": "x"], address: "198.18.3.2", ports: ["alt": 81]),
        Pod(node: "p3", namespace: "b", labels: ["app": "y"], address: "198.18.4.2", ports: ["web": 81]),
    ]
    /// An address outside the cluster.
    static let outside = (node: "o", address: "198.19.1.2")

    static var ends: [(node: String, address: String)] { pods.map { ($0.node, $0.address) } + [outside] }

    let policies: [Policy]

    init(seed: UInt64) {
        var chance = SeededRandom(seed: seed)
        let count = Int.random(in: 2...4, using: &chance)
        policies = (0..<count).map { number in
            let types = [["Ingress"], ["Egress"], ["Ingress", "Egress"]].randomElement(using: &chance) ?? []
            return Policy(
                name: "n\(number)", namespace: ["a", "b"].randomElement(using: &chance) ?? "a",
                selector: Self.selector(&chance), types: types,
                ingress: (0..<Int.random(in: 0...2, using: &chance)).map { _ in Self.rule(&chance) },
                egress: (0..<Int.random(in: 0...2, using: &chance)).map { _ in Self.rule(&chance) })
        }
    }

    private static func selector(_ chance: inout SeededRandom) -> [String: String] {
        [[:], ["app": "x"], ["app": "y"]].randomElement(using: &chance) ?? [:]
    }

    private static func rule(_ chance: inout SeededRandom) -> Rule {
        Rule(
            peers: (0..<Int.random(in: 0...2, using: &chance)).map { _ in peer(&chance) },
            ports: (0..<Int.random(in: 0...2, using: &chance)).map { _ in port(&chance) })
    }

    private static func peer(_ chance: inout SeededRandom) -> Peer {
        let namespaces: [[String: String]?] = [nil, [:], ["team": "x"], ["kubernetes.io/metadata.name": "b"]]
        let blocks: [Peer] = [
            .block("198.18.0.0/16", except: ["198.18.1.0/24"]), .block("198.19.0.0/16", except: []),
            .block("0.0.0.0/0", except: ["198.18.0.0/15"]),
            .block("198.18.0.0/15", except: ["198.19.1.2/32", "198.18.2.0/23"]),
        ]
        if Bool.random(using: &chance), let block = blocks.randomElement(using: &chance) { return block }
        return .pods(selector(&chance), namespaces: namespaces.randomElement(using: &chance) ?? nil)
    }

    private static func port(_ chance: inout SeededRandom) -> Port {
        let tcp: [PortNumber] = [.all, .range(80, 80), .range(81, 8080), .named("web"), .named("alt")]
        let udp: [PortNumber] = [.all, .range(53, 53), .range(53, 80), .range(81, 81)]
        return Bool.random(using: &chance)
            ? Port(transport: "TCP", number: tcp.randomElement(using: &chance) ?? .all)
            : Port(transport: "UDP", number: udp.randomElement(using: &chance) ?? .all)
    }
}

extension PolicyScene {
    /// What somebody would apply.
    var manifests: String {
        let namespaces = Self.namespaces.sorted { $0.key < $1.key }.map { name, labels in
            "{kind: Namespace, apiVersion: v1, metadata: {name: \(name), labels: \(Self.map(labels))}}"
        }
        let pods = Self.pods.map { pod in
            let ports = pod.ports.map { "{name: \($0.key), containerPort: \($0.value)}" }.joined(separator: ", ")
            return """
                {kind: Pod, apiVersion: v1, metadata: {name: \(pod.node), namespace: \(pod.namespace), \
                labels: \(Self.map(pod.labels))}, spec: {containers: [{name: c, ports: [\(ports)]}]}, \
                status: {podIP: \(pod.address)}}
                """
        }
        return (namespaces + pods + policies.map(Self.yaml)).joined(separator: "\n---\n") + "\n"
    }

    private static func yaml(_ policy: Policy) -> String {
        let rules = { (rules: [Rule], key: String) in rules.map { yaml($0, key) }.joined(separator: ", ") }
        return """
            {kind: NetworkPolicy, apiVersion: networking.k8s.io/v1, metadata: {name: \(policy.name), \
            namespace: \(policy.namespace)}, spec: {podSelector: {matchLabels: \(map(policy.selector))}, \
            policyTypes: [\(policy.types.joined(separator: ", "))], ingress: [\(rules(policy.ingress, "from"))], \
            egress: [\(rules(policy.egress, "to"))]}}
            """
    }

    private static func yaml(_ rule: Rule, _ key: String) -> String {
        let peers = rule.peers.map { peer in
            switch peer {
            case .pods(let labels, nil): "{podSelector: {matchLabels: \(map(labels))}}"
            case .pods(let labels, let wanted?):
                "{podSelector: {matchLabels: \(map(labels))}, namespaceSelector: {matchLabels: \(map(wanted))}}"
            case .block(let range, let except):
                "{ipBlock: {cidr: \(range), except: [\(except.joined(separator: ", "))]}}"
            }
        }
        let ports = rule.ports.map { port in
            switch port.number {
            case .all: "{protocol: \(port.transport)}"
            case .range(let first, let last): "{protocol: \(port.transport), port: \(first), endPort: \(last)}"
            case .named(let name): "{protocol: \(port.transport), port: \(name)}"
            }
        }
        return "{\(key): [\(peers.joined(separator: ", "))], ports: [\(ports.joined(separator: ", "))]}"
    }

    private static func map(_ labels: [String: String]) -> String {
        "{" + labels.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
    }
}
