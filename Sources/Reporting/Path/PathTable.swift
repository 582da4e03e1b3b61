import NetValues

/// The hops of a way as a table: who answers, what is lost, how long it takes.
struct PathTable {
    private let path: PathReport

    init(_ path: PathReport) {
        self.path = path
    }

    func write(to page: inout TextPage) {
        page.blank()
        page.paragraph("\(heading): \(path.ending)", .bold)
        guard !path.hops.isEmpty else { return }
        let isSeries = path.rounds > 1
        let lines: [Row] = path.hops.flatMap { rows(of: $0, isSeries: isSeries) }
        let table = TextTable(isSeries ? Self.series : Self.single, rows: lines.map(\.cells))
        table.write(to: &page) { lines[$0].details }
        for note in path.notes { page.paragraph(note.text, .dim, indent: 2, hang: 4) }
    }

    /// `udp to 198.18.3.2 port 33434, 10 rounds`
    private var heading: String {
        let port = path.port.map { " port \($0)" } ?? ""
        let flows = path.flows > 1 ? ", \(counted(path.flows, "flow"))" : ""
        let rounds = path.rounds > 1 ? ", \(counted(path.rounds, "round")), times in ms" : ""
        return "\(path.carrier) to \(path.destination)\(port)\(flows)\(rounds)"
    }

    private static let single = [
        TextTable.Column("hop", .right), TextTable.Column("address", least: 15),
        TextTable.Column("name", worth: 1, least: 12), TextTable.Column("round trip", .right),
        TextTable.Column("answered", .right, worth: 2), TextTable.Column("flows", least: 8),
    ]

    private static let series = [
        TextTable.Column("hop", .right), TextTable.Column("address", least: 15),
        TextTable.Column("name", worth: 1, least: 12), TextTable.Column("loss", .right),
        TextTable.Column("sent", .right, worth: 5), TextTable.Column("last", .right, worth: 4),
        TextTable.Column("avg", .right), TextTable.Column("best", .right, worth: 3),
        TextTable.Column("worst", .right, worth: 3), TextTable.Column("stdev", .right, worth: 2),
        TextTable.Column("jitter", .right, worth: 1), TextTable.Column("flows", worth: 0, least: 8),
    ]

    private struct Row {
        let cells: [TextPage.Run]
        var details: [String] = []
    }

    /// The first responder beside the numbers of the hop, the others beneath it.
    private func rows(of hop: PathReport.Hop, isSeries: Bool) -> [Row] {
        let first = hop.responders.first
        var rows = [Row(cells: cells(of: hop, first, isSeries), details: details(first, of: hop))]
        for other in hop.responders.dropFirst() {
            var cells = [TextPage.Run](
                repeating: TextPage.Run(""), count: isSeries ? Self.series.count : Self.single.count)
            cells[1] = TextPage.Run(other.address)
            cells[2] = TextPage.Run(other.name ?? "")
            cells[cells.count - 1] = flows(other, of: hop)
            rows.append(Row(cells: cells, details: details(other, of: hop)))
        }
        return rows
    }

    private func cells(of hop: PathReport.Hop, _ first: PathReport.Responder?, _ isSeries: Bool) -> [TextPage.Run] {
        let who = first?.address ?? (hop.unnamed > 0 ? "(reset)" : "no answer")
        let head = [
            TextPage.Run(String(hop.limit)), TextPage.Run(who, hop.answered > 0 ? .plain : .dim),
            TextPage.Run(first?.name ?? ""),
        ]
        guard isSeries else {
            let share = hop.sent > 1 ? "\(hop.answered) of \(hop.sent)" : ""
            let trip = hop.roundTrips["last"].map(Milliseconds.spoken) ?? "-"
            return head + [TextPage.Run(trip), TextPage.Run(share, .dim), flows(first, of: hop)]
        }
        let isLoss = hop.answered < hop.sent && !hop.isSparing
        let loss = TextPage.Run("\(hop.lossPercent.decimals(hop.lossPercent < 10 ? 1 : 0))%", isLoss ? .doubtful : .dim)
        return head + [loss, TextPage.Run(grouped(hop.sent))]
            + ["last", "mean", "min", "max", "stddev", "jitter"].map { TextPage.Run(Self.short(hop.roundTrips[$0])) }
            + [flows(first, of: hop)]
    }

    /// Which flows came here, where ways part.
    private func flows(_ responder: PathReport.Responder?, of hop: PathReport.Hop) -> TextPage.Run {
        guard path.flows > 1, hop.responders.count > 1, let responder else { return TextPage.Run("") }
        return TextPage.Run(responder.flows.map(String.init).joined(separator: " "), .dim)
    }

    /// With three digits, as columns of one unit have room for.
    private static func short(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "" }
        return value.decimals(value < 10 ? 2 : value < 100 ? 1 : 0)
    }

    private func details(_ responder: PathReport.Responder?, of hop: PathReport.Hop) -> [String] {
        guard let responder else { return [] }
        var details = responder.says.map { [$0] } ?? []
        details += responder.labels.map { "MPLS \($0)" }
        return details
    }
}
