import NetValues

/// The report for somebody at a terminal: the verdict, the root causes with what to do, then each check.
enum TextReport {
    static func text(_ report: Report, style: TextStyle) -> String {
        var page = TextPage(style: style)
        VerdictLine.write(report, to: &page)
        let findings = FindingsText(report, style: style)
        switch style.verbosity {
        case .quiet: findings.writeLines(to: &page)
        case .normal, .verbose:
            findings.write(to: &page)
            for path in report.checks.compactMap(PathReport.init).prefix(mostPaths) {
                PathTable(path).write(to: &page)
            }
            DeclaredLimits.write(report, to: &page)
            let lines = VantageLine.all(in: report)
            if !lines.isEmpty {
                page.blank()
                VantageSection.write(lines, to: &page)
            }
            if lines.isEmpty || style.verbosity == .verbose { writeChecks(report, to: &page) }
            if lines.isEmpty, style.verbosity == .verbose { VantageBlock.write(report, to: &page) }
            page.blank()
            page.paragraph(footer(report), .dim)
            if let line = SamplingText.footer(report.checks) { page.paragraph(line, .dim) }
            if let line = KeptPackets(report.checks).line { page.paragraph(line, .dim) }
        }
        return page.text
    }

    /// A plan of a hundred traces has them in its document.
    private static let mostPaths = 8

    private static func writeChecks(_ report: Report, to page: inout TextPage) {
        guard !report.checks.isEmpty else { return }
        let tables = RangeTable.all(of: report.checks)
        for table in tables { table.write(to: &page) }
        // What the tables say is told by line only to who wants all of it.
        let isListed = tables.isEmpty || page.style.verbosity == .verbose
        var checks = isListed ? report.checks : report.checks.filter { RangeTable.range(of: $0) == nil }
        // Of a trace the table of its hops says more.
        if page.style.verbosity != .verbose, checks.count <= mostPaths { checks.removeAll { PathReport($0) != nil } }
        guard !checks.isEmpty else { return }
        let selection = CheckSelection(checks, verbosity: page.style.verbosity)
        page.blank()
        if !selection.shown.isEmpty {
            CheckTable(selection.shown, isGrouped: selection.isGrouped, style: page.style).write(to: &page)
        }
        for line in selection.omissions { page.paragraph(line, .dim) }
    }

    private static func footer(_ report: Report) -> String {
        let labels = report.vantage.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let place = labels.isEmpty ? report.vantage.name : "\(report.vantage.name) (\(labels.joined(separator: ", ")))"
        let duration = Milliseconds.spoken(report.durationMs)
        return "\(counted(report.checks.count, "check")) in \(duration) from \(place), \(moment(report.startedAt))"
    }

    /// `2026-01-31 12:00:00 UTC` of an RFC 3339 text in UTC; anything else as it stands.
    private static func moment(_ text: String) -> String {
        guard text.utf8.count == 24, text.hasSuffix("Z") else { return text }
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)) UTC"
    }
}
