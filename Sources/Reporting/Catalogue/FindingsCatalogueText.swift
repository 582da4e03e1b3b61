import Diagnosis
import Planning

/// `leadsman findings [ID]` for people.
package enum FindingsCatalogueText {
    package static func list(_ findings: [FindingExplanation], style: TextStyle) -> String {
        var page = TextPage(style: style)
        let idWidth = findings.reduce(0) { max($0, $1.id.displayWidth) }
        for finding in findings {
            let severity = TextPage.Run(finding.severity.rawValue.padded(to: 8), finding.severity.paint)
            let id = TextPage.Run("  \(finding.id.padded(to: idWidth))  ")
            // Where id and title do not fit side by side, the title stands below.
            let hang = idWidth > style.width / 2 ? 4 : nil
            page.paragraph(finding.title, lead: [severity, id], hang: hang)
        }
        return page.text
    }

    package static func explanation(_ finding: FindingExplanation, style: TextStyle) -> String {
        var page = TextPage(style: style)
        let severity = TextPage.Run(finding.severity.word, finding.severity.paint)
        page.paragraph(finding.title, .bold, lead: [severity, TextPage.Run("  ")])
        page.paragraph(finding.id, .dim)
        page.section("Raised when", finding.signals) { _ in "- " }
        page.section("What looks the same, and what tells it apart", finding.lookalikes) { _ in "- " }
        page.section("How it could be wrong, and what guards against that", finding.traps) { _ in "- " }
        page.section("What to do", finding.remedy) { "\($0 + 1). " }
        return page.text
    }
}

extension TextPage {
    /// A heading and its items after an empty line; nothing without items.
    mutating func section(_ title: String, _ items: [String], marker: (Int) -> String = { _ in "" }) {
        guard !items.isEmpty else { return }
        blank()
        line(title, .bold)
        for (index, item) in items.enumerated() { paragraph(item, indent: 2, lead: [Run(marker(index))]) }
    }
}
