import NetValues

/// A value of a probe's own key, of the type that the probe's catalogue entry gives it.
package enum ParameterValue: Hashable, Sendable {
    case text(String)
    case number(Int)
    case flag(Bool)
    case span(Duration)
    /// A fraction: `1%` is 0.01.
    case share(Double)
    case list([String])
    case map([String: String])
}

/// The probe's own keys of one check, with the place each was written at.
package struct Parameters: Sendable {
    package var values: [String: ParameterValue]
    package var places: [String: SourcePlace]

    package init(_ values: [String: ParameterValue] = [:], places: [String: SourcePlace] = [:]) {
        self.values = values
        self.places = places
    }

    package func has(_ key: String) -> Bool { values[key] != nil }

    package func text(_ key: String) -> String? {
        if case .text(let text) = values[key] { text } else { nil }
    }

    package func number(_ key: String) -> Int? {
        if case .number(let number) = values[key] { number } else { nil }
    }

    package func flag(_ key: String) -> Bool? {
        if case .flag(let flag) = values[key] { flag } else { nil }
    }

    package func span(_ key: String) -> Duration? {
        if case .span(let span) = values[key] { span } else { nil }
    }

    package func share(_ key: String) -> Double? {
        if case .share(let share) = values[key] { share } else { nil }
    }

    /// A list; a single text counts as a list of one.
    package func list(_ key: String) -> [String]? {
        switch values[key] {
        case .list(let list): list
        case .text(let text): [text]
        default: nil
        }
    }

    package func map(_ key: String) -> [String: String]? {
        if case .map(let map) = values[key] { map } else { nil }
    }
}

/// Where in which file something was written; line and column count from 1.
package struct SourcePlace: Hashable, Sendable, Comparable {
    package let file: String
    package let line: Int
    package let column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    package static func < (left: SourcePlace, right: SourcePlace) -> Bool {
        (left.file, left.line, left.column) < (right.file, right.line, right.column)
    }
}

extension SourcePlace: CustomStringConvertible {
    package var description: String { "\(file):\(line):\(column)" }
}

/// A mistake in what the user wrote: a plan, a target, an option. Never raised for what a network does.
package struct PlanProblem: Error, Hashable, Sendable {
    package let place: SourcePlace?
    package let message: String

    package init(_ message: String, at place: SourcePlace? = nil) {
        self.message = message
        self.place = place
    }
}

extension PlanProblem: CustomStringConvertible {
    package var description: String { place.map { "\($0): \(message)" } ?? message }
}

/// All mistakes of one input, told together.
package struct PlanProblems: Error, Sendable {
    package let problems: [PlanProblem]

    package init(_ problems: [PlanProblem]) {
        self.problems = problems
    }
}
