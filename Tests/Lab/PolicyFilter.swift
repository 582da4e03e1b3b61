/// The policies of a scene as nftables rules of the router between all pods: a chain for each pod and direction, of which the rules
/// return what may pass and the end rejects the rest.
struct PolicyFilter: Sendable {
    private let scene: PolicyScene

    init(_ scene: PolicyScene) {
        self.scene = scene
    }

    /// For `nft -f`, in place of what was there.
    var text: String {
        let isolated = ["Egress", "Ingress"].flatMap { type in
            PolicyScene.pods.filter { pod in !policies(type, pod).isEmpty }.map { (type, $0) }
        }
        let chains = isolated.map { type, pod in
            let rules = policies(type, pod).flatMap { policy in
                (type == "Ingress" ? policy.ingress : policy.egress).flatMap { lines($0, type, policy, pod) }
            }
            return "chain \(type.lowercased())_\(pod.node) {\n\(rules.map { "\($0) return\n" }.joined())"
                + "ip protocol tcp reject with tcp reset\nreject with icmp type port-unreachable\n}"
        }
        let jumps = isolated.map { type, pod in
            "ip \(type == "Ingress" ? "daddr" : "saddr") \(pod.address) jump \(type.lowercased())_\(pod.node)"
        }
        return """
            table ip policies {}
            delete table ip policies
            table ip policies {
            \(chains.joined(separator: "\n"))
            chain forward {
            type filter hook forward priority 0; policy accept;
            ct state established,related accept
            \(jumps.joined(separator: "\n"))
            }
            }

            """
    }

    private func policies(_ type: String, _ pod: PolicyScene.Pod) -> [PolicyScene.Policy] {
        scene.policies.filter {
            $0.types.contains(type) && $0.namespace == pod.namespace && Self.fits($0.selector, pod.labels)
        }
    }

    /// One line for each peer and port; a rule without peers, or without ports, is about all of them.
    private func lines(
        _ rule: PolicyScene.Rule, _ type: String, _ policy: PolicyScene.Policy, _ pod: PolicyScene.Pod
    ) -> [String] {
        let side = type == "Ingress" ? "saddr" : "daddr"
        let peers = rule.peers.isEmpty ? [""] : rule.peers.flatMap { matches($0, side, policy) }
        guard !rule.ports.isEmpty else { return peers }
        return peers.flatMap { peer in
            rule.ports.flatMap { port in
                ports(port, type == "Ingress" ? [pod] : PolicyScene.pods).map { "\(peer) \($0)" }
            }
        }
    }

    private func matches(_ peer: PolicyScene.Peer, _ side: String, _ policy: PolicyScene.Policy) -> [String] {
        switch peer {
        case .block(let range, let except):
            // nftables takes no prefix of length zero.
            let holds = range == "0.0.0.0/0" ? "" : "ip \(side) \(range)"
            return [holds + (except.isEmpty ? "" : " ip \(side) != { \(except.joined(separator: ", ")) }")]
        case .pods(let labels, let wanted):
            return PolicyScene.pods.filter { candidate in
                let home = candidate.namespace
                let known = (PolicyScene.namespaces[home] ?? [:]).merging(["kubernetes.io/metadata.name": home]) { $1 }
                return Self.fits(labels, candidate.labels)
                    && (wanted.map { Self.fits($0, known) } ?? (home == policy.namespace))
            }.map { "ip \(side) \($0.address)" }
        }
    }

    /// A named port is another number at each destination.
    private func ports(_ port: PolicyScene.Port, _ destinations: [PolicyScene.Pod]) -> [String] {
        let transport = port.transport.lowercased()
        switch port.number {
        case .all: return ["meta l4proto \(transport)"]
        case .range(let first, let last): return ["\(transport) dport \(first)-\(last)"]
        case .named(let name):
            return destinations.compactMap { pod in
                pod.ports[name].map { "ip daddr \(pod.address) \(transport) dport \($0)" }
            }
        }
    }

    private static func fits(_ wanted: [String: String], _ labels: [String: String]) -> Bool {
        wanted.allSatisfy { labels[$0.key] == $0.value }
    }
}
