import JSON
import NetValues

/// The vantage in a few lines below the checks, of a report's own JSON, so that a stored report shows the same.
enum VantageBlock {
    static func write(_ report: Report, to page: inout TextPage) {
        guard let state = report.vantage.additions["state"] else { return }
        let lines = interfaces(state) + routes(state) + neighbours(state) + counters(state)
        guard !lines.isEmpty else { return }
        page.blank()
        page.line("Vantage", .bold)
        for (name, text) in lines { page.paragraph(text, indent: 2, lead: [TextPage.Run("\(name): ")], hang: 4) }
    }

    private static func interfaces(_ state: JSONValue) -> [(String, String)] {
        let entries = state["interfaces"]?.array ?? []
        return entries.filter { !($0["addresses"]?.array ?? []).isEmpty && $0["name"]?.string != "lo" }.prefix(8).map {
            let addresses = ($0["addresses"]?.array ?? []).compactMap { $0["address"]?.string }
            let carrier = $0["up"]?.bool == false ? "down, " : $0["carrier"]?.bool == false ? "no carrier, " : ""
            return (
                $0["name"]?.string ?? "?",
                "\(carrier)MTU \($0["mtu"]?.int ?? 0), \(listed(addresses, limit: 3))"
            )
        }
    }

    private static func routes(_ state: JSONValue) -> [(String, String)] {
        let defaults = (state["routes"]?.array ?? []).filter {
            $0["destination"]?.string == "default" && $0["type"] == nil
        }
        return defaults.prefix(4).map { route in
            let ways = (route["nextHops"]?.array ?? [route]).map { way in
                [way["gateway"]?.string, way["interface"]?.string].compactMap(\.self).joined(separator: " on ")
            }
            return ("\(route["family"]?.string ?? "") default route", listed(ways, limit: 3))
        }
    }

    private static func neighbours(_ state: JSONValue) -> [(String, String)] {
        let silent = (state["neighbours"]?.array ?? []).filter {
            ["failed", "incomplete"].contains($0["state"]?.string ?? "")
        }.compactMap { $0["address"]?.string }
        return silent.isEmpty ? [] : [("neighbours that do not answer", listed(silent, limit: 4))]
    }

    private static func counters(_ state: JSONValue) -> [(String, String)] {
        let grown = (state["grown"]?.object?.members ?? []).filter { CounterMeaning.of($0.key) != nil }
        return grown.prefix(12).map { member in
            (member.key, "+\(grouped(member.value.int ?? 0)), \(CounterMeaning.of(member.key) ?? "")")
        }
    }
}
