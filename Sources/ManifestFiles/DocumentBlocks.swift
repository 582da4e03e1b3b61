import Manifests
import NetValues

/// The fenced blocks of a Markdown text (CommonMark section 4.5): manifests and shell lines of a guide.
struct DocumentBlocks {
    struct Block {
        let language: String
        /// Lines of the file before its first line.
        let linesBefore: Int
        let bytes: ArraySlice<UInt8>
    }

    private(set) var blocks: [Block] = []
    var isDocument: Bool { !blocks.isEmpty }

    private struct Fence {
        let character: UInt8
        let length: Int
        let indent: Int
        let info: String
    }

    init(_ bytes: [UInt8]) {
        var open: (fence: Fence, start: Int, line: Int)?
        var line = 0
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
            let fence = Self.fence(bytes[start..<end])
            if let current = open {
                if let fence, fence.character == current.fence.character, fence.length >= current.fence.length,
                    fence.info.isEmpty
                {
                    add(current.fence, bytes[current.start..<start], current.line)
                    open = nil
                }
            } else if let fence {
                open = (fence, min(end + 1, bytes.count), line + 1)
            }
            line += 1
            start = end + 1
        }
        // One that is not closed goes to the end.
        if let open { add(open.fence, bytes[open.start...], open.line) }
    }

    private mutating func add(_ fence: Fence, _ bytes: ArraySlice<UInt8>, _ linesBefore: Int) {
        let language = fence.info.prefix { $0 != " " && $0 != "{" && $0 != "," }.lowercased()
        // Within a list of the text all of the block stands further in.
        let whole = fence.indent == 0 ? bytes : Self.outdented(bytes, by: fence.indent)[...]
        blocks.append(Block(language: language, linesBefore: linesBefore, bytes: whole))
    }

    private static func outdented(_ bytes: ArraySlice<UInt8>, by indent: Int) -> [UInt8] {
        var result: [UInt8] = []
        for line in bytes.split(separator: 0x0a, omittingEmptySubsequences: false) {
            let blanks = line.prefix(indent).prefix { $0 == 0x20 }.count
            result += line.dropFirst(blanks)
            result.append(0x0a)
        }
        return result
    }

    private static func fence(_ line: ArraySlice<UInt8>) -> Fence? {
        let indent = line.prefix { $0 == 0x20 }.count
        let rest = line.dropFirst(indent)
        guard let character = rest.first, character == UInt8(ascii: "`") || character == UInt8(ascii: "~") else {
            return nil
        }
        let length = rest.prefix { $0 == character }.count
        guard length >= 3 else { return nil }
        let info = String(decoding: rest.dropFirst(length).prefix(64), as: UTF8.self)
        let word = info.filter { $0 != "\r" }
        guard character != UInt8(ascii: "`") || !word.contains("`") else { return nil }
        return Fence(
            character: character, length: length, indent: indent, info: String(word.drop { $0 == " " || $0 == "\t" }))
    }

    func read(file: String, within allowance: inout ReadingAllowance) -> ManifestSet {
        var set = ManifestSet()
        for block in blocks {
            switch block.language {
            case "yaml", "yml", "json":
                set.add(
                    YAMLText.read(
                        Array(block.bytes), file: file, linesBefore: block.linesBefore, within: &allowance))
            case "bash", "sh", "shell", "console", "zsh":
                set.add(
                    ShellText.read(block.bytes, file: file, linesBefore: block.linesBefore, within: &allowance))
            case "" where Self.looksLikeManifest(block.bytes):
                set.add(
                    YAMLText.read(
                        Array(block.bytes), file: file, linesBefore: block.linesBefore, within: &allowance))
            default: continue
            }
        }
        return set
    }

    private static func looksLikeManifest(_ bytes: ArraySlice<UInt8>) -> Bool {
        let lines = bytes.split(separator: 0x0a)
        return lines.contains { $0.starts(with: "apiVersion:".utf8) }
            && lines.contains { $0.starts(with: "kind:".utf8) }
    }
}
