import CYAML
import YAML

/// One event of libyaml's, as a value.
struct YAMLEvent {
    enum Kind {
        case streamStart, streamEnd, documentStart, documentEnd
        case alias(anchor: String)
        case scalar(YAMLScalar)
        case listStart, listEnd, mapStart, mapEnd
    }

    let kind: Kind
    let mark: Mark
    var anchor: String?
    var tag: String?
}

/// A mistake of syntax: reading cannot go on behind it.
package struct YAMLSyntaxMistake: Error {
    package let mark: Mark
    package let message: String
}

/// libyaml's parser over bytes in memory. Deep nesting, long scalars and aliases are the composer's to bound; libyaml itself
/// needs memory in proportion to its input only.
struct YAMLEvents: ~Copyable {
    // SAFETY: allocated in `init`, initialised there, deleted and freed in `deinit` only; the struct is not copyable, so each
    // pointer has one owner, and none of them leaves this type. libyaml keeps both addresses, hence the heap.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>

    /// Lines before the first byte, where the text is a part of a file.
    private let linesBefore: Int

    init(_ bytes: [UInt8], linesBefore: Int) throws(YAMLSyntaxMistake) {
        self.linesBefore = linesBefore
        let text = try Self.withoutMark(bytes, linesBefore: linesBefore)
        try Self.boundDirectives(text, linesBefore: linesBefore)
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            throw YAMLSyntaxMistake(mark: Mark.start.below(linesBefore), message: Self.outOfMemory)
        }
        let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.count)
        _ = input.initialize(from: text)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
        self.parser = parser
        self.input = input
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    private static let outOfMemory = "not enough memory to read this file"

    private static func withoutMark(
        _ bytes: [UInt8], linesBefore: Int
    ) throws(YAMLSyntaxMistake) -> ArraySlice<UInt8> {
        if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) {
            throw YAMLSyntaxMistake(
                mark: Mark.start.below(linesBefore), message: "the file is UTF-16 text: save it as UTF-8")
        }
        return bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
    }

    /// libyaml compares each directive with all before it, which a file full of them turns into minutes.
    private static func boundDirectives(_ text: ArraySlice<UInt8>, linesBefore: Int) throws(YAMLSyntaxMistake) {
        var count = 0
        var line = 1 + linesBefore
        var isLineStart = true
        for byte in text {
            if isLineStart, byte == UInt8(ascii: "%") {
                count += 1
                guard count <= mostDirectives else {
                    throw YAMLSyntaxMistake(
                        mark: Mark(line: line, column: 1),
                        message:
                            "more than \(mostDirectives) lines begin with `%`: YAML directives are read up to that number"
                    )
                }
            }
            isLineStart = byte == 0x0a || byte == 0x0d
            if byte == 0x0a { line += 1 }
        }
    }

    private static let mostDirectives = 1000

    mutating func next() throws(YAMLSyntaxMistake) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw mistake() }
        defer { yaml_event_delete(&event) }
        return value(of: event)
    }

    private func mistake() -> YAMLSyntaxMistake {
        // SAFETY: `problem` and `context` point at libyaml's constant texts, or are null.
        let state = parser.pointee
        let bytes = Array(input)
        let complaint = YAMLComplaint(
            problem: state.problem.map { String(cString: $0) } ?? "",
            context: state.context.map { String(cString: $0) } ?? "",
            mark: Mark(state.problem_mark), contextMark: Mark(state.context_mark),
            characters: Int(clamping: state.problem_mark.index), linesBefore: linesBefore)
        let mistake =
            switch state.error {
            case YAML_MEMORY_ERROR: YAMLSyntaxMistake(mark: complaint.mark, message: Self.outOfMemory)
            case YAML_READER_ERROR:
                YAMLComplaint.unreadable(bytes, offset: state.problem_offset, problem: complaint.problem)
            default: complaint.inPlainWords(around: bytes)
            }
        return YAMLSyntaxMistake(mark: mistake.mark.below(linesBefore), message: mistake.message)
    }

    private func value(of event: yaml_event_t) -> YAMLEvent {
        let mark = Mark(event.start_mark).below(linesBefore)
        // SAFETY: the member of the union that is read is the one that `type` names; `value` holds `length` bytes until
        // `yaml_event_delete`, and anchors and tags end with a zero byte.
        switch event.type {
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
            let isBlock = scalar.style == YAML_LITERAL_SCALAR_STYLE || scalar.style == YAML_FOLDED_SCALAR_STYLE
            return YAMLEvent(
                kind: .scalar(YAMLScalar(text: text, isPlain: isPlain, isBlock: isBlock)), mark: mark,
                anchor: Self.name(scalar.anchor), tag: Self.name(scalar.tag))
        case YAML_ALIAS_EVENT:
            return YAMLEvent(kind: .alias(anchor: Self.name(event.data.alias.anchor) ?? ""), mark: mark)
        case YAML_SEQUENCE_START_EVENT:
            let list = event.data.sequence_start
            return YAMLEvent(kind: .listStart, mark: mark, anchor: Self.name(list.anchor), tag: Self.name(list.tag))
        case YAML_MAPPING_START_EVENT:
            let map = event.data.mapping_start
            return YAMLEvent(kind: .mapStart, mark: mark, anchor: Self.name(map.anchor), tag: Self.name(map.tag))
        case YAML_SEQUENCE_END_EVENT: return YAMLEvent(kind: .listEnd, mark: mark)
        case YAML_MAPPING_END_EVENT: return YAMLEvent(kind: .mapEnd, mark: mark)
        case YAML_STREAM_START_EVENT: return YAMLEvent(kind: .streamStart, mark: mark)
        case YAML_DOCUMENT_START_EVENT: return YAMLEvent(kind: .documentStart, mark: mark)
        case YAML_DOCUMENT_END_EVENT: return YAMLEvent(kind: .documentEnd, mark: mark)
        // `YAML_NO_EVENT` is what libyaml answers after the end of the stream.
        default: return YAMLEvent(kind: .streamEnd, mark: mark)
        }
    }

    private static func name(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        text.map { String(cString: $0) }
    }
}

extension Mark {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
    }

    fileprivate func below(_ lines: Int) -> Mark { Mark(line: Int(line) + lines, column: Int(column)) }
}
