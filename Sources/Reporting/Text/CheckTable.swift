import Diagnosis
import NetValues

/// The table of checks: one line each, and under it whatever does not fit into columns.
struct CheckTable {
    private static let gap = 2
    private static let statusWidth = 4
    /// Fewer columns than this for name and target together tell nobody anything.
    private static let minimumRoom = 24
    private static let detailIndent = 6

    private let checks: [CheckReport]
    private let style: TextStyle
    private let columns: [Column]
    private let nameWidth: Int
    private let targetWidth: Int
    private let hasReasonColumn: Bool
    private let isGrouped: Bool

    private struct Column {
        let title: String
        /// Where the width does not allow all columns, those of the lowest worth are left out first.
        let worth: Int
        let isBeforeTarget: Bool
        let width: Int
        let cell: (CheckReport) -> String

        init(
            _ title: String, worth: Int, isBeforeTarget: Bool = false, _ checks: [CheckReport],
            cell: @escaping (CheckReport) -> String
        ) {
            self.title = title
            self.worth = worth
            self.isBeforeTarget = isBeforeTarget
            self.cell = cell
            width = checks.reduce(title.utf8.count) { max($0, cell($1).displayWidth) }
        }

        func aligned(_ text: String) -> String { isBeforeTarget ? text.padded(to: width) : text.aligned(to: width) }
    }

    init(_ checks: [CheckReport], isGrouped: Bool, style: TextStyle) {
        self.checks = checks
        self.isGrouped = isGrouped
        self.style = style
        let name = Self.width(of: checks, title: "name") { $0.name }
        let target = Self.width(of: checks, title: "target") { $0.target }
        let reason = Self.width(of: checks.filter { $0.status != .passed }, title: "reason") { $0.reason ?? "" }
        var columns = Self.columns(checks)
        func room() -> Int {
            style.width - Self.statusWidth - 2 * Self.gap - columns.reduce(0) { $0 + $1.width + Self.gap }
        }
        while !columns.isEmpty, room() < min(name + target, Self.minimumRoom) {
            let least = columns.map(\.worth).min()
            columns.removeAll { $0.worth == least }
        }
        self.columns = columns
        let isReasonNarrow = room() - Self.gap - reason >= name + target && checks.contains { $0.reason != nil }
        hasReasonColumn = !isGrouped && isReasonNarrow
        let left = room()
        targetWidth = name + target <= left ? target : min(target, max(left / 2, left - name))
        nameWidth = min(name, left - targetWidth)
    }

    private static func columns(_ checks: [CheckReport]) -> [Column] {
        let hasSeries = checks.contains { $0.samples > 1 }
        let kind = Column("kind", worth: 3, isBeforeTarget: true, checks) { $0.kind.escaped(limit: 12) }
        let median = Column("median", worth: 4, checks) { spoken($0.latency?["p50"]) }
        guard hasSeries else { return [kind, median] }
        let p95 = Column("p95", worth: 1, checks) { $0.samples > 1 ? spoken($0.latency?["p95"]) : "" }
        let failed = Column("failed", worth: 2, checks) { $0.samples > 0 ? "\($0.failures)/\($0.samples)" : "" }
        return [kind, median, p95, failed]
    }

    private static func spoken(_ value: Double?) -> String { value.map(Milliseconds.spoken) ?? "-" }

    private static func width(of checks: [CheckReport], title: String, _ text: (CheckReport) -> String) -> Int {
        checks.reduce(title.utf8.count) { max($0, text($1).escaped().displayWidth) }
    }

    func write(to page: inout TextPage) {
        writeHeader(to: &page)
        for (index, check) in checks.enumerated() {
            if isGrouped, index == 0 || checks[index - 1].reason != check.reason { writeGroup(of: check, to: &page) }
            let status = TextPage.Run(check.status.word.padded(to: Self.statusWidth), check.status.paint)
            writeRow(
                status, name: check.name, target: check.target, reason: check.reason ?? "", paint: .plain, to: &page
            ) { $0.cell(check) }
            writeDetails(of: check, to: &page)
        }
    }

    private func writeGroup(of check: CheckReport, to page: inout TextPage) {
        let count = checks.count { $0.reason == check.reason }
        page.paragraph("\(check.reason ?? "without a reason") (\(counted(count, "check")))", .bold)
    }

    private func writeHeader(to page: inout TextPage) {
        let status = TextPage.Run(String(repeating: " ", count: Self.statusWidth))
        writeRow(status, name: "name", target: "target", reason: "reason", paint: .dim, to: &page) { $0.title }
    }

    private func writeRow(
        _ status: TextPage.Run, name: String, target: String, reason: String, paint: Paint, to page: inout TextPage,
        cell: (Column) -> String
    ) {
        let space = String(repeating: " ", count: Self.gap)
        var cells = [name.escaped().cutInMiddle(to: nameWidth).padded(to: nameWidth)]
        cells += columns.filter(\.isBeforeTarget).map { $0.aligned(cell($0)) }
        cells.append(target.escaped().cutInMiddle(to: targetWidth).padded(to: targetWidth))
        cells += columns.filter { !$0.isBeforeTarget }.map { $0.aligned(cell($0)) }
        if hasReasonColumn { cells.append(reason) }
        page.row([status] + cells.map { TextPage.Run(space + $0, paint) })
    }

    private func writeDetails(of check: CheckReport, to page: inout TextPage) {
        if !hasReasonColumn, !isGrouped, let reason = check.reason {
            page.paragraph(reason, indent: Self.detailIndent)
        }
        guard style.verbosity == .verbose else { return }
        for line in CheckDetails.lines(of: check) {
            page.paragraph(line, .dim, indent: Self.detailIndent, hang: Self.detailIndent + 2)
        }
        EchoSeriesText.write(check, indent: Self.detailIndent, to: &page)
    }
}
