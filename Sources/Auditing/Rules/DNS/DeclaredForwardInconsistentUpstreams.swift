import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// One `forward` to servers of different zones (catalogue section 3, the static half).
enum DeclaredForwardInconsistentUpstreams: AuditRule {
    static let explanation = FindingExplanation.shared("dns-forward-inconsistent-upstreams", severity: .error)

    static func findings(in state: DeclaredState) -> [Finding] {
        let texts = EmbeddedText.all(state)
        let blocks = CorefileBlock.all(texts)
        guard !blocks.isEmpty else { return [] }
        let servers = ZoneServer.all(texts.filter { !CorefileBlock.isCorefile($0) }) + stubs(blocks)
        let zonesOf = Dictionary(grouping: servers, by: \.address)
        return blocks.flatMap { block in
            block.forwards.compactMap { forward in judge(forward, block, zonesOf) }
        }
    }

    /// Servers that other blocks forward one zone to, and nothing else.
    private static func stubs(_ blocks: [CorefileBlock]) -> [ZoneServer] {
        blocks.flatMap { block -> [ZoneServer] in
            guard let zone = block.zones.first, zone != ".", block.zones.count == 1, block.forwards.count == 1,
                let forward = block.forwards.first, forward.upstreams.count == 1
            else { return [] }
            return forward.upstreams.map {
                ZoneServer(site: nil, zone: zone, address: $0, place: forward.place, title: block.text.object.title)
            }
        }
    }

    private static func judge(
        _ forward: CorefileBlock.Forward, _ block: CorefileBlock, _ zonesOf: [IPAddress: [ZoneServer]]
    ) -> Finding? {
        let upstreams = forward.upstreams.unique()
        let known = upstreams.compactMap { upstream in zonesOf[upstream].map { (upstream, $0) } }
        let zones = known.map { Set($0.1.map(\.zone)) }
        guard upstreams.count > 1, known.count > 1,
            zones.indices.contains(where: { index in
                zones[(index + 1)...].contains { $0.isDisjoint(with: zones[index]) }
            })
        else { return nil }
        let what =
            forward.zone == "." ? block.zones.first.map { "names of \($0)" } ?? "all names" : "names of \(forward.zone)"
        return finding(
            block.text.object, at: forward.place, confidence: .likely,
            summary:
                "CoreDNS sends \(what) to \(counted(upstreams.count, "server")), any of them, and they are declared as servers of different zones.",
            evidence: known.map { upstream, servers in
                "\(upstream) is for \(listed(servers.map(\.zone).unique()))\(servers[0].place.words.map { " (\($0))" } ?? "")"
            },
            cause:
                "CoreDNS picks an upstream at random and takes NXDOMAIN for an answer: a name that only one of \(counted(upstreams.count, "server")) knows fails most of the time.",
            remedy: [
                "write one server block for each zone, which forwards to that zone's servers alone",
                "`policy sequential` does not help: only true replicas may stand in one forward",
                "on AKS the ConfigMap is coredns-custom, its keys end in .server; restart the coredns pods after the change",
            ],
            patch: patch(known, block))
    }

    /// Of a file of its own, which holds this block and nothing else; all other keys stay.
    private static func patch(_ known: [(IPAddress, [ZoneServer])], _ block: CorefileBlock) -> String? {
        let object = block.text.object
        guard object.file != nil, block.text.name.hasSuffix(".server"),
            CorefileBlock.all([block.text]).count == 1
        else { return nil }
        var order: [String] = []
        var addresses: [String: [String]] = [:]
        for (address, servers) in known {
            for zone in servers.map(\.zone).unique() {
                if addresses[zone] == nil { order.append(zone) }
                addresses[zone, default: []].append(address.description)
            }
        }
        let text = order.map { zone in
            let cache = block.cache.map { "    cache \($0)\n" } ?? ""
            return "\(zone):53 {\n    forward . \(addresses[zone, default: []].joined(separator: " "))\n\(cache)}\n"
        }.joined()
        return ManifestText.text(object.root.setting(["data", block.text.name], to: .text(text)))
    }
}
