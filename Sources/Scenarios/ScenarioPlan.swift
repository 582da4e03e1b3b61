import NetValues
import Planning

/// A scenario's plan with its variables filled in.
package struct ScenarioPlan: Sendable {
    /// A check that lacks what it needs.
    package struct LeftOut: Sendable {
        package let check: String
        package let variables: [String]
    }

    /// What stands in one line of the text.
    package struct Place: Sendable {
        package let check: String
        /// Those that were given, of this line; of the whole check where the line has none.
        package let variables: [String]
    }

    /// A plan, as `leadsman run -` reads it.
    package private(set) var text = ""
    package private(set) var checks: [ScenarioCheck] = []
    package private(set) var leftOut: [LeftOut] = []
    private var places: [Int: Place] = [:]
    private var lineCount = 0

    private let scenario: Scenario
    private let values: [String: String]

    /// - Parameter given: values by the name of their variable, found right by its form.
    package init(_ scenario: Scenario, given: [String: String]) {
        self.scenario = scenario
        let defaults = scenario.variables.compactMap { variable in
            variable.defaultValue.map { (variable.name, $0) }
        }
        values = Dictionary(defaults, uniquingKeysWith: { first, _ in first }).merging(given) { $1 }
        write("leadsman: 1", nil)
        write("defaults: {timeout: 3s, samples: 3, interval: 500ms}", nil)
        write("checks:", nil)
        for check in scenario.checks { take(check) }
    }

    package func place(ofLine line: Int) -> Place? { places[line] }

    private mutating func take(_ check: ScenarioCheck) {
        let templates = check.lines.map { Template($0) }
        let labels = Template(labelLine(of: check)[...])
        let missing = (templates + [labels]).flatMap(\.variables).unique().filter { name in
            values[name] == nil && scenario.variable(name)?.isOptional != true
        }
        guard missing.isEmpty else {
            leftOut.append(LeftOut(check: check.name, variables: missing))
            return
        }
        checks.append(check)
        let all = (templates + [labels]).flatMap(\.variables).unique().filter { values[$0] != nil }
        write("  - name: \"\(Template.escaped(check.name))\"", Place(check: check.name, variables: all))
        for template in templates + [labels] where template.variables.allSatisfy({ values[$0] != nil }) {
            let line = template.filled(values) { scenario.variable($0)?.form.isList == true }
            let own = template.variables.isEmpty ? all : template.variables
            write("    " + line, Place(check: check.name, variables: own))
        }
    }

    /// What the report shall say of where a check comes from.
    private func labelLine(of check: ScenarioCheck) -> String {
        let lines = check.covers.map(String.init).joined(separator: " ")
        let own = ["scenario: \(scenario.name)", "statements: \"\(scenario.document.rawValue) \(lines)\""]
        return "labels: {\((own + check.labels).joined(separator: ", "))}"
    }

    private mutating func write(_ line: String, _ place: Place?) {
        text += line + "\n"
        lineCount += 1
        places[lineCount] = place
    }
}

/// A line of YAML in which variables stand.
struct Template {
    private enum Piece {
        case text(Substring)
        case variable(String)
    }

    private static let opening = "${var:"
    private let pieces: [Piece]

    init(_ line: Substring) {
        var pieces: [Piece] = []
        var rest = line
        while let start = rest.range(ofASCII: Self.opening), let end = rest[start.upperBound...].firstIndex(of: "}") {
            pieces.append(.text(rest[..<start.lowerBound]))
            pieces.append(.variable(String(rest[start.upperBound..<end])))
            rest = rest[rest.index(after: end)...]
        }
        self.pieces = pieces + [.text(rest)]
    }

    var variables: [String] {
        pieces.compactMap { if case .variable(let name) = $0 { name } else { nil } }
    }

    /// - Parameter isList: whether a variable is a list: it stands alone in the template, and becomes a list of its own.
    func filled(_ values: [String: String], isList: (String) -> Bool) -> String {
        var line = ""
        for (index, piece) in pieces.enumerated() {
            switch piece {
            case .text(let text): line += text
            case .variable(let name):
                let value = values[name] ?? ""
                if isList(name) {
                    line +=
                        "[" + VariableForm.items(value).map { "\"\(Self.escaped($0))\"" }.joined(separator: ", ") + "]"
                } else {
                    line += Self.escaped(isAlone(index) ? value : Self.bracketed(value))
                }
            }
        }
        return line
    }

    /// The variable is all that stands between its quotes.
    private func isAlone(_ index: Int) -> Bool {
        guard index > 0, index + 1 < pieces.count, case .text(let before) = pieces[index - 1],
            case .text(let after) = pieces[index + 1]
        else { return false }
        return before.hasSuffix("\"") && after.hasPrefix("\"")
    }

    /// Before a port and in a URL an IPv6 address stands in brackets.
    private static func bracketed(_ value: String) -> String {
        if case .v6? = IPAddress(value) { "[\(value)]" } else { value }
    }

    /// As the inside of a scalar in double quotes.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20 || (0x7f...0xa0).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                result += "\\x" + (digits.utf8.count == 1 ? "0" + digits : digits)
            case "\u{2028}": result += "\\u2028"
            case "\u{2029}": result += "\\u2029"
            case "\u{feff}": result += "\\ufeff"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
