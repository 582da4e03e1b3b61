/// Lines on standard error by which a person sees that work goes on: drawn anew in their place, and away at the end. For terminals only.
struct StatusLines: Sendable {
    private var count = 0

    static var width: Int { Terminal.width(of: StandardStream.error) ?? 80 }

    /// - Parameter lines: none wider than the terminal, which would wrap it.
    mutating func draw(_ lines: [String]) {
        try? writeAll(erasure + lines.joined(separator: "\n"), to: StandardStream.error)
        count = lines.count
    }

    mutating func clear() {
        guard count > 0 else { return }
        try? writeAll(erasure, to: StandardStream.error)
        count = 0
    }

    /// To the first line that was drawn, and all from there on away (ECMA-48: CPL, ED).
    private var erasure: String { (count > 1 ? "\u{1b}[\(count - 1)F" : "\r") + "\u{1b}[J" }
}
