import Diagnosis
import JSON
import NetValues
import Planning

extension Report {
    /// Reads a stored report. Members that this version does not know are kept as they are.
    package init(json: JSONValue) throws(ReportProblem) {
        var reader = try MemberReader(json, path: "")
        let schema = try reader.text("schema")
        guard schema == Self.schema else {
            throw reader.problem("schema", "expected \"\(Self.schema)\", found \"\(schema.escaped(limit: 60))\"")
        }
        self.init(
            tool: try Tool(reader.required("tool", "an object", { $0 }), path: "tool"),
            vantage: try Vantage(reader.required("vantage", "an object", { $0 }), path: "vantage"),
            startedAt: try reader.text("startedAt"),
            durationMs: try reader.required("durationMs", "a number", \.number),
            verdict: try reader.word("verdict"),
            isIncomplete: try reader.flag("incomplete"),
            isInterrupted: try reader.flag("interrupted"),
            checks: try Self.list(try reader.array("checks"), "checks", CheckReport.init(json:path:)),
            findings: try Self.list(try reader.array("findings"), "findings", FindingEntry.init(json:path:)),
            additions: reader.additions)
    }

    private static func list<Element>(
        _ values: [JSONValue], _ key: String, _ read: (JSONValue, String) throws(ReportProblem) -> Element
    ) throws(ReportProblem) -> [Element] {
        var elements: [Element] = []
        elements.reserveCapacity(values.count)
        for (index, value) in values.enumerated() { elements.append(try read(value, "\(key)[\(index)]")) }
        return elements
    }
}

extension Report.Tool {
    fileprivate init(_ json: JSONValue, path: String) throws(ReportProblem) {
        var reader = try MemberReader(json, path: path)
        self.init(name: try reader.text("name"), version: try reader.text("version"))
        additions = reader.additions
    }
}

extension Report.Vantage {
    fileprivate init(_ json: JSONValue, path: String) throws(ReportProblem) {
        var reader = try MemberReader(json, path: path)
        self.init(name: try reader.text("name"), labels: try reader.map("labels"))
        additions = reader.additions
    }
}

extension Report.FindingEntry {
    init(json: JSONValue, path: String) throws(ReportProblem) {
        var reader = try MemberReader(json, path: path)
        var finding = Finding(
            id: try reader.text("id"), severity: try reader.word("severity"), confidence: try reader.word("confidence"),
            subject: try reader.text("subject"), checks: try reader.texts("checks"),
            summary: try reader.text("summary"),
            evidence: try reader.texts("evidence"), cause: try reader.text("cause"), remedy: try reader.texts("remedy"),
            causedBy: try reader.texts("causedBy"), explains: try reader.texts("explains"))
        if let location = try reader.optional("location", "an object", { $0 }) {
            finding.location = try Finding.Location(json: location, path: reader.place(of: "location"))
        }
        finding.patch = try reader.optional("patch", "a string", \.string)
        self.init(finding: finding, additions: reader.additions)
    }
}

extension CheckReport {
    init(json: JSONValue, path: String) throws(ReportProblem) {
        var reader = try MemberReader(json, path: path)
        self.init(
            name: try reader.text("name"), kind: try reader.text("kind"), target: try reader.text("target"),
            status: try reader.word("status"), reason: try reader.optional("reason", "a string", \.string),
            fix: try reader.optional("fix", "a string", \.string), isInterrupted: try reader.flag("interrupted"),
            samples: try reader.count("samples"), failures: try reader.count("failures"),
            latency: try reader.spans("latencyMs"), phases: try reader.spans("phasesMs") ?? Milliseconds(entries: []),
            labels: try reader.map("labels"), echo: try EchoSummary(from: &reader),
            comparisons: try reader.optional("comparisons", "an array", \.array) ?? [],
            facts: try reader.optional("facts", "an array", \.array) ?? [],
            factsOmitted: try reader.optional("factsOmitted", "a whole number from 0", MemberReader.count) ?? 0,
            additions: JSONObject())
        additions = reader.additions
    }
}

extension EchoSummary {
    fileprivate init?(from reader: inout MemberReader) throws(ReportProblem) {
        let loss = try reader.optional("lossPercent", "a number", \.number)
        let duplicates = try reader.optional("duplicates", "a whole number from 0", MemberReader.count)
        guard let loss else { return nil }
        self.init(lossPercent: loss, duplicates: duplicates ?? 0)
    }
}

extension Finding.Location {
    fileprivate init(json: JSONValue, path: String) throws(ReportProblem) {
        var reader = try MemberReader(json, path: path)
        self.init(
            file: try reader.optional("file", "a string", \.string), line: try reader.count("line"),
            object: try reader.text("object"))
    }
}
