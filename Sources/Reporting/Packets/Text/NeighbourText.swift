import NetValues
import Observations
import Wire

/// ARP, neighbour discovery and DHCP of a capture for people.
enum NeighbourText {
    private static let lineLimit = 6

    static func write(_ neighbours: NeighbourTally, to page: inout TextPage) {
        let arp = neighbours.arpRequests + neighbours.arpReplies
        let discovery = neighbours.solicitations + neighbours.advertisements + neighbours.routerAdvertisements
        guard arp + discovery > 0 else { return }
        page.section("Neighbours")
        if arp > 0 {
            let gratuitous = neighbours.gratuitous > 0 ? ", \(grouped(neighbours.gratuitous)) gratuitous" : ""
            page.entry(
                "ARP: \(counted(neighbours.arpRequests, "request")), "
                    + "\(grouped(neighbours.arpReplies)) \(neighbours.arpReplies == 1 ? "reply" : "replies")\(gratuitous)"
            )
        }
        if discovery > 0 {
            page.entry(
                "IPv6: \(counted(neighbours.solicitations, "solicitation")), "
                    + "\(counted(neighbours.advertisements, "advertisement")), "
                    + counted(neighbours.routerAdvertisements, "router advertisement"))
        }
        for claim in neighbours.conflicts.prefix(Self.lineLimit) {
            let owners = claim.owners.map(\.link.description).joined(separator: " and ")
            page.entry("\(claim.address) is claimed by \(owners)", .doubtful)
        }
        if !neighbours.unanswered.isEmpty {
            let all = neighbours.unanswered.map { "\($0.address) (\(counted($0.requests, "request")))" }
            page.entry("no answer from \(listed(all, limit: Self.lineLimit))", .doubtful)
        }
    }

    static func write(_ dhcp: DHCPTally, to page: inout TextPage) {
        guard !dhcp.messages.isEmpty else { return }
        page.section("DHCP")
        page.entry(tally(dhcp.messages))
        if !dhcp.servers.isEmpty {
            page.entry("from \(listed(dhcp.servers.map(\.description), limit: Self.lineLimit))")
        }
        for lease in dhcp.leases.prefix(Self.lineLimit) {
            page.entry("\(lease.client) has \(lease.address)" + (lease.lease.map { " for \($0.spoken)" } ?? ""))
        }
        if !dhcp.unansweredClients.isEmpty {
            let clients = listed(dhcp.unansweredClients.map(\.description), limit: Self.lineLimit)
            page.entry("no answer to \(clients)", .doubtful)
        }
    }

    static func writeAll(_ neighbours: NeighbourTally, top: Int?, to page: inout TextPage) {
        page.section(heading("Claims of addresses", neighbours.claims.count, top: top))
        if neighbours.claims.isEmpty {
            page.entry("none")
        } else {
            claims(neighbours.claims.prefix(top ?? .max)).write(to: &page)
        }
        guard !neighbours.unanswered.isEmpty else { return }
        page.section(heading("Asked for without an answer", neighbours.unanswered.count, top: top))
        let rows = neighbours.unanswered.prefix(top ?? .max).map { unanswered in
            [
                TextPage.Run(unanswered.address.description), TextPage.Run(unanswered.asker.description),
                TextPage.Run(grouped(unanswered.requests)), TextPage.Run(unanswered.firstAt.timeOfDay),
            ]
        }
        TextTable(
            [
                .init("address", least: 9), .init("asked by", least: 9), .init("requests", .right, worth: 2),
                .init("first at", worth: 1),
            ], rows: rows
        ).write(to: &page)
    }

    private static func claims(_ claims: ArraySlice<NeighbourClaim>) -> TextTable {
        let rows = claims.map { claim in
            [
                TextPage.Run(claim.address.description), TextPage.Run(claim.vlan.map(String.init) ?? ""),
                TextPage.Run(
                    claim.owners.map(\.link.description).joined(separator: ", "),
                    claim.owners.count > 1 ? .doubtful : .plain),
                TextPage.Run(grouped(claim.owners.reduce(0) { $0 + $1.claims })),
                TextPage.Run(claim.gratuitous > 0 ? grouped(claim.gratuitous) : ""),
                TextPage.Run(claim.changes > 0 ? grouped(claim.changes) : ""),
            ]
        }
        return TextTable(
            [
                .init("address", least: 9), .init("VLAN", .right, worth: 3), .init("claimed by", least: 17),
                .init("claims", .right, worth: 2), .init("gratuitous", .right, worth: 1),
                .init("changes", .right, worth: 4),
            ], rows: rows)
    }
}
