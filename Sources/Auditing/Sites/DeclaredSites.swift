import Manifests
import NetValues

/// What is declared of sites: their networks, and the DNS servers of their zones.
struct DeclaredSites {
    struct Contradiction {
        let site: String
        let server: ZoneServer
        let network: DeclaredRange
    }

    let ranges: [DeclaredRange]
    let servers: [ZoneServer]

    init(_ state: DeclaredState) {
        ranges = DeclaredRange.all(state)
        servers = ZoneServer.all(EmbeddedText.all(state))
    }

    /// A range that holds a server of a site, where the networks declared for that site have nothing of it.
    func contradiction(of range: AddressRange) -> Contradiction? {
        for server in servers where range.contains(server.address) {
            guard let site = server.site, let own = provider(of: server) else { continue }
            let declared = ranges.filter { $0.role == .network && $0.provider == own }
            guard let network = declared.first, !declared.contains(where: { $0.range.overlaps(range) }) else {
                continue
            }
            return Contradiction(site: site, server: server, network: network)
        }
        return nil
    }

    /// Servers of other sites within the network of one.
    func strangers(in network: DeclaredRange) -> [ZoneServer] {
        guard network.role == .network, let owner = network.provider else { return [] }
        return servers.filter { server in
            guard let site = provider(of: server) else { return false }
            return site != owner && network.range.contains(server.address)
        }
    }

    private func provider(of server: ZoneServer) -> DeclaredRange.Provider? {
        guard let words = server.site?.lowercased().split(whereSeparator: { "-_. ".contains($0) }) else { return nil }
        return DeclaredRange.Provider.all.first { words.contains(Substring($0.rawValue)) }
    }
}
