import JSON
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

    func write<Failure: Error>(to write: ([UInt8]) throws(Failure) -> Void) throws(Failure) {
        var text = JSONWriter()
        for table in tables {
            for kind in table.rows(of: report.summary) {
                for index in 0..<min(kind.count, top ?? .max) {
                    text.add(line: PacketJSON.object([("type", .string(kind.type)), (kind.type, kind.row(index))]))
                    try text.flush(least: PacketReport.blockSize, to: write)
                }
            }
        }
        for finding in report.findings {
            text.add(line: PacketJSON.object([("type", "finding"), ("finding", finding.json)]))
        }
        text.add(line: .object(JSONObject([("type", "summary")]).followed(by: PacketDocument(report).summary)))
        try text.flush(to: write)
    }
}

extension JSONWriter {
    fileprivate mutating func add(line value: JSONValue) {
        add(value, layout: .compact)
        add("\n")
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
