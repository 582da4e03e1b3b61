/// Bytes of a peer as text: what is UTF-8 stays as it is, any other byte becomes `\xNN`. Nothing else is escaped, so that
/// a secret among the bytes is still found.
func byteText(_ bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var text = ""
    var position = 0
    while position < bytes.count {
        let length = sequenceLength(bytes[position])
        let end = min(bytes.count, position + length)
        if let piece = String(validating: bytes[position..<end], as: UTF8.self) {
            text += piece
            position = end
        } else {
            text += (bytes[position] < 16 ? "\\x0" : "\\x") + String(bytes[position], radix: 16)
            position += 1
        }
    }
    return text
}

/// By the first byte of a sequence (RFC 3629 section 3); 1 for bytes that begin none.
private func sequenceLength(_ first: UInt8) -> Int {
    switch first {
    case 0xc0...0xdf: 2
    case 0xe0...0xef: 3
    case 0xf0...0xf7: 4
    default: 1
    }
}

func hexText(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
