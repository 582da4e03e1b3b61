/// A service account's token (RFC 6750 section 2.1), as far as it can be sent and told from other text.
enum AccountToken {
    struct Problem: Error {
        let reason: String
    }

    /// What is shorter stands in ordinary text by chance: to hide it would garble a report, and to send it might show it.
    private static let shortest = 8

    static func read(_ path: String, in files: SurroundingsFiles) -> Result<String, Problem> {
        guard let text = files.text(path)?.trimmedBlanks else { return failure("it cannot be read") }
        if text.isEmpty { return failure("it is empty") }
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            return failure("it holds blanks, line breaks or other bytes that no token has")
        }
        return text.utf8.count < shortest ? failure("it has fewer than \(shortest) bytes") : .success(text)
    }

    private static func failure(_ reason: String) -> Result<String, Problem> { .failure(Problem(reason: reason)) }
}
