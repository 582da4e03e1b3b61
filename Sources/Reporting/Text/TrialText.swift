import JSON
import NetValues

/// Trials of a name server on one line each.
enum TrialText {
    /// `same port 12 of 200 lost, two ports 0 of 200 …`
    static func pairs(_ fact: JSONValue) -> (String, String)? {
        guard let server = fact["server"]?.string, let tallies = fact["tallies"]?.array else { return nil }
        let parts = tallies.prefix(8).map { tally in
            let lost = (tally["oneLost"]?.int ?? 0) + (tally["bothLost"]?.int ?? 0)
            let median = (tally["medianMs"]?.number).map { ", median \(Milliseconds.spoken($0))" } ?? ""
            let manner = tally["manner"]?.string ?? "?"
            return
                "\(manners[manner] ?? manner.escaped(limit: 20)): \(lost) of \(tally["trials"]?.int ?? 0) lost\(median)"
        }
        return ("pairs of A and AAAA at \(server)", parts.joined(separator: "; "))
    }

    private static let manners = [
        "samePort": "one port", "twoPorts": "two ports", "sequential": "one after the other", "tcp": "TCP",
    ]

    /// `1000/s for 10.0 s: 10,000 sent, 9,998 answered (0.02 % lost), p50 0.3 ms …`
    static func rate(_ fact: JSONValue) -> (String, String)? {
        guard let server = fact["server"]?.string, let sent = fact["sent"]?.int, let answered = fact["answered"]?.int
        else { return nil }
        let lost = sent > 0 ? Double(max(0, sent - answered)) / Double(sent) * 100 : 0
        var parts = ["\(grouped(sent)) sent, \(grouped(answered)) answered (\(lost.decimals(lost < 1 ? 2 : 1)) % lost)"]
        let quantiles = ["min", "p50", "p90", "p95", "p99", "p999", "max"].compactMap { name in
            (fact["latencyMs"]?[name]?.number).map { "\(name == "p999" ? "p99.9" : name) \(Milliseconds.spoken($0))" }
        }
        if !quantiles.isEmpty { parts.append(quantiles.joined(separator: " · ")) }
        if case .object(let rcodes)? = fact["rcodes"] {
            parts += [
                rcodes.members.prefix(8).map { "\($0.key.escaped(limit: 20)) \(grouped($0.value.int ?? 0))" }.joined(
                    separator: ", ")
            ]
        }
        if let late = fact["lateStarts"]?.int, late > 0 { parts.append("\(grouped(late)) left late by our own doing") }
        if let own = fact["ownDrops"]?.int, own > 0 { parts.append("\(grouped(own)) dropped by this host itself") }
        let rate = (fact["wantedRate"]?.number ?? 0).decimals(0)
        let span = (fact["spanMs"]?.number).map(Milliseconds.spoken) ?? "?"
        return ("\(rate)/s for \(span) at \(server)", parts.filter { !$0.isEmpty }.joined(separator: "; "))
    }
}
