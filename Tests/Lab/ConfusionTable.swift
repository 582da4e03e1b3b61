/// The fault that was caused against the headline that was found: all stands on the diagonal when each is told as what it is, and a
/// healthy network has no headline at all. With it the time from the start of a run to its verdict.
struct ConfusionTable {
    private struct Line {
        let fault: String?
        let rows: [LabMatrix.Row]
    }

    private let lines: [Line]

    init(_ rows: [LabMatrix.Row]) {
        let run = rows.filter { $0.skipped == nil }
        let groups = Dictionary(grouping: run, by: \.fault)
        lines = groups.sorted { ($0.key ?? "~") < ($1.key ?? "~") }.map { Line(fault: $0.key, rows: $0.value) }
    }

    private static let healthy = "(healthy)"

    var text: String {
        let names = lines.map { $0.fault ?? Self.healthy }
        let width = max(names.map(\.count).max() ?? 0, 12)
        let head =
            "\n\("fault caused".padded(to: width))     headline found     to the verdict, longest   other headlines"
        let body = lines.map { line in
            let name = (line.fault ?? Self.healthy).padded(to: width)
            let count = ["root", "user"].map { Self.diagonal(line, $0) }.joined(separator: "  ")
            let others = Self.others(line)
            return "\(name)     \(count.padded(to: 17))  \(Self.longest(line).padded(to: 23))   \(others)"
        }
        let total = lines.flatMap(\.rows)
        let right = lines.reduce(0) { sum, line in sum + line.rows.count { $0.found.first == line.fault } }
        return ([head] + body + ["on the diagonal: \(right) of \(total.count)"]).joined(separator: "\n")
    }

    /// `root 12/12`
    private static func diagonal(_ line: Line, _ builder: String) -> String {
        let rows = line.rows.filter { $0.builder.rawValue == builder }
        if rows.isEmpty { return "" }
        let right = rows.count { isOnDiagonal($0, line.fault) }
        return line.fault == nil && right == rows.count
            ? "\(builder) – \(rows.count)" : "\(builder) \(right)/\(rows.count)"
    }

    /// A note may stand on a network that is otherwise healthy: where the scenario allows it, it is no wrong headline.
    private static func isOnDiagonal(_ row: LabMatrix.Row, _ fault: String?) -> Bool {
        fault == nil ? !row.isWrong : row.found.first == fault
    }

    private static func longest(_ line: Line) -> String {
        guard let longest = line.rows.compactMap(\.milliseconds).max() else { return "" }
        let tenths = Int((longest / 100).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }

    private static func others(_ line: Line) -> String {
        let wrong = line.rows.filter { $0.found.first != line.fault }.map { $0.found.first ?? healthy }
        return Dictionary(grouping: wrong, by: \.self).sorted { $0.key < $1.key }
            .map { "\($0.key) \($0.value.count)" }.joined(separator: ", ")
    }
}
