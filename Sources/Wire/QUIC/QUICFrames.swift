/// The frames of an Initial packet (RFC 9000 section 12.4): only few may stand there.
package enum QUICFrames {
    package enum Frame: Hashable, Sendable {
        /// Handshake bytes: from where in their stream, and where in the payload.
        case crypto(offset: Int, Range<Int>)
        /// CONNECTION_CLOSE of the transport.
        case close(error: Int)
    }

    /// Each CRYPTO and CONNECTION_CLOSE frame, up to the first that does not belong there.
    package static func each(_ payload: Span<UInt8>, _ take: (Frame) -> Void) {
        var cursor = ByteCursor(payload)
        while let type = cursor.uint8(payload) {
            switch type {
            case 0, 1: continue
            case 2, 3: guard skipAcknowledgement(payload, &cursor, hasECN: type == 3) else { return }
            case 6:
                guard let offset = cursor.variableLength(payload), let length = cursor.variableLength(payload),
                    let range = cursor.take(length)
                else { return }
                take(.crypto(offset: offset, range))
            case 0x1c:
                if let error = cursor.variableLength(payload) { take(.close(error: error)) }
                return
            default: return
            }
        }
    }

    /// Section 19.3.
    private static func skipAcknowledgement(_ payload: Span<UInt8>, _ cursor: inout ByteCursor, hasECN: Bool) -> Bool {
        guard cursor.variableLength(payload) != nil, cursor.variableLength(payload) != nil,
            let ranges = cursor.variableLength(payload), cursor.variableLength(payload) != nil,
            ranges <= cursor.remaining
        else { return false }
        for _ in 0..<ranges * 2 + (hasECN ? 3 : 0) {
            guard cursor.variableLength(payload) != nil else { return false }
        }
        return true
    }
}

/// The handshake bytes of one direction, which may come in any order; so many of the first are kept.
package struct QUICCryptoStream: Hashable, Sendable {
    package static let mostBytes = 16_384
    private static let mostPieces = 64

    private var bytes: [UInt8] = []
    /// What has come, in order, without overlaps.
    private var pieces: [Range<Int>] = []

    package init() {}

    package var heldBytes: Int { bytes.count }

    /// - Returns: false when it lies beyond what is kept, or there are too many holes.
    package mutating func add(_ payload: Span<UInt8>, _ range: Range<Int>, at offset: Int) -> Bool {
        let length = range.count
        guard range.lowerBound >= 0, range.upperBound <= payload.count, offset >= 0, length <= Self.mostBytes,
            offset <= Self.mostBytes - length
        else { return false }
        guard length > 0 else { return true }
        let end = offset + length
        while bytes.count < end { bytes.append(0) }
        for index in 0..<length { bytes[offset + index] = payload[range.lowerBound + index] }
        var merged = offset..<end
        pieces.removeAll { piece in
            guard piece.lowerBound <= merged.upperBound, merged.lowerBound <= piece.upperBound else { return false }
            merged =
                min(piece.lowerBound, merged.lowerBound)..<max(piece.upperBound, merged.upperBound)
            return true
        }
        pieces.insert(merged, at: pieces.firstIndex { $0.lowerBound > merged.lowerBound } ?? pieces.count)
        return pieces.count <= Self.mostPieces
    }

    /// The handshake message (RFC 8446 section 4) that begins there, once all of it has come: its type and body.
    package func message(at offset: Int) -> (type: UInt8, body: Range<Int>)? {
        guard let known = pieces.first, known.lowerBound == 0, offset >= 0, offset + 4 <= known.upperBound else {
            return nil
        }
        let length = Int(bytes[offset + 1]) << 16 | Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
        guard length <= known.upperBound - offset - 4 else { return nil }
        return (bytes[offset], offset + 4..<offset + 4 + length)
    }

    package func clientHello(_ body: Range<Int>) -> TLSClientHello? {
        let span = bytes.span
        return TLSClientHello(reading: span.extracting(body.clamped(to: 0..<span.count)))
    }

    package func serverHello(_ body: Range<Int>) -> TLSServerHello? {
        let span = bytes.span
        return TLSServerHello(reading: span.extracting(body.clamped(to: 0..<span.count)))
    }
}
