import Diagnosis
import JSON
import NetValues
import Planning

extension Report {
    /// The document of DESIGN.md section 8.
    package var json: JSONValue {
        let lists: JSONObject = JSONObject([
            ("checks", .array(checks.map(\.json))), ("findings", .array(findings.map(\.json))),
        ])
        return .object(head.followed(by: lists).followed(by: additions))
    }

    /// All of the document but its two lists.
    package var summaryJSON: JSONValue { .object(head.followed(by: additions)) }

    private var head: JSONObject {
        JSONObject([
            ("schema", .string(Self.schema)),
            ("tool", .object(tool.json)),
            ("vantage", .object(vantage.json)),
            ("startedAt", .string(startedAt)),
            ("durationMs", .double(durationMs)),
            ("verdict", .string(verdict.rawValue)),
            ("incomplete", .bool(isIncomplete)),
            ("interrupted", .bool(isInterrupted)),
        ])
    }
}

extension Report.Tool {
    fileprivate var json: JSONObject {
        JSONObject([("name", .string(name)), ("version", .string(version))]).followed(by: additions)
    }
}

extension Report.Vantage {
    fileprivate var json: JSONObject {
        JSONObject([("name", .string(name)), ("labels", .map(labels))]).followed(by: additions)
    }
}

extension Report.FindingEntry {
    package var json: JSONValue {
        let members: [(String, JSONValue)] = [
            ("id", .string(finding.id)),
            ("severity", .string(finding.severity.rawValue)),
            ("confidence", .string(finding.confidence.rawValue)),
            ("subject", .string(finding.subject)),
            ("checks", .strings(finding.checks)),
            ("summary", .string(finding.summary)),
            ("evidence", .strings(finding.evidence)),
            ("cause", .string(finding.cause)),
            ("remedy", .strings(finding.remedy)),
            ("causedBy", .strings(finding.causedBy)),
            ("explains", .strings(finding.explains)),
        ]
        return .object(JSONObject(members + declared).followed(by: additions))
    }

    private var declared: [(String, JSONValue)] {
        let location = finding.location.map { location in
            JSONValue.object(
                JSONObject([
                    ("file", location.file.map { .string($0) } ?? .null), ("line", .int(location.line)),
                    ("object", .string(location.object)),
                ]))
        }
        return [location.map { ("location", $0) }, finding.patch.map { ("patch", .string($0)) }].compactMap(\.self)
    }
}

extension CheckReport {
    package var json: JSONValue {
        var object = JSONObject([
            ("name", .string(name)),
            ("kind", .string(kind)),
            ("target", .string(target)),
            ("status", .string(status.rawValue)),
            ("reason", reason.map { .string($0) } ?? .null),
            ("samples", .int(samples)),
            ("failures", .int(failures)),
            ("latencyMs", latency?.json ?? .null),
            ("phasesMs", phases.json),
        ])
        object["fix"] = fix.map { .string($0) }
        object["interrupted"] = isInterrupted ? true : nil
        object["lossPercent"] = echo.map { .double($0.lossPercent) }
        object["duplicates"] = echo.map { .int($0.duplicates) }
        object["labels"] = .map(labels)
        object["comparisons"] = .array(comparisons)
        object["facts"] = .array(facts)
        object["factsOmitted"] = factsOmitted > 0 ? .int(factsOmitted) : nil
        return .object(object.followed(by: additions))
    }
}
