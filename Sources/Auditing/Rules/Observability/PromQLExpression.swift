/// The tree of an expression of Prometheus; what is read of it is what the rules about it ask for.
indirect enum PromQLExpression {
    case number(Double)
    case text
    /// - Parameter isRange: it has brackets behind it.
    case selector(name: String, hasMatchers: Bool, isRange: Bool, span: Range<Int>)
    /// Functions and aggregations.
    case call(name: String, arguments: [PromQLExpression], grouping: Grouping?, span: Range<Int>)
    case binary(sign: String, left: PromQLExpression, right: PromQLExpression)
    /// Something in brackets of time that is no selector.
    case subquery(PromQLExpression)

    struct Grouping {
        let isBy: Bool
        let labels: [String]
    }

    /// Nil for what this reader does not know; nothing is said of such.
    static func parse(_ tokens: PromQLTokens) -> PromQLExpression? {
        var parser = PromQLParser(tokens.tokens)
        return parser.whole()
    }

    /// This and all within it.
    var all: [PromQLExpression] {
        switch self {
        case .number, .text, .selector: [self]
        case .call(_, let arguments, _, _): [self] + arguments.flatMap(\.all)
        case .binary(_, let left, let right): [self] + left.all + right.all
        case .subquery(let inner): [self] + inner.all
        }
    }

    var number: Double? { if case .number(let value) = self { value } else { nil } }
}

/// By precedence (Prometheus: "Binary operator precedence").
private struct PromQLParser {
    private static let levels: [Set<String>] = [
        ["or"], ["and", "unless"], ["==", "!=", ">", "<", ">=", "<="], ["+", "-"], ["*", "/", "%", "atan2"], ["^"],
    ]
    private static let deepest = 64

    private let tokens: [PromQLTokens.Token]
    private var at = 0
    private var depth = 0

    init(_ tokens: [PromQLTokens.Token]) { self.tokens = tokens }

    mutating func whole() -> PromQLExpression? {
        let expression = binary(0)
        return at == tokens.count ? expression : nil
    }

    private var kind: PromQLTokens.Kind? { at < tokens.count ? tokens[at].kind : nil }

    private mutating func take(_ sign: String) -> Bool {
        guard kind == .sign(sign) else { return false }
        at += 1
        return true
    }

    private mutating func binary(_ level: Int) -> PromQLExpression? {
        guard level < Self.levels.count else { return unary() }
        guard var left = binary(level + 1) else { return nil }
        while let sign = sign(of: level) {
            at += 1
            guard skipModifiers(), let right = binary(level + 1) else { return nil }
            left = .binary(sign: sign, left: left, right: right)
        }
        return left
    }

    private func sign(of level: Int) -> String? {
        switch kind {
        case .sign(let sign) where Self.levels[level].contains(sign): sign
        case .word(let word) where Self.levels[level].contains(word.lowercased()): word.lowercased()
        default: nil
        }
    }

    /// `bool`, `on (…)`, `ignoring (…)`, `group_left (…)`.
    private mutating func skipModifiers() -> Bool {
        while case .word(let word) = kind, ["bool", "on", "ignoring", "group_left", "group_right"].contains(word) {
            at += 1
            if kind == .sign("("), word != "bool", labels() == nil { return false }
        }
        return true
    }

    private mutating func labels() -> [String]? {
        guard take("(") else { return nil }
        var names: [String] = []
        while let kind, kind != .sign(")") {
            if case .word(let name) = kind { names.append(name) }
            at += 1
        }
        return take(")") ? names : nil
    }

    private mutating func unary() -> PromQLExpression? {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { return nil }
        let isNegative = take("-")
        if !isNegative { _ = take("+") }
        guard var value = primary() else { return nil }
        if isNegative, let number = value.number { value = .number(-number) }
        return suffixed(value)
    }

    /// Brackets, `offset 5m` and `@ 1609746000`.
    private mutating func suffixed(_ value: PromQLExpression) -> PromQLExpression? {
        var value = value
        while let kind {
            switch kind {
            case .range(let text):
                if case .selector(let name, let matchers, false, let span) = value, !text.contains(":") {
                    value = .selector(name: name, hasMatchers: matchers, isRange: true, span: span)
                } else {
                    value = .subquery(value)
                }
                at += 1
            case .word("offset"), .sign("@"):
                at += 1
                _ = take("-")
                at += 1
                if self.kind == .sign("("), labels() == nil { return nil }
            default: return value
            }
        }
        return value
    }

    private mutating func primary() -> PromQLExpression? {
        guard let kind else { return nil }
        let start = tokens[at].span.lowerBound
        switch kind {
        case .number(let value):
            at += 1
            return .number(value)
        case .text:
            at += 1
            return .text
        case .sign("("):
            at += 1
            guard let inner = binary(0), take(")") else { return nil }
            return inner
        case .sign("{"):
            guard skipMatchers() else { return nil }
            return .selector(name: "", hasMatchers: true, isRange: false, span: start..<tokens[at - 1].span.upperBound)
        case .word(let name):
            at += 1
            return named(name, start)
        default: return nil
        }
    }

    private mutating func named(_ name: String, _ start: Int) -> PromQLExpression? {
        var grouping: PromQLExpression.Grouping?
        if case .word(let word) = kind, word == "by" || word == "without" {
            at += 1
            guard let labels = labels() else { return nil }
            grouping = PromQLExpression.Grouping(isBy: word == "by", labels: labels)
        }
        guard take("(") else {
            let hasMatchers = kind == .sign("{")
            guard grouping == nil, !hasMatchers || skipMatchers() else { return nil }
            return .selector(
                name: name, hasMatchers: hasMatchers, isRange: false, span: start..<tokens[at - 1].span.upperBound)
        }
        var arguments: [PromQLExpression] = []
        while kind != .sign(")") {
            guard let argument = binary(0) else { return nil }
            arguments.append(argument)
            if !take(",") { break }
        }
        guard take(")") else { return nil }
        let end = tokens[at - 1].span.upperBound
        if case .word(let word) = kind, word == "by" || word == "without" {
            at += 1
            guard let labels = labels() else { return nil }
            grouping = PromQLExpression.Grouping(isBy: word == "by", labels: labels)
        }
        return .call(name: name, arguments: arguments, grouping: grouping, span: start..<end)
    }

    /// The scanner has found that they are closed.
    private mutating func skipMatchers() -> Bool {
        while let kind, kind != .sign("}") {
            _ = kind
            at += 1
        }
        return take("}")
    }
}
