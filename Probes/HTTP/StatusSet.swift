import NetValues

/// Status codes that a plan accepts: codes (`200`) and classes (`2xx`).
struct StatusSet: Hashable, Sendable {
    let words: [String]
    private let codes: Set<Int>
    private let classes: Set<Int>

    /// Where a plan says nothing.
    static let usual = StatusSet(words: ["2xx", "3xx"], codes: [], classes: [2, 3])

    private init(words: [String], codes: Set<Int>, classes: Set<Int>) {
        self.words = words
        self.codes = codes
        self.classes = classes
    }

    /// Nil when a word is neither, or when there is none.
    init?(_ words: [String]) {
        var codes: Set<Int> = []
        var classes: Set<Int> = []
        for word in words {
            let text = word.lowercasedASCII()
            if text.utf8.count == 3, text.hasSuffix("xx"), let number = Int(text.prefix(1)), (1...5).contains(number) {
                classes.insert(number)
            } else if let code = UInt16(decimal: text), (100...999).contains(code) {
                codes.insert(Int(code))
            } else {
                return nil
            }
        }
        guard !words.isEmpty else { return nil }
        self.init(words: words.map { $0.lowercasedASCII() }, codes: codes, classes: classes)
    }

    func contains(_ status: Int) -> Bool { codes.contains(status) || classes.contains(status / 100) }

    /// Names a redirect: then the redirect itself is what the plan wants to see.
    var namesRedirect: Bool { classes.contains(3) || codes.contains(where: HTTPHop.isRedirect) }

    /// `200, 204 or 3xx`
    var spoken: String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }
}
