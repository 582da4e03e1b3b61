import JSON

/// A result as a stream (DESIGN.md section 9): one JSON object a line.
package enum JSONLines {
    /// Written as soon as the check has ended.
    package static func line(_ check: CheckReport) -> String {
        line(type: "check", member: check.json)
    }

    /// What follows the checks: the findings, then the report without its lists.
    package static func closing(_ report: Report) -> String {
        report.findings.map { line(type: "finding", member: $0.json) }.joined() + summary(report)
    }

    private static func summary(_ report: Report) -> String {
        let summary = report.summaryJSON.object ?? JSONObject()
        var object = JSONObject([("type", "report")]).followed(by: summary)
        // A stored report may have a member of that name.
        object["type"] = "report"
        return JSONWriter.text(.object(object), layout: .compact) + "\n"
    }

    private static func line(type: String, member: JSONValue) -> String {
        JSONWriter.text(.object(JSONObject([("type", .string(type)), (type, member)])), layout: .compact) + "\n"
    }
}
