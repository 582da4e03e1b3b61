/// Rows of figures as wide as the screen: first the strip of late round trips takes what is left, then the columns of least worth go,
/// last the one elastic column is cut.
struct LiveTable {
    struct Column {
        let title: String
        let isLeft: Bool
        /// Where the width does not allow all columns, those of the lowest worth are left out first; nil stays.
        let worth: Int?

        init(_ title: String, isLeft: Bool = false, worth: Int? = nil) {
            self.title = title
            self.isLeft = isLeft
            self.worth = worth
        }
    }

    enum Row {
        case cells([TextPage.Run], TripStrip?)
        /// A line across all columns.
        case line([TextPage.Run])
    }

    private let columns: [Column]
    private let rows: [Row]
    /// The column that may be cut.
    private let elastic: Int
    private let mode: LiveControls.Mode

    /// Figures have room for five characters, so that they do not move as they grow.
    private static let figureWidth = 5
    private static let leastElastic = 15
    private static let leastStrip = 8

    init(_ columns: [Column], elastic: Int, rows: [Row], mode: LiveControls.Mode) {
        self.columns = columns
        self.rows = rows
        self.elastic = elastic
        self.mode = mode
    }

    private struct Layout {
        var kept: [Int]
        var widths: [Int]
        var strip: Int
    }

    /// - Parameter range: of the rows that are wanted.
    func lines(width: Int, isUnicode: Bool, range: Range<Int>) -> (head: [TextPage.Run], rows: [[TextPage.Run]]) {
        let layout = layout(width)
        let stripTitle = layout.strip >= 4 ? "late" : ""
        let head =
            line(columns.map { TextPage.Run($0.title, .dim) }, layout)
            + (layout.strip > 0 ? [TextPage.Run("  \(stripTitle)", .dim)] : [])
        let lines = rows[range.clamped(to: rows.indices)].map { row -> [TextPage.Run] in
            switch row {
            case .line(let runs): return runs
            case .cells(let cells, let strip):
                guard layout.strip > 0, let strip else { return line(cells, layout) }
                return line(cells, layout) + [TextPage.Run("  ")]
                    + strip.runs(width: layout.strip, isUnicode: isUnicode)
            }
        }
        return (head, lines)
    }

    private func line(_ cells: [TextPage.Run], _ layout: Layout) -> [TextPage.Run] {
        layout.kept.enumerated().map { place, index in
            let text = cells[index].text.cutInMiddle(to: layout.widths[index])
            let isLeft = columns[index].isLeft
            let gap = place == 0 ? "" : isLeft ? "  " : " "
            let width = layout.widths[index]
            return TextPage.Run(gap + (isLeft ? text.padded(to: width) : text.aligned(to: width)), cells[index].paint)
        }
    }

    private func layout(_ width: Int) -> Layout {
        var widths = columns.map { max($0.title.displayWidth, $0.isLeft || $0.worth == nil ? 0 : Self.figureWidth) }
        for case .cells(let cells, _) in rows {
            for (index, cell) in cells.enumerated() { widths[index] = max(widths[index], cell.text.displayWidth) }
        }
        var kept = columns.indices.filter { mode != .strip || (columns[$0].worth ?? .max) > Self.mostWorthOfDetails }
        func used() -> Int {
            kept.enumerated().reduce(0) { $0 + widths[$1.1] + ($1.0 == 0 ? 0 : columns[$1.1].isLeft ? 2 : 1) }
        }
        let natural = widths[elastic]
        widths[elastic] = min(natural, max(Self.leastElastic, columns[elastic].title.displayWidth))
        let wanted = mode == .statistics ? 0 : Self.leastStrip + 2
        while used() + wanted > width, let worth = kept.compactMap({ columns[$0].worth }).min() {
            kept.removeAll { columns[$0].worth == worth }
        }
        widths[elastic] = max(1, widths[elastic] - max(0, used() - width))
        // What is left: a third of it at most to long names, the rest to the strip.
        let rest = max(0, width - used())
        let wish = natural - widths[elastic]
        widths[elastic] += min(max(0, wish), mode == .statistics ? rest : max(0, rest - wanted) / 2)
        let strip = mode == .statistics ? 0 : width - used() - 2
        return Layout(kept: kept, widths: widths, strip: strip >= 1 ? strip : 0)
    }

    /// Columns up to this worth are left out where the strip is what is asked for.
    static let mostWorthOfDetails = 5
}
