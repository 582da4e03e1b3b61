import NetValues
import Testing

@Suite struct EscapedTextTests {
    @Test(arguments: [
        ("plain é 漢", "plain é 漢"), ("a\nb\r\tc", "a\\nb\\r\\tc"), ("\r\n", "\\r\\n"), ("\u{1b}[31m", "\\u{1b}[31m"),
        ("a\u{0}b", "a\\u{0}b"),
        ("\u{202e}evil", "\\u{202e}evil"), ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"),
        ("a\u{2028}b\u{2029}", "a\\u{2028}b\\u{2029}"),
        ("\u{9b}31m", "\\u{9b}31m"), ("\u{feff}x", "\\u{feff}x"),
    ])
    func text_cannotMoveATerminal(_ text: String, _ escaped: String) {
        #expect(text.escaped() == escaped)
    }

    @Test func text_isCut() {
        #expect("abcdef".escaped(limit: 3) == "abc…")
        #expect("abc".escaped(limit: 3) == "abc")
        // One grapheme of many scalars is no way around the limit.
        #expect(("e" + String(repeating: "\u{301}", count: 1000)).escaped(limit: 10).unicodeScalars.count == 11)
    }

    @Test func bytes_areShownAsASCII() {
        #expect(Array("a\\b\r\n\t".utf8).escaped() == "a\\\\b\\r\\n\\t")
        #expect([0x00, 0x1b, 0x7f, 0x80, 0xff].escaped() == "\\x00\\x1b\\x7f\\x80\\xff")
        #expect([UInt8](repeating: 0x41, count: 65).escaped() == String(repeating: "A", count: 64) + "…")
        #expect([UInt8]().escaped() == "")
    }
}

@Suite struct NearestWordTests {
    let known = ["interval", "timeout", "samples", "family", "key", "ca"]

    @Test(arguments: [
        ("intervall", "interval"), ("intreval", "interval"), ("Timeout", "timeout"), ("smples", "samples"),
        ("kye", "key"), ("cas", "ca"),
        ("timout", "timeout"), ("timuot", "timeout"),
    ])
    func mistypedWord_findsItsNeighbour(_ word: String, _ nearest: String) {
        #expect(nearestWord(to: word, among: known) == nearest)
    }

    @Test(arguments: ["", "address", "keyboard", "xyz", "intvl", String(repeating: "a", count: 10_000)])
    func strangeWord_findsNone(_ word: String) {
        #expect(nearestWord(to: word, among: known) == nil)
    }

    @Test func tie_goesToTheFirstInTheAlphabet() {
        #expect(nearestWord(to: "cat", among: ["car", "bat", "cut"]) == "bat")
    }
}
