/// Words of an expression of Prometheus (PromQL), as far as a rule is judged by them.
struct PromQLTokens {
    enum Kind: Hashable {
        case word(String)
        case number(Double)
        case text
        /// One of `( ) { } , + - * / % ^ == != > < >= <= =~ !~ = @ :`
        case sign(String)
        /// What stands in brackets: `5m`, `1h:5m`.
        case range(String)
    }

    struct Token {
        let kind: Kind
        /// In bytes of the expression.
        let span: Range<Int>
    }

    /// An expression is of some hundred bytes; a longer one than this is not judged.
    static let longest = 16_384

    private(set) var tokens: [Token] = []
    /// Prometheus cannot read it: a quote or bracket is not closed.
    private(set) var complaint: String?

    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        while at < bytes.count, complaint == nil { step() }
        if complaint == nil { complaint = Self.unbalanced(tokens) }
    }

    private mutating func step() {
        let byte = bytes[at]
        switch byte {
        case 0x20, 0x09, 0x0a, 0x0d: at += 1
        case UInt8(ascii: "#"): at = bytes[at...].firstIndex(of: 0x0a) ?? bytes.count
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"): quoted(byte)
        case UInt8(ascii: "["):
            guard let end = bytes[at...].firstIndex(of: UInt8(ascii: "]")) else {
                return complaint = "a `[` is not closed"
            }
            add(.range(String(decoding: bytes[at + 1..<end], as: UTF8.self)), to: end + 1)
        case 0x30...0x39, UInt8(ascii: "."): number()
        default: Self.isWord(byte) ? word() : sign()
        }
    }

    private mutating func add(_ kind: Kind, to end: Int) {
        tokens.append(Token(kind: kind, span: at..<end))
        at = end
    }

    private mutating func quoted(_ quote: UInt8) {
        var end = at + 1
        while end < bytes.count, bytes[end] != quote { end += bytes[end] == 0x5c && quote != UInt8(ascii: "`") ? 2 : 1 }
        guard end < bytes.count else { return complaint = "a quote is not closed" }
        add(.text, to: end + 1)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x61...0x7a).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: ":")
    }

    private mutating func word() {
        let end = bytes[at...].firstIndex { !Self.isWord($0) } ?? bytes.count
        add(.word(String(decoding: bytes[at..<end], as: UTF8.self)), to: end)
    }

    /// Also a duration, as behind `offset`, which counts as a word.
    private mutating func number() {
        let end = bytes[at...].firstIndex { !Self.isWord($0) && $0 != UInt8(ascii: ".") } ?? bytes.count
        let text = String(decoding: bytes[at..<end], as: UTF8.self)
        add(Double(text).map(Kind.number) ?? .word(text), to: end)
    }

    private mutating func sign() {
        let pair = String(decoding: bytes[at..<min(at + 2, bytes.count)], as: UTF8.self)
        if ["==", "!=", ">=", "<=", "=~", "!~"].contains(pair) { return add(.sign(pair), to: at + 2) }
        add(.sign(String(decoding: [bytes[at]], as: UTF8.self)), to: at + 1)
    }

    private static func unbalanced(_ tokens: [Token]) -> String? {
        var open: [String] = []
        for token in tokens {
            switch token.kind {
            case .sign("("): open.append(")")
            case .sign("{"): open.append("}")
            case .sign(let close) where close == ")" || close == "}":
                guard open.popLast() == close else { return "a `\(close)` is too much" }
            default: continue
            }
        }
        return open.last.map { "a `\($0 == ")" ? "(" : "{")` is not closed" }
    }
}
