extension String {
    /// Columns of a terminal.
    var displayWidth: Int {
        if utf8.allSatisfy({ $0 < 0x80 }) { return utf8.count }
        return reduce(0) { $0 + $1.displayWidth }
    }

    /// The text in at most `width` columns, an ellipsis in the place of its middle.
    func cutInMiddle(to width: Int) -> String {
        guard displayWidth > width else { return self }
        guard width > 1 else { return width == 1 ? "…" : "" }
        let tail = (width - 1) / 2
        let head = String(prefix(columns: width - 1 - tail))
        return head + "…" + String(String(reversed()).prefix(columns: tail).reversed())
    }

    /// As many characters from the start as fit into `columns`.
    func prefix(columns: Int) -> Substring {
        var used = 0
        var end = startIndex
        while end < endIndex {
            used += self[end].displayWidth
            if used > columns { break }
            end = index(after: end)
        }
        return self[..<end]
    }

    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - displayWidth)) }

    func aligned(to width: Int) -> String { String(repeating: " ", count: max(0, width - displayWidth)) + self }
}

extension Character {
    var displayWidth: Int { unicodeScalars.reduce(0) { $0 + $1.displayWidth } }
}

extension Unicode.Scalar {
    /// By Unicode Standard Annex 11: wide and fullwidth characters take two columns, marks none.
    var displayWidth: Int {
        if value < 0x300 { return 1 }
        // Asks for the emoji form of the character before it, which is wide.
        if value == 0xfe0f { return 1 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        // Vowels and final consonants of Hangul join the letter before them.
        if (0x1160...0x11ff).contains(value) { return 0 }
        return isWide ? 2 : 1
    }

    private var isWide: Bool {
        // Two regional indicators make one flag of two columns.
        if (0x1f1e6...0x1f1ff).contains(value) { return false }
        return properties.isEmojiPresentation || Self.wideRanges.contains { $0.contains(value) }
    }

    /// EastAsianWidth.txt, runs of W and F, with the unassigned places between them.
    private static let wideRanges: [ClosedRange<UInt32>] = [
        0x1100...0x115f, 0x2329...0x232a, 0x2e80...0x303e, 0x3041...0xa4cf, 0xa960...0xa97f, 0xac00...0xd7a3,
        0xf900...0xfaff,
        0xfe10...0xfe19, 0xfe30...0xfe6f, 0xff01...0xff60, 0xffe0...0xffe6, 0x16fe0...0x18dff, 0x1aff0...0x1b2ff,
        0x1f200...0x1f265, 0x1f300...0x1f64f, 0x1f680...0x1f6ff, 0x1f900...0x1f9ff, 0x20000...0x3fffd,
    ]
}
