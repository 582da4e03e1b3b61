/// Writes JSON text (RFC 8259): on one line, or indented for people.
package struct JSONWriter {
    package enum Layout: Hashable, Sendable {
        case compact, indented
        /// Indented, but each element of a list on one line: for lists that are long.
        case rows
    }

    private var layout = Layout.compact
    private var output: [UInt8] = []

    package init() {}

    /// The text of a value, without a line break at its end.
    /// - Parameter depth: how deep in a document it will stand.
    package static func text(_ value: JSONValue, layout: Layout, depth: Int = 0) -> String {
        var writer = JSONWriter()
        writer.add(value, layout: layout, depth: depth)
        return String(decoding: writer.output, as: UTF8.self)
    }

    /// The text of a value, behind what is there already.
    package mutating func add(_ value: JSONValue, layout: Layout, depth: Int = 0) {
        self.layout = layout
        write(value, depth: depth)
    }

    /// What stands between values, as it is.
    package mutating func add(_ text: String) { append(text) }

    /// Hands on what was written once it is `least` bytes: of a long document never all is in memory.
    package mutating func flush<Failure: Error>(
        least: Int = 0, to write: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        guard output.count >= least else { return }
        try write(output)
        output.removeAll(keepingCapacity: true)
    }

    private mutating func write(_ value: JSONValue, depth: Int) {
        switch value {
        case .null: append("null")
        case .bool(let flag): append(flag ? "true" : "false")
        case .int(let number): write(number)
        case .double(let number): write(number)
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
        let start = output.count
        append(text)
        if !isPlain(from: start) {
            output.removeSubrange(start...)
            for scalar in text.unicodeScalars { write(scalar) }
        }
        output.append(UInt8(ascii: "\""))
    }

    /// Without an early end: nearly every text is plain, and several bytes are looked at at once.
    private func isPlain(from start: Int) -> Bool {
        let bytes = output.span.extracting(start...)
        var odd: UInt8 = 0
        for index in 0..<bytes.count {
            let byte = bytes[index]
            odd |= (byte &- 0x20 < 0x5f ? 0 : 1) | (byte == 0x22 ? 1 : 0) | (byte == 0x5c ? 1 : 0)
        }
        return odd == 0
    }

    private mutating func write(_ number: Int) {
        if number < 0 { output.append(UInt8(ascii: "-")) }
        write(digits: UInt64(number.magnitude), least: 1)
    }

    /// Numbers of at most three decimals, as milliseconds and what was counted are, by their digits: those are the shortest that
    /// give the number again. Others as Swift describes them.
    private mutating func write(_ number: Double) {
        let thousandths = (number * 1000).rounded()
        guard abs(thousandths) < 1e15, thousandths / 1000 == number else {
            return append(number.isFinite ? "\(number)" : "null")
        }
        if number.sign == .minus { output.append(UInt8(ascii: "-")) }
        var (whole, rest) = UInt64(abs(thousandths)).quotientAndRemainder(dividingBy: 1000)
        write(digits: whole, least: 1)
        output.append(UInt8(ascii: "."))
        var digits = 3
        while digits > 1, rest % 10 == 0 { (rest, digits) = (rest / 10, digits - 1) }
        write(digits: rest, least: digits)
    }

    private mutating func write(digits number: UInt64, least: Int) {
        if number < 10, least == 1 { return output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number)) }
        var count = 0
        var rest = number
        while rest > 0 { (rest, count) = (rest / 10, count + 1) }
        output.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: max(count, least)))
        var digits = output.mutableSpan
        var place = digits.count
        rest = number
        while rest > 0 {
            place -= 1
            digits[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
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
