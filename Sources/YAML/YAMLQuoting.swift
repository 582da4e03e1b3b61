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
        case _ where scalar.value < 0x20 || scalar.value == 0x7f: result += "\\x" + hexByte(scalar.value)
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}

private func hexByte(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return digits.utf8.count == 1 ? "0\(digits)" : digits
}
