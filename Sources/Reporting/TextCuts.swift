/// Where a text may have been cut by a limit on its length, so that a secret may have lost its end.
struct TextCuts {
    private let text: [UInt8]
    private static let ellipsis = Array("…".utf8)
    /// No limit is shorter than this where nothing marks the cut; a short text is whole.
    private static let shortestUnmarked = 60

    init(_ text: [UInt8]) {
        self.text = text
    }

    /// The cut at this position, or behind the rest of an escape that was itself cut.
    func cut(at position: Int) -> Int? {
        if isCut(position) { return position }
        guard position < text.count, Spelling.openers.contains(text[position]), text[position] != UInt8(ascii: "+")
        else {
            return nil
        }
        guard let end = (position + 1...position + Spelling.longestUnfinished).first(where: isCut) else { return nil }
        return text[(position + 1)..<end].allSatisfy(Spelling.isBody) ? end : nil
    }

    private func isCut(_ position: Int) -> Bool {
        position == text.count
            ? text.count >= Self.shortestUnmarked
            : position < text.count && text[position...].starts(with: Self.ellipsis)
    }
}
