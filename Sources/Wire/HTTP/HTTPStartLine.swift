/// Lines of HTTP/1 in place, in bytes that are only lent.
package enum HTTPStartLine {
    private static let mostMethodBytes = 24
    static let mostPathBytes = 256

    /// Whether bytes may begin a request or a response: as far as they go, which may be less than a line. A whole line must end
    /// as HTTP/1 does, and a part of one begin with a method that is known.
    package static func begins(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let range = range.clamped(to: 0..<bytes.count)
        // So that what is no text costs a look at one byte.
        guard let start = range.first, bytes[start] >= 0x41 && bytes[start] <= 0x7a || bytes[start] == 0x0d else {
            return false
        }
        if let end = first(0x0a, bytes, range) {
            let line = content(bytes, range.lowerBound..<end)
            return line.isEmpty || status(bytes, line) != nil || isRequest(bytes, line)
        }
        if range.count < 7, matches(bytes, range, "HTTP/1.", upTo: range.count) { return true }
        return startsWith(bytes, range, "HTTP/1.") || isMethodKnown(bytes, range)
    }

    /// Whether a part of a line may become a start line: a word of the alphabet of methods, which ends soon.
    static func mayBegin(_ part: Span<UInt8>) -> Bool {
        let end = first(0x20, part, 0..<part.count) ?? part.count
        if end == 0 || startsWith(part, 0..<part.count, "\r") { return part.count <= 1 && end != 0 }
        return startsWith(part, 0..<part.count, "HTTP/") || matches(part, 0..<part.count, "HTTP/", upTo: part.count)
            || (end <= mostMethodBytes && isToken(part, 0..<end))
    }

    static func status(_ bytes: Span<UInt8>, _ line: Range<Int>) -> Int? {
        guard line.count >= 12, startsWith(bytes, line, "HTTP/1."), isDigit(bytes[line.lowerBound + 7]),
            bytes[line.lowerBound + 8] == 0x20,
            let status = number(bytes, line.lowerBound + 9..<line.lowerBound + 12), status >= 100,
            line.count == 12 || bytes[line.lowerBound + 12] == 0x20
        else { return nil }
        return Int(status)
    }

    static func request(_ bytes: Span<UInt8>, _ line: Range<Int>) -> HTTPRequestStart? {
        guard let (method, target) = words(bytes, line) else { return nil }
        return HTTPRequestStart(bytes, method: method, target: target)
    }

    private static func isRequest(_ bytes: Span<UInt8>, _ line: Range<Int>) -> Bool { words(bytes, line) != nil }

    /// Method and target of `GET /path HTTP/1.1`. Of a line that was cut, the version is missing: a known method must do.
    private static func words(_ bytes: Span<UInt8>, _ line: Range<Int>) -> (method: Range<Int>, target: Range<Int>)? {
        guard let blank = first(0x20, bytes, line), blank > line.lowerBound else { return nil }
        let method = line.lowerBound..<blank
        guard method.count <= mostMethodBytes, isToken(bytes, method) else { return nil }
        var end = line.upperBound
        if line.count >= 10, startsWith(bytes, line.upperBound - 9..<line.upperBound, " HTTP/1.") {
            end = line.upperBound - 9
        } else if line.count < HTTPStreamReader.mostLineBytes || !isMethodKnown(bytes, line) {
            return nil
        }
        guard blank + 1 < end else { return nil }
        return (method, blank + 1..<end)
    }

    private static func isToken(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        range.allSatisfy { index in
            switch bytes[index] {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x5f: true
            default: false
            }
        }
    }

    private static let methods: [String] = [
        "GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "CONNECT ", "OPTIONS ", "TRACE ", "PATCH ", "PROPFIND ",
    ]

    private static func isMethodKnown(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        methods.contains { matches(bytes, range, $0, upTo: min(range.count, $0.utf8.count)) }
    }

    // MARK: - Pieces

    static func first(_ byte: UInt8, _ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        var index = range.lowerBound
        while index < range.upperBound {
            if bytes[index] == byte { return index }
            index += 1
        }
        return nil
    }

    /// Without a CR at its end.
    static func content(_ bytes: Span<UInt8>, _ line: Range<Int>) -> Range<Int> {
        guard let last = line.last, bytes[last] == 0x0d else { return line }
        return line.lowerBound..<last
    }

    static func trimmed(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var (lower, upper) = (range.lowerBound, range.upperBound)
        while lower < upper, bytes[lower] == 0x20 || bytes[lower] == 0x09 { lower += 1 }
        while lower < upper, bytes[upper - 1] == 0x20 || bytes[upper - 1] == 0x09 { upper -= 1 }
        return lower..<upper
    }

    package static func startsWith(_ bytes: Span<UInt8>, _ range: Range<Int>, _ text: String) -> Bool {
        range.count >= text.utf8.count && matches(bytes, range, text, upTo: text.utf8.count)
    }

    private static func matches(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ text: String, upTo count: Int
    ) -> Bool {
        var index = range.lowerBound
        for letter in text.utf8 {
            if index == range.lowerBound + count { return true }
            guard bytes[index] == letter else { return false }
            index += 1
        }
        return true
    }

    /// ASCII letters without regard to case; `text` in lower case.
    static func equals(_ bytes: Span<UInt8>, _ range: Range<Int>, _ text: String) -> Bool {
        guard range.count == text.utf8.count else { return false }
        var index = range.lowerBound
        for letter in text.utf8 {
            let byte = bytes[index]
            guard (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte) == letter else { return false }
            index += 1
        }
        return true
    }

    static func endsWith(_ bytes: Span<UInt8>, _ range: Range<Int>, _ text: String) -> Bool {
        let count = text.utf8.count
        return range.count >= count && equals(bytes, range.upperBound - count..<range.upperBound, text)
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    /// Decimal digits only, at most 15.
    static func number(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int64? {
        guard (1...15).contains(range.count) else { return nil }
        var value: Int64 = 0
        for index in range {
            guard isDigit(bytes[index]) else { return nil }
            value = value * 10 + Int64(bytes[index] - 0x30)
        }
        return value
    }

    /// RFC 9112 section 7.1: hexadecimal, at most 12 digits, with extensions behind a semicolon.
    static func chunkSize(_ bytes: Span<UInt8>, _ line: Range<Int>) -> Int64? {
        let digits = trimmed(bytes, line.lowerBound..<(first(0x3b, bytes, line) ?? line.upperBound))
        guard (1...12).contains(digits.count) else { return nil }
        var value: Int64 = 0
        for index in digits {
            switch bytes[index] {
            case 0x30...0x39: value = value << 4 | Int64(bytes[index] - 0x30)
            case 0x41...0x46: value = value << 4 | Int64(bytes[index] - 0x37)
            case 0x61...0x66: value = value << 4 | Int64(bytes[index] - 0x57)
            default: return nil
            }
        }
        return value
    }
}

extension HTTPRequestStart {
    /// RFC 9112 section 3.2: origin form, absolute form, authority form and `*`.
    init(_ bytes: Span<UInt8>, method: Range<Int>, target: Range<Int>) {
        self.init(method: bytes.text(method), path: "")
        var rest = target
        if bytes[target.lowerBound] != 0x2f, let scheme = Self.behindScheme(bytes, target) {
            let end = (scheme..<target.upperBound).first { bytes[$0] == 0x2f || bytes[$0] == 0x3f } ?? target.upperBound
            takeAuthority(bytes, scheme..<end)
            rest = end..<target.upperBound
        } else if self.method == "CONNECT" {
            takeAuthority(bytes, target)
            // An authority that is too long is no name of anything.
            path = host ?? "/"
            return
        }
        // `;jsessionid=` is a secret as a query is.
        let end = rest.first { bytes[$0] == 0x3f || bytes[$0] == 0x23 || bytes[$0] == 0x3b } ?? rest.upperBound
        let shown = rest.lowerBound..<min(end, rest.lowerBound + HTTPStartLine.mostPathBytes)
        path = shown.isEmpty ? "/" : bytes.text(shown)
    }

    private mutating func takeAuthority(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        let at = range.last { bytes[$0] == 0x40 }
        if at != nil { carriesCredentials = true }
        let name = (at.map { $0 + 1 } ?? range.lowerBound)..<range.upperBound
        if !name.isEmpty, name.count <= 255 { host = bytes.text(name) }
    }

    /// Where the authority of `http://host/path` begins.
    private static func behindScheme(_ bytes: Span<UInt8>, _ target: Range<Int>) -> Int? {
        for prefix in ["http://", "https://"] as [String]
        where HTTPStartLine.endsWith(
            bytes, target.lowerBound..<min(target.upperBound, target.lowerBound + prefix.utf8.count), prefix)
        {
            return target.lowerBound + prefix.utf8.count
        }
        return nil
    }
}
