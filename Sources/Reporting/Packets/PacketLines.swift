import Observations

/// The result as lines of JSON (as DESIGN.md section 9): each row of the tables that were asked for, each finding, and last the
/// summary without its lists.
struct PacketLines {
    private let report: PacketReport
    private let tables: [PacketTable]
    private let top: Int?

    init(_ report: PacketReport, _ rendering: PacketRendering) {
        self.report = report
        tables = rendering.tables.isEmpty ? [.flows] : rendering.tables
        top = rendering.top
    }

    func write<Failure: Error>(to write: (String) throws(Failure) -> Void) throws(Failure) {
        for table in tables {
            for kind in table.rows(of: report.summary) {
                for index in 0..<min(kind.count, top ?? .max) {
                    try write(line(kind.type, kind.row(index)))
                }
            }
        }
        for finding in report.findings { try write(line("finding", finding.json)) }
        let summary = JSONObject([("type", "summary")]).followed(by: PacketDocument(report).summary)
        try write(JSONWriter.text(.object(summary), layout: .compact) + "\n")
    }

    private func line(_ type: String, _ member: JSONValue) -> String {
        JSONWriter.text(PacketJSON.object([("type", .string(type)), (type, member)]), layout: .compact) + "\n"
    }
}

/// The rows of one kind within a table, each made when it is asked for.
struct PacketRows {
    let type: String
    let count: Int
    let row: (Int) -> JSONValue

    init<Element>(_ type: String, _ elements: [Element], _ json: @escaping (Element) -> JSONValue) {
        self.type = type
        count = elements.count
        row = { json(elements[$0]) }
    }
}

extension PacketTable {
    func rows(of summary: PacketSummary) -> [PacketRows] {
        switch self {
        case .flows: [PacketRows("flow", summary.flows, FlowJSON.json)]
        case .dns: [PacketRows("dns", summary.dns.transactions, NameJSON.transaction)]
        case .tls: [PacketRows("tls", summary.tls.handshakes, ApplicationJSON.handshake)]
        case .http: [PacketRows("http", summary.http.exchanges, ApplicationJSON.exchange)]
        case .icmp:
            [
                PacketRows("icmpError", summary.icmp.quotes, ControlJSON.error),
                PacketRows("echoSeries", summary.icmp.series, ControlJSON.series),
            ]
        case .arp:
            [
                PacketRows("arpClaim", summary.neighbours.claims, ControlJSON.claim),
                PacketRows("arpUnanswered", summary.neighbours.unanswered, ControlJSON.unanswered),
            ]
        }
    }
}
