import NetValues

/// Reads one JSON text (RFC 8259) strictly: UTF-8, one value, no duplicate keys, bounded in size and depth.
package struct JSONParser {
    package static let maximumDepth = 64
    package static let maximumSize = 256 << 20

    let bytes: [UInt8]
    var position = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// - Parameter most: bytes; a text that is longer is not read.
    package static func parse(_ bytes: [UInt8], most: Int = maximumSize) throws(JSONProblem) -> JSONValue {
        guard bytes.count <= most else {
            throw JSONProblem("larger than \(most >> 20) MiB, which is more than it can be", at: 0, in: [])
        }
        var parser = JSONParser(bytes)
        // Section 8.1: a byte order mark may be ignored.
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { parser.position = 3 }
        parser.skipBlanks()
        let value = try parser.value(depth: 0)
        parser.skipBlanks()
        guard parser.position == bytes.count else {
            throw parser.problem("expected the end of the text after the first value, found \(parser.found)")
        }
        return value
    }

    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// For "expected …, found …".
    var found: String {
        guard position < bytes.count else { return "the end of the text" }
        let rest = String(decoding: bytes[position...].prefix(8), as: UTF8.self)
        return "'\(rest.prefix(1).escaped())'"
    }

    func problem(_ message: String) -> JSONProblem { JSONProblem(message, at: position, in: bytes) }

    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }

    private mutating func value(depth: Int) throws(JSONProblem) -> JSONValue {
        switch next {
        case UInt8(ascii: "{") where depth >= Self.maximumDepth, UInt8(ascii: "[") where depth >= Self.maximumDepth:
            throw problem("nested deeper than \(Self.maximumDepth) levels")
        case UInt8(ascii: "{"): return .object(try object(depth: depth))
        case UInt8(ascii: "["): return .array(try array(depth: depth))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"): return try number()
        case let digit? where (0x30...0x39).contains(digit): return try number()
        case nil where position == 0: throw problem("the text is empty")
        default: throw problem("expected a value, found \(found)")
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONProblem) -> JSONValue {
        guard bytes[position...].starts(with: word.utf8) else { throw problem("expected '\(word)'") }
        position += word.utf8.count
        return value
    }

    private mutating func array(depth: Int) throws(JSONProblem) -> [JSONValue] {
        var elements: [JSONValue] = []
        position += 1
        skipBlanks()
        if take(UInt8(ascii: "]")) { return elements }
        while true {
            skipBlanks()
            elements.append(try value(depth: depth + 1))
            skipBlanks()
            if take(UInt8(ascii: "]")) { return elements }
            guard take(UInt8(ascii: ",")) else { throw problem("expected ',' or ']', found \(found)") }
        }
    }

    private mutating func object(depth: Int) throws(JSONProblem) -> JSONObject {
        var members: [JSONObject.Member] = []
        var keys = Set<[UInt8]>()
        position += 1
        skipBlanks()
        if take(UInt8(ascii: "}")) { return JSONObject() }
        while true {
            skipBlanks()
            members.append(try member(depth: depth, keys: &keys))
            skipBlanks()
            if take(UInt8(ascii: "}")) { return JSONObject(distinct: members) }
            guard take(UInt8(ascii: ",")) else { throw problem("expected ',' or '}', found \(found)") }
        }
    }

    private mutating func member(depth: Int, keys: inout Set<[UInt8]>) throws(JSONProblem) -> JSONObject.Member {
        let start = position
        guard next == UInt8(ascii: "\"") else { throw problem("expected a key in quotes, found \(found)") }
        let key = try string()
        guard keys.insert(Array(key.utf8)).inserted else {
            throw JSONProblem("the key \"\(key.escaped(limit: 40))\" stands here a second time", at: start, in: bytes)
        }
        skipBlanks()
        guard take(UInt8(ascii: ":")) else { throw problem("expected ':', found \(found)") }
        skipBlanks()
        return JSONObject.Member(key, try value(depth: depth + 1))
    }
}
