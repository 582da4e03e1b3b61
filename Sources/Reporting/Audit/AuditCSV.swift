import Diagnosis
import NetValues
import Planning

/// A row for each finding of an audit.
enum AuditCSV {
    static func text(_ report: AuditReport) -> String {
        let head = ["severity", "confidence", "id", "file", "line", "object", "summary"]
        let rows = report.findings.map { finding in
            [
                finding.severity.rawValue, finding.confidence.rawValue, finding.id,
                finding.location?.file?.escaped(limit: 4096) ?? "",
                finding.location.map { String($0.line) } ?? "", finding.location?.object ?? finding.subject,
                finding.summary,
            ]
        }
        var text: [UInt8] = []
        CSVLine.append(head, to: &text)
        for row in rows { CSVLine.append(row.map(CSVLine.text), to: &text) }
        return String(decoding: text, as: UTF8.self)
    }
}
