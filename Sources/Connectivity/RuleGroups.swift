import Manifests

/// The rules of several policies, those with the same ports taken together.
struct RuleGroups {
    struct Group {
        /// Nil: everybody.
        let peers: PeerSet?
        let ports: RulePorts
    }

    let groups: [Group]

    init(_ policies: [CompiledPolicy], _ direction: NetworkPolicy.Direction) {
        var places: [RulePorts: Int] = [:]
        var found: [(ports: RulePorts, peers: [PeerSet]?)] = []
        for rule in policies.lazy.flatMap({ $0.rules(direction) }) {
            let place = places[rule.ports] ?? found.count
            if place == found.count {
                places[rule.ports] = place
                found.append((rule.ports, []))
            }
            if let peers = rule.peers { found[place].peers?.append(peers) } else { found[place].peers = nil }
        }
        groups = found.map { Group(peers: $0.peers.map { PeerSet($0) }, ports: $0.ports) }
    }
}
