/// Writes JSON text (RFC 8259): on one line, or indented for people.
package struct JSONWriter {
    package enum Layout: Hashable, Sendable {
        case compact, indented
        /// Indented, but each element of a list on one line: for lists that are long.
        case rows
    }

    private var layout: Layout
    private var output: [UInt8] = []

    private init(layout: Layout) {
        self.layout = layout
    }

    /// The text of a value, without a line break at its end.
    /// - Parameter depth: how deep in a document it will stand.
    package static func text(_ value: JSONValue, layout: Layout, depth: Int = 0) -> String {
        var writer = JSONWriter(layout: layout)
        writer.write(value, depth: depth)
        return String(decoding: writer.output, as: UTF8.self)
    }

    private mutating func write(_ value: JSONValue, depth: Int) {
        switch value {
        case .null: append("null")
        case .bool(let flag): append(flag ? "true" : "false")
        case .int(let number): append(String(number))
        case .double(let number): append(number.isFinite ? "\(number)" : "null")
        case .string(let text): write(text)
        case .array(let elements): write(elements, depth: depth)
        case .object(let object): write(object.members, depth: depth)
        }
    }

    private mutating func write(_ elements: [JSONValue], depth: Int) {
        append("[")
        for (index, element) in elements.enumerated() {
            separate(index, depth: depth + 1)
            write(row: element, depth: depth + 1)
        }
        close("]", isEmpty: elements.isEmpty, depth: depth)
    }

    private mutating func write(row element: JSONValue, depth: Int) {
        guard layout == .rows else { return write(element, depth: depth) }
        layout = .compact
        write(element, depth: depth)
        layout = .rows
    }

    private mutating func write(_ members: [JSONObject.Member], depth: Int) {
        append("{")
        for (index, member) in members.enumerated() {
            separate(index, depth: depth + 1)
            write(member.key)
            append(layout == .compact ? ":" : ": ")
            write(member.value, depth: depth + 1)
        }
        close("}", isEmpty: members.isEmpty, depth: depth)
    }

    private mutating func separate(_ index: Int, depth: Int) {
        if index > 0 { append(",") }
        breakLine(depth: depth)
    }

    private mutating func close(_ bracket: String, isEmpty: Bool, depth: Int) {
        if !isEmpty { breakLine(depth: depth) }
        append(bracket)
    }

    private mutating func breakLine(depth: Int) {
        guard layout != .compact else { return }
        output.append(UInt8(ascii: "\n"))
        output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
    }

    private mutating func append(_ text: String) {
        output.append(contentsOf: text.utf8)
    }

    private mutating func write(_ text: String) {
        output.append(UInt8(ascii: "\""))
        if text.utf8.allSatisfy({ (0x20..<0x7f).contains($0) && $0 != 0x22 && $0 != 0x5c }) {
            append(text)
        } else {
            for scalar in text.unicodeScalars { write(scalar) }
        }
        output.append(UInt8(ascii: "\""))
    }

    private mutating func write(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\"": append("\\\"")
        case "\\": append("\\\\")
        case "\n": append("\\n")
        case "\r": append("\\r")
        case "\t": append("\\t")
        default:
            if Self.mustBeEscaped(scalar) {
                for unit in UTF16.encode(scalar) ?? UTF16.EncodedScalar() { append(Self.escape(unit)) }
            } else {
                output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.EncodedScalar())
            }
        }
    }

    /// Section 7 asks this of U+0000 to U+001F only; the other invisible ones could command or reorder a terminal.
    private static func mustBeEscaped(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    private static func escape(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
