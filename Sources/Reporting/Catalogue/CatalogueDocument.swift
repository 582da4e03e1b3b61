import Diagnosis
import JSON
import NetValues
import Planning

/// The catalogues of findings and of probes as documents (DESIGN.md section 9).
package enum CatalogueDocument {
    package static let schema = "leadsman/catalogue/v1"

    package static func json(findings: [FindingExplanation]) -> JSONValue {
        ["schema": .string(schema), "findings": .array(findings.map(finding))]
    }

    package static func json(probes: [ProbeDescription]) -> JSONValue {
        ["schema": .string(schema), "probes": .array(probes.map(probe))]
    }

    private static func finding(_ finding: FindingExplanation) -> JSONValue {
        [
            "id": .string(finding.id), "severity": .string(finding.severity.rawValue), "title": .string(finding.title),
            "signals": .strings(finding.signals), "lookalikes": .strings(finding.lookalikes),
            "traps": .strings(finding.traps), "remedy": .strings(finding.remedy),
        ]
    }

    private static func probe(_ probe: ProbeDescription) -> JSONValue {
        let known = JSONObject([
            ("kind", .string(probe.kind)), ("summary", .string(probe.summary)),
            ("target", .string(probe.targetForm.syntax)), ("parameters", .array(probe.parameters.map(parameter))),
            ("expectations", .array(probe.expectations.map(parameter))), ("rights", .string(probe.rights)),
            ("latency", .string(probe.latency)), ("stages", .strings(probe.stages.map(\.rawValue))),
            ("notes", .string(probe.notes)),
        ])
        let risk = JSONObject(probe.risk.map { [("risk", .string($0))] } ?? [])
        return .object(known.followed(by: risk))
    }

    private static func parameter(_ parameter: ParameterDescription) -> JSONValue {
        let head = JSONObject([("key", .string(parameter.key)), ("type", .string(parameter.type.name))])
        let tail = JSONObject(parameter.type.bounds + [("summary", .string(parameter.summary))])
        return .object(head.followed(by: tail))
    }
}

extension ParameterDescription.ValueType {
    fileprivate var name: String {
        switch self {
        case .text: "text"
        case .number: "number"
        case .flag: "flag"
        case .span: "duration"
        case .share: "percentage"
        case .words: "word"
        case .list: "list"
        case .listOfWords: "words"
        case .map: "map"
        case .record: "record"
        case .pattern: "pattern"
        case .mapOfPatterns: "patterns"
        }
    }

    /// What a value of the type must keep to.
    fileprivate var bounds: [(String, JSONValue)] {
        switch self {
        case .number(let range): [("min", .int(range.lowerBound)), ("max", .int(range.upperBound))]
        case .words(let words), .listOfWords(let words): [("words", .strings(words))]
        case .record(let keys): [("keys", .strings(keys))]
        case .text, .flag, .span, .share, .list, .map, .pattern, .mapOfPatterns: []
        }
    }

    /// For people.
    var syntax: String {
        switch self {
        case .text: "text"
        case .number(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
        case .flag: "true or false"
        case .span: "a duration (200ms, 3s, 14d)"
        case .share: "a percentage (1%)"
        case .words(let words): words.joined(separator: ", ")
        case .list: "a text or a list"
        case .listOfWords(let words): "a list of \(words.joined(separator: ", "))"
        case .map: "names with values"
        case .record(let keys): "{\(keys.map { "\($0): …" }.joined(separator: ", "))}"
        case .pattern: "a regular expression"
        case .mapOfPatterns: "names with a regular expression each"
        }
    }
}
