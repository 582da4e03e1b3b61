import Diagnosis
import JSON
import NetValues
import Planning

/// The result of `leadsman audit`: what manifests show by themselves.
package struct AuditReport: Sendable {
    package static let schema = "leadsman/audit/v1"

    package let toolVersion: String
    /// Objects that were read.
    package let objects: Int
    /// The headline first: by severity, then file and line.
    package let findings: [Finding]
    /// "secrets in namespace shop: forbidden"
    package let notReadable: [String]
    /// Kinds that were read and are not judged, with how many of each: "CiliumNetworkPolicy (cilium.io): 3".
    package let notEvaluated: [String]

    package init(
        toolVersion: String, objects: Int, findings: [Finding], notReadable: [String] = [], notEvaluated: [String] = []
    ) {
        self.toolVersion = toolVersion
        self.objects = objects
        self.findings = findings
        self.notReadable = notReadable
        self.notEvaluated = notEvaluated
    }

    package func rendered(as format: OutputFormat, style: TextStyle) -> String {
        switch format {
        case .text: AuditText.text(self, style: style)
        case .json: JSONWriter.text(json, layout: .indented) + "\n"
        case .jsonl: lines
        case .csv: AuditCSV.text(self)
        }
    }

    package var json: JSONValue {
        var object = head
        object["findings"] = .array(entries.map(\.json))
        return .object(object)
    }

    private var entries: [Report.FindingEntry] { findings.map { Report.FindingEntry(finding: $0) } }

    private var head: JSONObject {
        var object = JSONObject([("schema", .string(Self.schema)), ("objects", .int(objects))])
        object["tool"] = .object(JSONObject([("name", "leadsman"), ("version", .string(toolVersion))]))
        object["notReadable"] = .strings(notReadable)
        object["notEvaluated"] = .strings(notEvaluated)
        return object
    }

    /// A finding a line, and the rest last.
    private var lines: String {
        let found = entries.map { entry in
            JSONWriter.text(["type": "finding", "finding": entry.json], layout: .compact) + "\n"
        }
        let last = JSONValue.object(JSONObject([("type", "report")]).followed(by: head))
        return found.joined() + JSONWriter.text(last, layout: .compact) + "\n"
    }
}
