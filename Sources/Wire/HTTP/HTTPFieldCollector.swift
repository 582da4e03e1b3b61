/// Header or trailer lines into fields (RFC 9112 section 5).
struct HTTPFieldCollector: Hashable, Sendable {
    private(set) var fields: [HTTPField] = []
    private let part: HTTPMessageError.Part
    private let limit: Int

    init(_ part: HTTPMessageError.Part, limit: Int) {
        self.part = part
        self.limit = limit
    }

    /// Takes a line without its ending, not empty.
    mutating func add(_ line: ArraySlice<UInt8>, offset: Int) throws(HTTPMessageError) {
        func failure(_ reason: String) -> HTTPMessageError {
            HTTPMessageError(part, reason, offset: offset, excerpt: line)
        }
        guard !line.contains(0x0d), !line.contains(0x00) else {
            throw failure("a carriage return or NUL within the line")
        }
        if line.first == 0x20 || line.first == 0x09 {
            try fold(HTTPSyntax.trimmed(line), failure("a folded line with no header before it"))
            return
        }
        guard let colon = line.firstIndex(of: 0x3a) else { throw failure("no colon") }
        let name = line[..<colon]
        guard HTTPSyntax.isToken(name) else { throw failure("the name before the colon is not a token") }
        guard fields.count < limit else { throw failure("more than \(limit) header fields") }
        let value = HTTPSyntax.trimmed(line[(colon + 1)...])
        fields.append(HTTPField(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
    }

    /// RFC 9112 section 5.2: a user agent replaces an obsolete line fold by a blank.
    private mutating func fold(
        _ continuation: ArraySlice<UInt8>, _ orphan: HTTPMessageError
    ) throws(HTTPMessageError) {
        guard var last = fields.popLast() else { throw orphan }
        last.value += (last.value.isEmpty ? "" : " ") + String(decoding: continuation, as: UTF8.self)
        fields.append(last)
    }
}
