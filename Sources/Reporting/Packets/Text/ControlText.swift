import NetValues
import Observations
import Wire

/// ICMP of a capture for people.
enum ControlText {
    private static let errorLimit = 6

    static func write(_ icmp: ICMPTally, to page: inout TextPage) {
        guard icmp.echoRequests + icmp.echoReplies > 0 || !icmp.errors.isEmpty else { return }
        page.section("ICMP")
        if icmp.echoRequests + icmp.echoReplies > 0 {
            var parts = [counted(icmp.echoRequests, "echo request"), "\(grouped(icmp.echoReplies)) answered"]
            if icmp.unanswered > 0 { parts.append("\(grouped(icmp.unanswered)) unanswered") }
            if let spread = icmp.echoLatency { parts.append(spread.words) }
            page.entry(parts.joined(separator: ", "))
        }
        if !icmp.errors.isEmpty { page.entry("errors: \(tally(icmp.errors))", .doubtful) }
        for record in icmp.quotes.prefix(Self.errorLimit) { page.entry(line(record)) }
        let more = icmp.quotes.count - Self.errorLimit
        if more > 0 { page.entry("… \(counted(more, "further error")) (--icmp lists all)", .dim) }
    }

    /// `port unreachable from 10.0.0.1 about udp 10.0.0.2:40000 → 10.0.0.1:53`
    private static func line(_ record: ICMPErrorRecord) -> String {
        let mtu = record.error.mtu.map { ", MTU \($0)" } ?? ""
        return "\(record.name) from \(record.error.sender)\(mtu) about \(quoted(record))"
    }

    private static func quoted(_ record: ICMPErrorRecord) -> String {
        "\(IPProtocol.name(record.protocolNumber)) \(text(record.source, record)) → \(text(record.destination, record))"
    }

    static func text(_ endpoint: PacketEndpoint, _ record: ICMPErrorRecord) -> String {
        IPProtocol.hasPorts(record.protocolNumber) ? endpoint.description : endpoint.address.description
    }

    static func writeAll(_ icmp: ICMPTally, top: Int?, to page: inout TextPage) {
        page.section(heading("ICMP errors", icmp.quotes.count, top: top))
        if icmp.quotes.isEmpty { page.entry("none") } else { errors(icmp.quotes.prefix(top ?? .max)).write(to: &page) }
        page.section(heading("Series of echoes", icmp.series.count, top: top))
        if icmp.series.isEmpty { page.entry("none") } else { series(icmp.series.prefix(top ?? .max)).write(to: &page) }
    }

    private static func errors(_ records: ArraySlice<ICMPErrorRecord>) -> TextTable {
        let rows = records.map { record in
            [
                TextPage.Run(record.error.at.timeOfDay), TextPage.Run(record.error.sender.description),
                TextPage.Run(record.name), TextPage.Run(record.error.mtu.map(String.init) ?? ""),
                TextPage.Run(IPProtocol.name(record.protocolNumber)), TextPage.Run(text(record.source, record)),
                TextPage.Run(text(record.destination, record)),
            ]
        }
        return TextTable(
            [
                .init("at", worth: 2), .init("sender", worth: 5, least: 15), .init("error", least: 10),
                .init("MTU", .right, worth: 4), .init("about", worth: 3), .init("from", worth: 1, least: 15),
                .init("to", least: 15),
            ], rows: rows)
    }

    private static func series(_ records: ArraySlice<EchoSeriesRecord>) -> TextTable {
        let rows = records.map { record in
            [
                TextPage.Run(record.source.description), TextPage.Run(record.destination.description),
                TextPage.Run(String(record.identifier)), TextPage.Run(grouped(record.requests)),
                TextPage.Run(grouped(record.replies), record.replies < record.requests ? .doubtful : .plain),
                TextPage.Run(record.duplicates > 0 ? grouped(record.duplicates) : ""),
                TextPage.Run(record.late > 0 ? grouped(record.late) : ""),
            ]
        }
        return TextTable(
            [
                .init("from", least: 9), .init("to", least: 15), .init("id", .right, worth: 1),
                .init("requests", .right, worth: 3), .init("replies", .right, worth: 3),
                .init("twice", .right, worth: 2), .init("late", .right, worth: 2),
            ], rows: rows)
    }
}
