/// What TLS says in the clear in one direction (RFC 8446 section 5.1, RFC 5246 section 6.2.1): records in order, in pieces of any
/// size. What is gathered is bounded.
package struct TLSStreamReader: Hashable, Sendable {
    package enum Event: Hashable, Sendable {
        case clientHello(TLSClientHello)
        case serverHello(TLSServerHello)
        /// DER, leaf first; TLS 1.2 and older.
        case certificate([[UInt8]])
        case alert(TLSClearAlert)
        /// What follows in this direction is encrypted, unless a HelloRetryRequest went before.
        case changeCipherSpec
        /// Nothing more can be read in this direction: data, or no TLS at all.
        case end
    }

    /// A message that is longer is left out.
    package static let mostBytes = 65_536
    /// RFC 5246 section 6.2.3: 2^14 bytes and what a cipher may add.
    private static let longestRecord = 16_384 + 2048

    private enum State: Hashable {
        case header
        case handshake
        case alert
        case passing
        case ended
    }

    private var state = State.header
    /// Up to four bytes of a record header, which begins with the content type.
    private var header: UInt64 = 0
    private var headerBytes = 0
    /// Of the record.
    private var remaining = 0
    /// Of the handshake message so far, with type and length.
    private var message: [UInt8] = []
    /// Bytes of a message that is of no interest.
    private var unwanted = 0
    private var alertLevel: UInt8?

    package init() {}

    package var heldBytes: Int { message.count }
    package var isAtEnd: Bool { state == .ended }

    /// The next thing in the bytes, reading on from `position`; nil when they are used up.
    package mutating func next(_ bytes: Span<UInt8>, _ position: inout Int) -> Event? {
        while position < bytes.count {
            let event: Event?
            switch state {
            case .header: event = takeHeader(bytes[position], &position)
            case .handshake: event = takeHandshake(bytes, &position)
            case .alert: event = takeAlert(bytes[position], &position)
            case .passing:
                let passed = min(remaining, bytes.count - position)
                position += passed
                finishRecordBytes(passed)
                event = nil
            case .ended: return nil
            }
            if let event { return event }
        }
        return nil
    }

    /// Bytes are missing here, and no more can be read. A hello that had begun is told as far as it came.
    package mutating func lose() -> Event? {
        guard state != .ended else { return nil }
        defer { finish() }
        guard let kind = message.first, kind == 1 || kind == 2, message.count > 4 else { return nil }
        return decoded(kind)
    }

    /// Nothing more is wanted.
    package mutating func finish() {
        state = .ended
        message = []
    }

    // MARK: - Records

    private mutating func takeHeader(_ byte: UInt8, _ position: inout Int) -> Event? {
        position += 1
        header = header << 8 | UInt64(byte)
        headerBytes += 1
        guard headerBytes == 5 else { return nil }
        let type = UInt8(truncatingIfNeeded: header >> 32)
        let major = UInt8(truncatingIfNeeded: header >> 24)
        remaining = Int(header & 0xffff)
        header = 0
        headerBytes = 0
        guard major == 3, remaining > 0, remaining <= Self.longestRecord else { return fail() }
        return begin(type)
    }

    private mutating func begin(_ type: UInt8) -> Event? {
        switch type {
        case 20:
            state = .passing
            return .changeCipherSpec
        // RFC 8446 section 6: an alert in the clear has two bytes, an encrypted one more.
        case 21 where remaining == 2: state = .alert
        case 21: return fail()
        case 22: state = .handshake
        default: return fail()
        }
        return nil
    }

    private mutating func fail() -> Event {
        finish()
        return .end
    }

    private mutating func finishRecordBytes(_ count: Int) {
        remaining -= count
        if remaining == 0 { state = .header }
    }

    private mutating func takeAlert(_ byte: UInt8, _ position: inout Int) -> Event? {
        position += 1
        finishRecordBytes(1)
        guard let level = alertLevel else {
            alertLevel = byte
            return nil
        }
        alertLevel = nil
        guard level == 1 || level == 2 else { return fail() }
        return .alert(TLSClearAlert(isFatal: level == 2, code: byte))
    }

    // MARK: - Handshake messages

    private mutating func takeHandshake(_ bytes: Span<UInt8>, _ position: inout Int) -> Event? {
        let available = min(remaining, bytes.count - position)
        if unwanted > 0 {
            let passed = min(unwanted, available)
            unwanted -= passed
            position += passed
            finishRecordBytes(passed)
            return nil
        }
        let wanted = message.count < 4 ? 4 - message.count : 4 + messageLength - message.count
        let taken = min(wanted, available)
        for index in position..<position + taken { message.append(bytes[index]) }
        position += taken
        finishRecordBytes(taken)
        guard taken == wanted else { return nil }
        return message.count == 4 ? beginMessage() : finishMessage()
    }

    private var messageLength: Int {
        message.count < 4 ? 0 : Int(message[1]) << 16 | Int(message[2]) << 8 | Int(message[3])
    }

    private mutating func beginMessage() -> Event? {
        let length = messageLength
        // RFC 8446 section 4: no message has a number above 24 but message_hash and next_proto.
        guard message[0] <= 24 || message[0] == 67 else { return fail() }
        let isWanted = [1, 2, 11].contains(message[0]) && length <= Self.mostBytes
        if isWanted, length > 0 { return nil }
        unwanted = length
        message.removeAll(keepingCapacity: true)
        return nil
    }

    private mutating func finishMessage() -> Event? {
        let event = decoded(message[0])
        message = []
        return event ?? fail()
    }

    private func decoded(_ kind: UInt8) -> Event? {
        let span = message.span
        let body = span.extracting(min(4, span.count)..<span.count)
        switch kind {
        case 1: return TLSClientHello(reading: body).map { .clientHello($0) }
        case 2: return TLSServerHello(reading: body).map { .serverHello($0) }
        default: return .certificate(TLSCertificateList.read(body))
        }
    }
}

/// RFC 8446 section 6.
package struct TLSClearAlert: Hashable, Sendable {
    package let isFatal: Bool
    package let code: UInt8

    package init(isFatal: Bool, code: UInt8) {
        self.isFatal = isFatal
        self.code = code
    }

    package var name: String { AlertName.of(code) }
}

extension TLSClearAlert: CustomStringConvertible {
    package var description: String { "\(isFatal ? "fatal" : "warning") \(name)" }
}
