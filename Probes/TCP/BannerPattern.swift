import Planning

/// A regular expression for what a service says first. A `Regex` is not Sendable, so the text is kept and compiled where it
/// is used.
struct BannerPattern: Sendable {
    /// No service needs more to show what it is, and matching stays cheap whatever a peer sends.
    static let longestBanner = 1024

    let text: String

    /// Nil when the text is no regular expression.
    init?(_ text: String) {
        guard patternFault(text) == nil else { return nil }
        self.text = text
    }

    func matches(_ bytes: [UInt8]) -> Bool {
        guard let regex = try? Regex(text) else { return false }
        // By code points: CR LF would otherwise be one character, which `\r` does not match.
        return Self.decoded(bytes).firstMatch(of: regex.matchingSemantics(.unicodeScalar)) != nil
    }

    /// UTF-8 where it is valid, else every byte for itself, so that a binary greeting can be matched too.
    private static func decoded(_ bytes: [UInt8]) -> String {
        let bytes = bytes.prefix(longestBanner)
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }
}
