import NetValues
import YAML

/// What libyaml says about text it cannot read, put into plain words.
struct YAMLComplaint {
    let problem: String
    let context: String
    let mark: Mark
    let contextMark: Mark
    /// Characters of the text before the mark: libyaml's lines also end with a lone carriage return, others' do not.
    let characters: Int
    /// In the file, before the text that was read.
    let linesBefore: Int

    func inPlainWords(around bytes: [UInt8]) -> YAMLSyntaxMistake {
        let line = Int(contextMark.line) + linesBefore
        return switch problem {
        case "found character that cannot start any token":
            YAMLSyntaxMistake(mark: mark, message: cannotStart(in: bytes))
        case "found a tab character that violates indentation",
            "found a tab character where an indentation space is expected":
            YAMLSyntaxMistake(mark: mark, message: Self.tab)
        case "could not find expected ':'":
            YAMLSyntaxMistake(mark: contextMark, message: "expected `KEY: VALUE`, but no `:` follows this text")
        case "found unexpected end of stream", "found unexpected document indicator":
            YAMLSyntaxMistake(mark: contextMark, message: "the quotes that open here are never closed")
        case "mapping values are not allowed in this context":
            YAMLSyntaxMistake(
                mark: mark,
                message:
                    "a `:` with a blank behind it cannot stand here: put the text in quotes, or check the indentation")
        case "block sequence entries are not allowed in this context":
            YAMLSyntaxMistake(
                mark: mark, message: "a list item (`- `) cannot stand here: begin it on a line of its own")
        case "did not find expected key":
            YAMLSyntaxMistake(
                mark: mark, message: "expected a key of the mapping that begins in line \(line): check the indentation")
        case "did not find expected '-' indicator":
            YAMLSyntaxMistake(
                mark: mark, message: "expected `- ` as in the list that begins in line \(line): check the indentation")
        case "did not find expected ',' or ']'": notClosed("list", with: "]")
        case "did not find expected ',' or '}'": notClosed("mapping", with: "}")
        case "did not find expected <document start>":
            YAMLSyntaxMistake(
                mark: mark,
                message: "expected the end of the document: this does not belong to what stands before it")
        case "found unknown escape character":
            YAMLSyntaxMistake(
                mark: mark,
                message: "no such escape in double quotes: write `\\\\` for a backslash, or use single quotes")
        default: inOtherWords()
        }
    }

    private static let tab = "a tab cannot indent: use blanks"

    private func notClosed(_ collection: String, with bracket: Character) -> YAMLSyntaxMistake {
        YAMLSyntaxMistake(
            mark: mark,
            message:
                "expected `,` or `\(bracket)` in the \(collection) that begins in line \(Int(contextMark.line) + linesBefore), column \(contextMark.column)"
        )
    }

    private func inOtherWords() -> YAMLSyntaxMistake {
        if context == "while scanning an alias" || context == "while scanning an anchor" {
            return YAMLSyntaxMistake(mark: contextMark, message: "a text that begins with `*` or `&` needs quotes")
        }
        let circumstance = context.isEmpty ? "" : ", \(context)"
        return YAMLSyntaxMistake(mark: mark, message: "this is not YAML: \(problem)\(circumstance)")
    }

    private func cannotStart(in bytes: [UInt8]) -> String {
        switch scalar(in: bytes) {
        case "\t": Self.tab
        case let scalar? where scalar.isYAMLPrintable: "a text that begins with `\(scalar)` needs quotes"
        default: "a text that begins like this needs quotes"
        }
    }

    private func scalar(in bytes: [UInt8]) -> Unicode.Scalar? {
        var before = 0
        let start = bytes.firstIndex { byte in
            guard byte & 0xc0 != 0x80 else { return false }
            before += 1
            return before > characters
        }
        guard let start else { return nil }
        return String(decoding: bytes[start...].prefix(4), as: UTF8.self).unicodeScalars.first
    }

    /// libyaml gives only a byte offset for bytes that are no text at all.
    static func unreadable(_ bytes: [UInt8], offset: Int, problem: String) -> YAMLSyntaxMistake {
        let before = bytes.prefix(max(0, offset))
        let lineStart = before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
        let mark = Mark(
            line: before.count { $0 == 0x0a } + 1,
            column: before[lineStart...].count { $0 & 0xc0 != 0x80 } + 1)
        guard problem == "control characters are not allowed" else {
            return YAMLSyntaxMistake(mark: mark, message: "the file is not UTF-8 text from here on")
        }
        return YAMLSyntaxMistake(
            mark: mark, message: "a control character cannot stand here: this is not a text file, or it is damaged"
        )
    }
}
