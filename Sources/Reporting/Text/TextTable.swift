/// A table that fits the page: first the columns of least worth are left out, then the elastic ones are cut in their middle.
struct TextTable {
    private static let gap = 2

    struct Column {
        enum Alignment { case left, right }

        let title: String
        let alignment: Alignment
        /// Where the width does not allow all columns, those of the lowest worth are left out first; nil stays.
        let worth: Int?
        /// Down to so many columns of the terminal its cells may be cut; nil never.
        let least: Int?

        init(_ title: String, _ alignment: Alignment = .left, worth: Int? = nil, least: Int? = nil) {
            self.title = title
            self.alignment = alignment
            self.worth = worth
            self.least = least
        }
    }

    private let columns: [Column]
    private let rows: [[TextPage.Run]]

    /// - Parameter rows: a cell for each column. A column without any text is left out.
    init(_ columns: [Column], rows: [[TextPage.Run]]) {
        let used = columns.indices.filter { index in rows.contains { !$0[index].text.isEmpty } }
        self.columns = used.map { columns[$0] }
        self.rows = rows.map { row in used.map { row[$0] } }
    }

    /// Whether all columns fit whole.
    func fits(_ page: TextPage, indent: Int = 2) -> Bool {
        let layout = layout(room: page.style.width - indent)
        return layout.kept.count == columns.count && layout.isWhole
    }

    /// - Parameter details: lines beneath the row of that index.
    func write(to page: inout TextPage, indent: Int = 2, details: (Int) -> [String] = { _ in [] }) {
        let (kept, widths, _) = layout(room: page.style.width - indent)
        let margin = TextPage.Run(String(repeating: " ", count: indent))
        func line(_ cells: [TextPage.Run]) -> [TextPage.Run] {
            [margin]
                + kept.enumerated().map { place, index in
                    let text = cells[index].text.cutInMiddle(to: widths[index])
                    let gap = place == 0 ? "" : String(repeating: " ", count: Self.gap)
                    let isLeft = columns[index].alignment == .left
                    let aligned = isLeft ? text.padded(to: widths[index]) : text.aligned(to: widths[index])
                    return TextPage.Run(gap + aligned, cells[index].paint)
                }
        }
        page.row(line(columns.map { TextPage.Run($0.title, .dim) }))
        for (index, row) in rows.enumerated() {
            page.row(line(row))
            for detail in details(index) { page.paragraph(detail, .dim, indent: indent + 2, hang: indent + 4) }
        }
    }

    /// The columns that are kept, the width of each of all columns, and whether none of the kept ones is cut.
    private func layout(room: Int) -> (kept: [Int], widths: [Int], isWhole: Bool) {
        var widths = columns.indices.map { index in
            rows.reduce(columns[index].title.displayWidth) { max($0, $1[index].text.displayWidth) }
        }
        var kept = Array(columns.indices)
        func least(_ index: Int) -> Int { min(widths[index], columns[index].least ?? widths[index]) }
        func used(_ width: (Int) -> Int) -> Int { kept.reduce(-Self.gap) { $0 + width($1) + Self.gap } }
        while used(least) > room, let worth = kept.compactMap({ columns[$0].worth }).min() {
            kept.removeAll { columns[$0].worth == worth }
        }
        var excess = used { widths[$0] } - room
        let isWhole = excess <= 0
        while excess > 0 {
            // From the widest, so that short texts stay whole.
            let elastic = kept.filter { widths[$0] > least($0) }
            guard let widest = elastic.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return (kept, widths, isWhole)
    }
}
