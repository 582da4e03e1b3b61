import NetValues
import Planning

/// The bytes that the text of `send` stands for: `\r \n \t \\ \xNN` are escapes, everything else is UTF-8 as written.
package struct SendText: Sendable {
    /// For mistakes.
    package static let expected = "expected text whose escapes are \\r \\n \\t \\\\ or \\xNN"

    package let bytes: [UInt8]

    /// What is wrong with the value of a key of that name.
    package static func problem(with value: ParameterValue) -> String? {
        guard case .text(let text) = value, SendText(text) == nil else { return nil }
        return expected
    }

    /// Nil for an escape that there is not.
    package init?(_ text: String) {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            guard let escaped = Self.escape(&rest) else { return nil }
            bytes.append(escaped)
        }
        self.bytes = bytes
    }

    private static func escape(_ rest: inout ArraySlice<UInt8>) -> UInt8? {
        switch rest.popFirst() {
        case UInt8(ascii: "r"): return 0x0d
        case UInt8(ascii: "n"): return 0x0a
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "\\"): return 0x5c
        case UInt8(ascii: "x"):
            let digits = rest.prefix(2)
            rest = rest.dropFirst(2)
            // `+f` would read as a number too.
            guard digits.count == 2, digits.first != UInt8(ascii: "+") else { return nil }
            return UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
        default: return nil
        }
    }
}

/// What is said on a connection to see whether a server behind it speaks. Empty where only a greeting is waited for.
package struct OpeningWords: Sendable {
    package let bytes: [UInt8]

    /// Ports at which HTTP is spoken in the clear, where a HEAD of the root harms nobody (RFC 9110 section 9.3.2).
    private static let webPorts: Set<UInt16> = [80, 8080]

    /// - Parameter text: of the key `send`; nil for what the port suggests.
    /// - Returns: nil for an escape that there is not.
    package init?(_ text: String?, to target: HostPort) {
        if let text {
            guard let send = SendText(text) else { return nil }
            bytes = send.bytes
        } else if Self.webPorts.contains(target.port) {
            let host = target.port == 80 ? Self.written(target.host) : target.description
            bytes = Array("HEAD / HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: leadsman\r\n\r\n".utf8)
        } else {
            bytes = []
        }
    }

    private static func written(_ host: Host) -> String {
        if case .address(.v6) = host { "[\(host)]" } else { "\(host)" }
    }
}
