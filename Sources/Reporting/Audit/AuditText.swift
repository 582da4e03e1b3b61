import Diagnosis
import NetValues
import Planning

/// The result of an audit for people: the verdict, then what is wrong and where.
enum AuditText {
    static func text(_ report: AuditReport, style: TextStyle) -> String {
        var page = TextPage(style: style)
        writeVerdict(report, to: &page)
        let findings = FindingsText(report.findings, style: style)
        switch style.verbosity {
        case .quiet: findings.writeLines(to: &page)
        case .normal, .verbose:
            findings.write(to: &page)
            writeRest("Not readable", report.notReadable, to: &page)
            writeRest("Read, and not judged", report.notEvaluated, to: &page)
        }
        return page.text
    }

    private static func writeVerdict(_ report: AuditReport, to page: inout TextPage) {
        let read = counted(report.objects, "object")
        guard report.objects > 0 || !report.findings.isEmpty else {
            return page.paragraph(
                "No Kubernetes object in what was read: nothing was judged.", .plain,
                lead: [TextPage.Run("EMPTY", .bad), TextPage.Run("  ")])
        }
        guard let worst = report.findings.map(\.severity).max() else {
            page.paragraph(
                "\(read) read, nothing wrong with \(report.objects == 1 ? "it" : "them") as far as manifests show.",
                .plain,
                lead: [TextPage.Run("SOUND", .good), TextPage.Run("  ")])
            return
        }
        let counts = Severity.allCases.sorted(by: >).compactMap { severity -> String? in
            let count = report.findings.count { $0.severity == severity }
            return count == 0 ? nil : "\(grouped(count)) \(severity.rawValue)"
        }
        let word = worst >= .error ? "FAULTY" : worst == .warning ? "DOUBTFUL" : "SOUND"
        page.paragraph(
            "\(counted(report.findings.count, "finding")) in \(read): \(counts.joined(separator: ", ")).", .bold,
            lead: [TextPage.Run(word, worst.paint), TextPage.Run("  ")])
    }

    private static func writeRest(_ title: String, _ lines: [String], to page: inout TextPage) {
        guard !lines.isEmpty else { return }
        page.blank()
        page.paragraph(title, .bold)
        for line in lines { page.paragraph(line, indent: 2, lead: [TextPage.Run("- ")]) }
    }
}
