import NetValues

/// The only way onto the page: every text is escaped, then laid out, then painted, so that neither a peer's control
/// characters nor our colours can upset the layout.
struct TextPage {
    /// Of any one text: a page is for reading.
    private static let textLimit = 2000
    private static let copyLimit = 65_536

    let style: TextStyle
    private(set) var text = ""

    init(style: TextStyle) {
        self.style = style
    }

    struct Run {
        let text: String
        let paint: Paint

        init(_ text: String, _ paint: Paint = .plain) {
            self.text = text.escaped(limit: TextPage.textLimit)
            self.paint = paint
        }
    }

    mutating func blank() {
        text += "\n"
    }

    mutating func line(_ content: String, _ paint: Paint = .plain) {
        paragraph(content, paint)
    }

    /// Words wrapped at the width. `lead` stands before the first line; the others hang `hang` columns in, by default
    /// behind the lead.
    mutating func paragraph(
        _ body: String, _ paint: Paint = .plain, indent: Int = 0, lead: [Run] = [], hang: Int? = nil
    ) {
        let leadWidth = lead.reduce(0) { $0 + $1.text.displayWidth }
        let margin = String(repeating: " ", count: hang ?? (indent + leadWidth))
        let start = String(repeating: " ", count: indent)
        let lines = wrapped(body, first: style.width - indent - leadWidth, others: style.width - margin.utf8.count)
        text += start + lead.map { $0.paint.applied(to: $0.text, color: style.color) }.joined()
        text += lines.map { paint.applied(to: $0, color: style.color) }.joined(separator: "\n" + margin) + "\n"
    }

    /// One line of cells that fit already.
    mutating func row(_ cells: [Run]) {
        var plain = cells
        while let last = plain.last, last.text.allSatisfy({ $0 == " " }) { plain.removeLast() }
        guard let last = plain.popLast() else { return }
        let trimmed = Run(last.text.trimmedRight, last.paint)
        text += (plain + [trimmed]).map { $0.paint.applied(to: $0.text, color: style.color) }.joined() + "\n"
    }

    /// A line to copy, as of YAML: never cut, however narrow the page is.
    mutating func copied(_ content: String, indent: Int) {
        text += String(repeating: " ", count: indent) + content.escaped(limit: Self.copyLimit) + "\n"
    }

    /// A line whose blanks matter, as in a chart; what is too long for the page is cut.
    mutating func verbatim(_ content: String, indent: Int) {
        let line = String(repeating: " ", count: indent) + content.escaped(limit: Self.textLimit)
        text += line.cutInMiddle(to: style.width) + "\n"
    }

    /// The pieces that a line may be broken between: a unit stays with its number.
    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        for word in text.split(separator: " ") {
            if units.contains(where: { word.hasPrefix($0) && word.utf8.count <= $0.utf8.count + 1 }),
                let number = words.last, number.last?.isASCII == true, number.last?.isNumber == true
            {
                words[words.count - 1] = "\(number) \(word)"
            } else {
                words.append(String(word))
            }
        }
        return words
    }

    private static let units = ["ms", "s", "min", "%", "UTC"]

    private func wrapped(_ body: String, first: Int, others: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        var room = max(1, first)
        for word in Self.words(body.escaped(limit: Self.textLimit)) {
            var word = word
            if !line.isEmpty, line.displayWidth + 1 + word.displayWidth > room {
                lines.append(line)
                line = ""
                room = max(1, others)
            }
            // A word that is longer than a line.
            while line.isEmpty, word.displayWidth > room {
                let piece = word.prefix(columns: max(2, room))
                lines.append(String(piece))
                word = String(word[piece.endIndex...])
                room = max(1, others)
            }
            line += line.isEmpty ? word : " " + word
        }
        return lines + [line]
    }
}

extension String {
    fileprivate var trimmedRight: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
