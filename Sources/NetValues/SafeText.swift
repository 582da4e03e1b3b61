extension StringProtocol {
    /// The text with control characters, bidirectional overrides and line breaks escaped, so that a peer's words can
    /// stand in a terminal, and cut to `limit` characters.
    package func escaped(limit: Int = 200) -> String {
        // Most texts are plain, and there may be a hundred thousand of them.
        if utf8.allSatisfy(Self.isPlain), utf8.count <= limit { return String(self) }
        var result = ""
        var count = 0
        for scalar in unicodeScalars {
            guard count < limit else { return result + "…" }
            count += 1
            switch scalar {
            case " "..."~": result.unicodeScalars.append(scalar)
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default:
                if scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
                    || scalar.properties.generalCategory == .lineSeparator
                    || scalar.properties.generalCategory == .paragraphSeparator
                {
                    result += "\\u{\(String(scalar.value, radix: 16))}"
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result
    }

    private static func isPlain(_ byte: UInt8) -> Bool { (0x20..<0x7f).contains(byte) }
}

extension Collection<UInt8> {
    /// Bytes from a peer as safe text: printable ASCII as it is, everything else as `\xNN`, cut to `limit` bytes.
    package func escaped(limit: Int = 64) -> String {
        var result = ""
        for byte in prefix(limit) {
            switch byte {
            case 0x0a: result += "\\n"
            case 0x0d: result += "\\r"
            case 0x09: result += "\\t"
            case 0x5c: result += "\\\\"
            case 0x20..<0x7f: result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return count > limit ? result + "…" : result
    }
}
