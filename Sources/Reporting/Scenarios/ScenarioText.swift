import Scenarios

/// `leadsman scenarios [NAME]` for people.
package enum ScenarioText {
    package static func list(_ scenarios: [Scenario], style: TextStyle) -> String {
        var page = TextPage(style: style)
        let width = scenarios.reduce(0) { max($0, $1.name.displayWidth) }
        for scenario in scenarios {
            let lead = [TextPage.Run(scenario.name.padded(to: width), .bold), TextPage.Run("  ")]
            let covered = Set(scenario.checks.flatMap(\.covers)).count
            page.paragraph(
                "\(scenario.title): \(scenario.checks.count) checks for \(covered) of \(scenario.statements.count) statements of document \(scenario.document.rawValue)",
                lead: lead)
        }
        page.blank()
        for document in SeedDocument.allCases {
            page.line("Document \(document.rawValue): \(document.title)", .dim)
        }
        page.line(
            "leadsman scenarios NAME tells what one needs and covers; leadsman run --scenario NAME --set VARIABLE=VALUE runs it."
        )
        return page.text
    }

    package static func explanation(_ scenario: Scenario, style: TextStyle) -> String {
        var page = TextPage(style: style)
        let lead = [TextPage.Run(scenario.name, .bold), TextPage.Run("  ")]
        page.paragraph(scenario.title, lead: lead, hang: 2)
        page.paragraph("Document \(scenario.document.rawValue): \(scenario.document.title)", .dim)
        variables(scenario, to: &page)
        page.blank()
        page.line("Checks, and the statements of the document that they cover", .bold)
        for check in scenario.checks {
            page.paragraph("\(check.name): \(check.kind) \(check.target)", .notice, indent: 2, hang: 4)
            statements(check.covers, scenario, to: &page)
        }
        page.blank()
        page.line("What no probe can see, and where it is seen", .bold)
        for item in scenario.notProbed {
            let elsewhere = item.findings.isEmpty ? "" : " [\(item.findings.joined(separator: ", "))]"
            page.paragraph(item.why + elsewhere, .notice, indent: 2, hang: 4)
            statements(item.lines, scenario, to: &page)
        }
        return page.text
    }

    private static func variables(_ scenario: Scenario, to page: inout TextPage) {
        page.blank()
        page.line("Variables: a check runs where all of its own are set", .bold)
        for variable in scenario.variables {
            let value =
                variable.defaultValue.map { "\($0) unless set" }
                ?? (variable.isOptional ? "optional, such as \(variable.example)" : "such as \(variable.example)")
            let lead = [TextPage.Run(variable.name, .notice), TextPage.Run("  ")]
            page.paragraph("\(variable.summary) (\(value))", indent: 2, lead: lead, hang: 6)
        }
    }

    private static func statements(_ lines: [Int], _ scenario: Scenario, to page: inout TextPage) {
        for statement in scenario.statements(at: lines) {
            let lead = [TextPage.Run("\(scenario.document.rawValue):\(statement.line)  ", .dim)]
            page.paragraph("\(statement.words) (\(statement.kind.rawValue))", indent: 4, lead: lead)
        }
    }
}
