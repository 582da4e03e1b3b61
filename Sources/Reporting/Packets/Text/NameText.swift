import NetValues
import Observations
import Wire

/// DNS of a capture for people.
enum NameText {
    private static let serverLimit = 6

    static func write(_ dns: DNSTally, to page: inout TextPage) {
        let multicast = dns.multicastQueries + dns.multicastResponses
        guard dns.queries + dns.responses + dns.unsolicited + dns.malformed + multicast > 0 else { return }
        page.section("DNS")
        if dns.queries + dns.responses > 0 { page.entry(exchange(dns)) }
        if let spread = dns.latency { page.entry("answered in \(spread.words)") }
        for line in oddities(dns) { page.entry(line) }
        if dns.servers.count > 1 {
            for server in dns.servers.prefix(Self.serverLimit) { page.entry(line(server)) }
            let more = dns.servers.count - Self.serverLimit
            if more > 0 { page.entry("… \(counted(more, "further server"))", .dim) }
        }
        if multicast > 0 {
            page.entry(
                "multicast DNS apart: \(counted(dns.multicastQueries, "question")), "
                    + counted(dns.multicastResponses, "answer"))
        }
    }

    private static func exchange(_ dns: DNSTally) -> String {
        var parts = [counted(dns.queries, "question"), counted(dns.responses, "answer")]
        if dns.unanswered > 0 { parts.append("\(grouped(dns.unanswered)) unanswered") }
        if dns.retransmitted > 0 { parts.append("\(grouped(dns.retransmitted)) asked again") }
        let text = parts.joined(separator: ", ")
        return dns.rcodes.isEmpty ? text : "\(text): \(tally(dns.rcodes))"
    }

    private static func oddities(_ dns: DNSTally) -> [String] {
        let counts = [
            (dns.truncated, "answer", "cut short (TC)"), (dns.repeatedResponses, "answer", "repeated"),
            (dns.unsolicited, "answer", "without a question in the capture"), (dns.malformed, "message", "malformed"),
        ].filter { $0.0 > 0 }
        return counts.isEmpty ? [] : [counts.map { "\(counted($0.0, $0.1)) \($0.2)" }.joined(separator: ", ")]
    }

    private static func line(_ server: DNSServerTally) -> String {
        var parts = [counted(server.queries, "question")]
        if server.unanswered > 0 { parts.append("\(grouped(server.unanswered)) unanswered") }
        if server.failures > 0 { parts.append("\(grouped(server.failures)) failed") }
        if let spread = server.latency { parts.append(spread.words) }
        return "\(server.server): \(parts.joined(separator: ", "))"
    }

    static func writeAll(_ dns: DNSTally, top: Int?, to page: inout TextPage) {
        page.section(heading("DNS", dns.transactions.count, top: top))
        if dns.transactions.isEmpty { return page.entry("none") }
        let rows = dns.transactions.prefix(top ?? .max).map(cells)
        TextTable(
            [
                .init("at", worth: 2), .init("client", worth: 3, least: 15), .init("server", worth: 4, least: 21),
                .init("type", worth: 5), .init("name", least: 16), .init("result", worth: 7),
                .init("time", .right, worth: 6), .init("again", .right, worth: 5),
                .init("answers", worth: 1, least: 10),
            ], rows: rows
        ).write(to: &page)
    }

    private static func cells(_ transaction: DNSTransaction) -> [TextPage.Run] {
        let isWell = transaction.rcode == "NOERROR"
        let result = (transaction.rcode ?? "no answer") + (transaction.isTruncated ? " (TC)" : "")
        return [
            TextPage.Run(transaction.at.timeOfDay), TextPage.Run(transaction.client.description),
            TextPage.Run(transaction.server.description), TextPage.Run(transaction.type),
            TextPage.Run(transaction.name.isEmpty ? "?" : transaction.name),
            TextPage.Run(result, transaction.rcode == nil ? .bad : isWell ? .plain : .doubtful),
            TextPage.Run(transaction.latency?.spoken ?? ""),
            TextPage.Run(transaction.repeats > 0 ? grouped(transaction.repeats) : ""),
            TextPage.Run(listed(transaction.answers, limit: 3)),
        ]
    }
}

extension WallTime {
    /// `12:00:00.123`
    var timeOfDay: String { String(rfc3339.dropFirst(11).dropLast()) }
}
