import JSON

/// The forms in which a result can be asked for (`--format`).
package enum OutputFormat: String, Hashable, Sendable, CaseIterable {
    case text, json, jsonl
    /// A row for each check; of traces one for each hop.
    case csv
}

extension Report {
    /// The whole report in a format, ending with a line break. Checks that were streamed already: see `JSONLines`.
    package func rendered(as format: OutputFormat, style: TextStyle) -> String {
        switch format {
        case .text: TextReport.text(self, style: style)
        case .json: JSONWriter.text(json, layout: .indented) + "\n"
        case .jsonl: checks.map(JSONLines.line).joined() + JSONLines.closing(self)
        case .csv: checks.allSatisfy { $0.kind == "trace" } ? PathCSV.text(self) : CheckCSV.text(self)
        }
    }
}
