import JSON
import Scenarios

/// The built-in plans as a document: `leadsman/scenarios/v1`.
package enum ScenarioDocument {
    package static let schema = "leadsman/scenarios/v1"

    package static func json(_ scenarios: [Scenario]) -> JSONValue {
        let documents = SeedDocument.allCases.map {
            JSONValue.object(
                JSONObject([
                    ("id", .string($0.rawValue)), ("title", .string($0.title)),
                ]))
        }
        return [
            "schema": .string(schema), "documents": .array(documents), "scenarios": .array(scenarios.map(scenario)),
        ]
    }

    private static func scenario(_ scenario: Scenario) -> JSONValue {
        [
            "name": .string(scenario.name), "title": .string(scenario.title),
            "document": .string(scenario.document.rawValue),
            "variables": .array(scenario.variables.map(variable)),
            "checks": .array(scenario.checks.map { check($0, scenario) }),
            "notProbed": .array(scenario.notProbed.map { notProbed($0, scenario) }),
        ]
    }

    private static func variable(_ variable: ScenarioVariable) -> JSONValue {
        let known: [(String, JSONValue)] = [
            ("name", .string(variable.name)), ("description", .string(variable.summary)),
            ("syntax", .string(variable.form.syntax)), ("example", .string(variable.example)),
            ("required", .bool(variable.isRequired)),
        ]
        return .object(JSONObject(known + (variable.defaultValue.map { [("default", .string($0))] } ?? [])))
    }

    private static func check(_ check: ScenarioCheck, _ scenario: Scenario) -> JSONValue {
        [
            "name": .string(check.name), "kind": .string(check.kind), "target": .string(check.target),
            "variables": .strings(check.variables), "covers": covers(check.covers, scenario),
        ]
    }

    private static func notProbed(_ item: NotProbed, _ scenario: Scenario) -> JSONValue {
        [
            "why": .string(item.why), "findings": .strings(item.findings), "covers": covers(item.lines, scenario),
        ]
    }

    private static func covers(_ lines: [Int], _ scenario: Scenario) -> JSONValue {
        .array(
            scenario.statements(at: lines).map { statement in
                [
                    "document": .string(scenario.document.rawValue), "line": .int(statement.line),
                    "statement": .string(statement.words), "kind": .string(statement.kind.rawValue),
                ]
            })
    }
}
