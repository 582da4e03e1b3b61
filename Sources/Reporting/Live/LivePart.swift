/// A piece of a line of a live view, which is shown whole or not at all.
struct LivePart {
    let run: TextPage.Run
    /// Where the screen is too narrow for all, those of the lowest worth are left out first; nil stays.
    let worth: Int?

    init(_ text: String, _ paint: Paint = .plain, worth: Int? = nil) {
        run = TextPage.Run(text, paint)
        self.worth = worth
    }

    /// What has no worth may still be too long together: then the first of it is cut.
    static func line(_ parts: [LivePart], gap: String, columns: Int) -> [TextPage.Run] {
        var kept = parts
        func excess() -> Int {
            kept.reduce(-gap.displayWidth) { $0 + $1.run.text.displayWidth + gap.displayWidth } - max(1, columns)
        }
        while excess() > 0, let least = kept.compactMap(\.worth).min() { kept.removeAll { $0.worth == least } }
        guard var first = kept.first?.run else { return [] }
        if excess() > 0 {
            first = TextPage.Run(first.text.cutInMiddle(to: max(1, first.text.displayWidth - excess())), first.paint)
        }
        return [first] + kept.dropFirst().map { TextPage.Run(gap + $0.run.text, $0.run.paint) }
    }
}
