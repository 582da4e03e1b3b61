import Manifests
import NetValues

/// Shell lines of a guide or script: YAML in here-documents (POSIX sh 2.7.4), and the commands that declare something.
enum ShellText {
    private static let mostWords = 64

    static func read(
        _ bytes: ArraySlice<UInt8>, file: String, linesBefore: Int, within allowance: inout ReadingAllowance
    ) -> ManifestSet {
        var set = ManifestSet()
        var body: (delimiter: String, stripsTabs: Bool, isManifest: Bool, lines: [ArraySlice<UInt8>], before: Int)?
        for (index, line) in bytes.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
            if var open = body {
                let text = open.stripsTabs ? line.drop { $0 == 0x09 } : line
                let end = text.last == 0x0d ? text.dropLast() : text
                if String(decoding: end, as: UTF8.self) == open.delimiter {
                    if open.isManifest { set.add(manifest(open.lines, file, open.before, &allowance)) }
                    body = nil
                } else {
                    open.lines.append(text)
                    body = open
                }
                continue
            }
            let text = String(decoding: line.prefix(4096), as: UTF8.self)
            let place = ManifestPlace(file: file, line: linesBefore + index + 1)
            let words = words(text)
            if words.count > 1 { set.commands.append(ManifestSet.Command(words: words, place: place)) }
            if let here = hereDocument(text) {
                body = (
                    here.delimiter, here.stripsTabs, text.contains("kubectl") || text.contains("oc "), [],
                    linesBefore + index + 1
                )
            }
        }
        return set
    }

    private static func manifest(
        _ lines: [ArraySlice<UInt8>], _ file: String, _ before: Int, _ allowance: inout ReadingAllowance
    ) -> ManifestSet {
        YAMLText.read(
            Array(lines.joined(separator: [0x0a])) + [0x0a], file: file, linesBefore: before, within: &allowance)
    }

    /// `<<EOF`, `<<-EOF`, `<<'EOF'`, `<< "EOF"`.
    private static func hereDocument(_ line: String) -> (delimiter: String, stripsTabs: Bool)? {
        guard let range = line.firstRange(ofASCII: "<<"), !line[range.upperBound...].hasPrefix("<") else { return nil }
        var rest = line[range.upperBound...]
        let stripsTabs = rest.hasPrefix("-")
        if stripsTabs { rest = rest.dropFirst() }
        rest = rest.drop { $0 == " " }
        if let quote = rest.first, quote == "'" || quote == "\"" {
            let word = rest.dropFirst().prefix { $0 != quote }
            return word.isEmpty ? nil : (String(word), stripsTabs)
        }
        let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        return word.isEmpty ? nil : (String(word), stripsTabs)
    }

    /// Of a plain command: without quotes taken off, which its names do not need.
    private static func words(_ line: String) -> [String] {
        var text = line[...].drop { $0 == " " || $0 == "\t" }
        if text.hasPrefix("$ ") { text = text.dropFirst(2) }
        guard !text.hasPrefix("#") else { return [] }
        return text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" }).prefix(mostWords).map(String.init)
    }
}

extension String {
    fileprivate func firstRange(ofASCII needle: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(needle) {
                return start..<index(start, offsetBy: needle.count)
            }
            start = index(after: start)
        }
        return nil
    }
}
