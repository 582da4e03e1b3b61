import Diagnosis
import Manifests
import Planning

/// The findings for people: root causes in full, then what follows from them.
struct FindingsText {
    /// Root causes told in full; more of them are nobody's first reading.
    private static let fullLimit = 10
    private static let consequenceLimit = 10
    private static let namesLimit = 4

    let roots: [Finding]
    let consequences: [Finding]
    private let limits: (full: Int, consequences: Int)
    private let ids: Set<String>

    init(_ report: Report, style: TextStyle) {
        self.init(report.findings.map(\.finding), style: style)
    }

    init(_ findings: [Finding], style: TextStyle) {
        roots = findings.filter { $0.causedBy.isEmpty }
        consequences = findings.filter { !$0.causedBy.isEmpty }
        ids = Set(findings.map(\.id))
        limits = style.verbosity == .verbose ? (.max, .max) : (Self.fullLimit, Self.consequenceLimit)
    }

    /// One line each, the most important first.
    func writeLines(to page: inout TextPage) {
        for finding in roots + consequences { writeLine(finding, to: &page) }
    }

    func write(to page: inout TextPage) {
        for (index, finding) in roots.prefix(limits.full).enumerated() { write(finding, number: index + 1, to: &page) }
        let others = roots.dropFirst(limits.full)
        if !others.isEmpty {
            page.blank()
            page.line("Also (--verbose tells all of it)", .bold)
            for finding in others { writeLine(finding, to: &page) }
        }
        writeConsequences(to: &page)
    }

    private func writeLine(_ finding: Finding, to page: inout TextPage) {
        let lead = [TextPage.Run(finding.severity.word.padded(to: 8), finding.severity.paint), TextPage.Run("  ")]
        let subject = finding.summary.contains(finding.subject) ? "" : "\(finding.subject): "
        page.paragraph("\(finding.id)  \(subject)\(finding.summary)", lead: lead)
    }

    private func write(_ finding: Finding, number: Int, to page: inout TextPage) {
        let marker = "\(number). "
        let inner = marker.utf8.count
        page.blank()
        let severity = TextPage.Run(finding.severity.word, finding.severity.paint)
        page.paragraph(finding.summary, .bold, lead: [TextPage.Run(marker), severity, TextPage.Run("  ")], hang: inner)
        page.paragraph("\(finding.subject) · \(finding.id)", .dim, indent: inner)
        if let location = finding.location?.words { page.paragraph(location, .dim, indent: inner) }
        page.paragraph(finding.confidence.words, .dim, indent: inner)
        writeSection("Evidence", finding.evidence, indent: inner, to: &page) { _ in "- " }
        if !finding.cause.isEmpty { writeSection("Cause", [finding.cause], indent: inner, to: &page) { _ in "" } }
        writeSection("Do", finding.remedy, indent: inner, to: &page) { "\($0 + 1). " }
        if let patch = finding.patch {
            page.paragraph("YAML", .bold, indent: inner)
            for line in patch.split(separator: "\n", omittingEmptySubsequences: false) {
                page.copied(String(line), indent: inner + 2)
            }
        }
        writeSection("Explains", explained(by: finding), indent: inner, to: &page) { _ in "" }
    }

    private func writeSection(
        _ title: String, _ items: [String], indent: Int, to page: inout TextPage, marker: (Int) -> String
    ) {
        guard !items.isEmpty else { return }
        page.paragraph(title, .bold, indent: indent)
        for (index, item) in items.enumerated() {
            page.paragraph(item, indent: indent + 2, lead: [TextPage.Run(marker(index))])
        }
    }

    /// Checks, and behind them what else follows, without the findings that are told themselves.
    private func explained(by finding: Finding) -> [String] {
        var lines: [String] = []
        if let only = finding.checks.first, finding.checks.count == 1 {
            lines.append("the check \(only)")
        } else if !finding.checks.isEmpty {
            lines.append("\(counted(finding.checks.count, "check")): \(listed(finding.checks, limit: Self.namesLimit))")
        }
        let others = finding.explains.filter { !ids.contains($0) && !finding.checks.contains($0) }
        if !others.isEmpty { lines.append(listed(others, limit: Self.namesLimit)) }
        return lines
    }

    private func writeConsequences(to page: inout TextPage) {
        guard !consequences.isEmpty else { return }
        page.blank()
        page.paragraph("Consequences (they should go away with their cause)", .bold)
        for finding in consequences.prefix(limits.consequences) {
            let lead = [
                TextPage.Run("- "), TextPage.Run(finding.severity.rawValue, finding.severity.paint), TextPage.Run("  "),
            ]
            let cause = "follows from \(finding.causedBy.joined(separator: ", "))"
            page.paragraph("\(finding.summary) (\(finding.id), \(cause))", indent: 2, lead: lead, hang: 4)
        }
        let more = consequences.count - limits.consequences
        if more > 0 { page.paragraph("and \(grouped(more)) more", indent: 2) }
    }
}

extension Finding.Location {
    /// "policies.yaml:12", with the object where that is not the subject.
    fileprivate var words: String? { ManifestPlace(file: file, line: line).words }
}
