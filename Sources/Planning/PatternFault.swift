/// What is wrong with a regular expression, nil when it can be used. To be asked before any `Regex` is made of a text.
package func patternFault(_ pattern: String) -> String? {
    guard pattern.utf8.count <= longestPattern else { return "it is longer than \(longestPattern) bytes" }
    guard brackets(in: pattern) <= mostBrackets else { return "it opens more than \(mostBrackets) brackets" }
    do {
        _ = try Regex(pattern)
        return nil
    } catch {
        return "\(error)"
    }
}

private let longestPattern = 10_000

/// The parser of the standard library goes a level deeper on the stack for each open bracket, without a bound of its own, so
/// that some thousands of them end the process.
private let mostBrackets = 200

/// All that open, whether or not they are closed: where a bracket is a mere character is the parser's knowledge.
private func brackets(in pattern: String) -> Int {
    var count = 0
    var isEscaped = false
    for byte in pattern.utf8 {
        if !isEscaped, byte == UInt8(ascii: "(") || byte == UInt8(ascii: "[") { count += 1 }
        isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
    }
    return count
}
