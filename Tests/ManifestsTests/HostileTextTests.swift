import ManifestFiles
import Manifests
import Testing

/// Small texts that would cost much, or say too much.
@Suite struct HostileTextTests {
    private static func read(_ text: String, _ file: String = "a.yaml") -> ManifestSet {
        ManifestReader.read(Array(text.utf8), file: file)
    }

    /// A thousand entries, taken over so many times.
    private static func merging(_ times: Int) -> String {
        let entries = (0..<1000).map { "k\($0): v" }.joined(separator: ",")
        let merges = (0..<times).map { "x\($0): {<<: *a}\n" }.joined()
        return "kind: ConfigMap\nmetadata: {name: a}\na: &a {\(entries)}\n\(merges)---\n"
    }

    @Test func aliases_areBoundedOverAllDocuments() {
        // A million values are what one reading gives: four documents' worth here.
        let set = Self.read(String(repeating: Self.merging(240), count: 10))
        #expect(set.objects.count == 4)
        #expect(set.problems.map(\.kind) == Array(repeating: .unreadable, count: 6))
        #expect(set.problems.first?.message == "aliases stand for more values than are read")
    }

    @Test func aDocumentThatIsRefused_leavesItsShareToTheOthers() {
        let set = Self.read(Self.merging(1100) + Self.merging(900))
        #expect(set.objects.count == 1 && set.problems.map(\.kind) == [.unreadable])
    }

    @Test func mistakesWithoutEnd_areToldUpToANumber() {
        let keys = String(repeating: "  k: v\n", count: 3000)
        let set = Self.read("kind: ConfigMap\nmetadata: {name: a}\ndata:\n\(keys)---\nkind: Pod\nspec:\n\(keys)")
        #expect(set.objects.count == 2 && set.problems.count == 1000)
        #expect(set.problems.first?.kind == .repeatedKey && set.problems.first?.place.line == 5)
        #expect(set.problems.last?.message == "more mistakes follow, and are not told")
    }

    @Test(arguments: [
        (String(repeating: "words\n---\n", count: 500), "a.yaml"),
        (String(repeating: "[\n---\n", count: 500), "a.yaml"),
        (String(repeating: "```yaml\n[\n```\n", count: 500), "a.md"),
        (String(repeating: "kubectl apply -f - <<EOF\n[\nEOF\n", count: 500), "a.sh"),
    ])
    func whatIsNoManifest_isLeft(text: String, file: String) {
        let set = Self.read(text, file)
        #expect(set.objects.isEmpty && set.problems.count == 101)
        #expect(set.problems.last?.message == "from here on the file is not read: too many mistakes")
    }

    /// A lone carriage return ends a line for libyaml and for few others.
    @Test(arguments: ["\n\n\r@c\n", "a: b\r@c\n", "\u{e9}: b\r@c\n"])
    func aCharacterThatBeginsNothing_isNamedAsItStands(text: String) {
        #expect(Self.read(text).problems.map(\.message) == ["a text that begins with `@` needs quotes"])
    }

    @Test func aPlace_isSafeToBeShown() {
        #expect(ManifestPlace(file: "a\u{1b}[31m\nb.yaml", line: 3).words == "a\\u{1b}[31m\\nb.yaml:3")
    }
}
