import JSON
import NetValues

/// Takes the known members of an object one by one, each with its type; what is left over are additions.
struct MemberReader {
    let path: String
    private var rest: JSONObject

    init(_ value: JSONValue, path: String) throws(ReportProblem) {
        guard let object = value.object else {
            throw ReportProblem(path: path, message: "expected an object, found \(value.typeName)")
        }
        self.path = path
        rest = object
    }

    /// The members that nobody took.
    var additions: JSONObject { rest }

    func problem(_ key: String, _ message: String) -> ReportProblem {
        ReportProblem(path: path.isEmpty ? key : "\(path).\(key)", message: message)
    }

    func place(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// Nil when the member is missing or null.
    mutating func optional<Value>(
        _ key: String, _ expected: String, _ read: (JSONValue) -> Value?
    ) throws(ReportProblem) -> Value? {
        guard let found = rest[key] else { return nil }
        rest[key] = nil
        if found == .null { return nil }
        guard let value = read(found) else { throw problem(key, "expected \(expected), found \(found.typeName)") }
        return value
    }

    mutating func required<Value>(
        _ key: String, _ expected: String, _ read: (JSONValue) -> Value?
    ) throws(ReportProblem) -> Value {
        let wasThere = rest[key] != nil
        guard let value = try optional(key, expected, read) else {
            throw problem(key, wasThere ? "expected \(expected), found null" : "is missing")
        }
        return value
    }

    mutating func text(_ key: String) throws(ReportProblem) -> String { try required(key, "a string", \.string) }

    mutating func array(_ key: String) throws(ReportProblem) -> [JSONValue] { try required(key, "an array", \.array) }

    mutating func flag(_ key: String) throws(ReportProblem) -> Bool {
        try optional(key, "true or false", \.bool) ?? false
    }

    mutating func count(_ key: String) throws(ReportProblem) -> Int {
        try required(key, "a whole number from 0", Self.count)
    }

    static func count(_ value: JSONValue) -> Int? { value.int.flatMap { $0 >= 0 ? $0 : nil } }

    mutating func texts(_ key: String) throws(ReportProblem) -> [String] {
        let values = try array(key)
        let texts = values.compactMap(\.string)
        guard texts.count == values.count else { throw problem(key, "expected an array of strings only") }
        return texts
    }

    /// A missing map is an empty one.
    mutating func map(_ key: String) throws(ReportProblem) -> [String: String] {
        guard let object = try optional(key, "an object", \.object) else { return [:] }
        var map: [String: String] = [:]
        for member in object.members {
            guard let text = member.value.string else {
                throw problem(
                    "\(key).\(member.key.escaped(limit: 40))", "expected a string, found \(member.value.typeName)")
            }
            map[member.key] = text
        }
        return map
    }

    mutating func word<Word: RawRepresentable & CaseIterable>(
        _ key: String
    ) throws(ReportProblem) -> Word where Word.RawValue == String {
        let text = try text(key)
        guard let word = Word(rawValue: text) else {
            let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw problem(key, "expected one of \(known), found \"\(text.escaped(limit: 40))\"")
        }
        return word
    }

    mutating func spans(_ key: String) throws(ReportProblem) -> Milliseconds? {
        guard let object = try optional(key, "an object", \.object) else { return nil }
        var entries: [Milliseconds.Entry] = []
        for member in object.members {
            guard let number = member.value.number else {
                throw problem(
                    "\(key).\(member.key.escaped(limit: 40))", "expected a number, found \(member.value.typeName)")
            }
            entries.append(Milliseconds.Entry(name: member.key, value: number))
        }
        return Milliseconds(entries: entries)
    }
}
