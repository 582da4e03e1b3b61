import JSON
import NetValues

/// What limits a judgement by manifests, in a report's member `declared`.
enum DeclaredLimits {
    static let key = "declared"
    private static let lines = "limits"

    static func json(_ limits: [String]) -> JSONValue { .object(JSONObject([(lines, .strings(limits))])) }

    static func write(_ report: Report, to page: inout TextPage) {
        let limits = report.additions[key]?.object?[lines]?.array?.compactMap(\.string) ?? []
        guard !limits.isEmpty else { return }
        page.blank()
        page.paragraph("Limits of what was declared", .bold)
        for line in limits { page.paragraph(line, indent: 2, lead: [TextPage.Run("- ")]) }
    }
}
