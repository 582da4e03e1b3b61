/// A text as a YAML scalar: plain where it is a plain word that nobody takes for something else, in double quotes otherwise.
package func yamlScalar(_ text: String) -> String {
    let isPlain =
        text.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || "0123456789-./".unicodeScalars.contains($0))
        }
        && (text.unicodeScalars.first?.properties.isAlphabetic ?? false)
        && !["true", "false", "yes", "no", "on", "off", "null", "y", "n"].contains(text.lowercased())
    guard !isPlain else { return text }
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case _ where !scalar.isYAMLPrintable: result += escape(scalar.value)
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}

/// By the number of digits that it needs.
private func escape(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    let (letter, width) = value < 0x100 ? ("x", 2) : value < 0x10000 ? ("u", 4) : ("U", 8)
    return "\\" + letter + String(repeating: "0", count: width - digits.utf8.count) + digits
}

extension Unicode.Scalar {
    /// May stand in a document as it is, within a line (YAML 1.1 section 5.1); a mark of byte order only at its beginning.
    package var isYAMLPrintable: Bool {
        switch value {
        case 0x20...0x7e, 0xa0...0x2027, 0x202a...0xd7ff, 0xe000...0xfefe, 0xff00...0xfffd, 0x10000...0x10ffff: true
        default: false
        }
    }
}
