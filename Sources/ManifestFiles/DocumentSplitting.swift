/// The documents of a YAML text, each by itself, so that a mistake in one does not hide the others. A line that begins with three
/// dashes ends a document wherever it stands (YAML 1.2 section 9.1.2), also within quotes and blocks.
struct DocumentSplitting {
    struct Document {
        let bytes: ArraySlice<UInt8>
        /// Lines of the text before its first one.
        let linesBefore: Int
    }

    private(set) var documents: [Document] = []

    init(_ bytes: [UInt8]) {
        // Of UTF-16 no line can be told, and the reader says so.
        guard !bytes.starts(with: [0xff, 0xfe]), !bytes.starts(with: [0xfe, 0xff]) else {
            documents = [Document(bytes: bytes[...], linesBefore: 0)]
            return
        }
        var begin = 0
        var beginLine = 0
        var hasContent = false
        var line = 0
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
            let text = bytes[start..<end]
            if Self.isMarker(text) {
                // Directives and remarks belong to the document that they stand before.
                if hasContent {
                    documents.append(Document(bytes: bytes[begin..<start], linesBefore: beginLine))
                    (begin, beginLine) = (start, line)
                }
                hasContent = true
            } else if !hasContent {
                hasContent = Self.isContent(text)
            }
            line += 1
            start = end + 1
        }
        if hasContent { documents.append(Document(bytes: bytes[begin...], linesBefore: beginLine)) }
    }

    private static func isMarker(_ line: ArraySlice<UInt8>) -> Bool {
        guard line.starts(with: [0x2d, 0x2d, 0x2d]) else { return false }
        guard let next = line.dropFirst(3).first else { return true }
        return next == 0x20 || next == 0x09 || next == 0x0d
    }

    /// Neither blank nor a remark nor a directive.
    private static func isContent(_ line: ArraySlice<UInt8>) -> Bool {
        let text = line.starts(with: [0xef, 0xbb, 0xbf]) ? line.dropFirst(3) : line
        guard let first = text.first(where: { $0 != 0x20 && $0 != 0x0d }) else { return false }
        return first != UInt8(ascii: "#") && text.first != UInt8(ascii: "%")
    }
}
