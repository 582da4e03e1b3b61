/// Cuts one direction of a TCP connection into DNS messages (RFC 1035 section 4.2.2: two bytes of length before each), several in a
/// segment or one over many. In order only: data sent again is passed over, and behind a gap a message is taken to begin with
/// the next segment, as tshark does.
package struct DNSStream: Sendable {
    package struct Message: Hashable, Sendable {
        package let bytes: [UInt8]
        /// All of it is there: neither the capture nor the limit cut it.
        package let isWhole: Bool
    }

    /// Of each message so much is kept: header, question and the first answers.
    package static let most = 4096

    /// Of the first byte that was not seen yet.
    private var next: UInt32?
    private var firstOfSize: UInt8?
    /// Bytes of the message that are still to come; nil between messages.
    private var remaining: Int?
    private var kept: [UInt8] = []
    private var isCut = false
    /// Lengths below that of a DNS header.
    package private(set) var malformed = 0

    package init() {}

    /// - Parameter payload: as captured, at most `length`.
    /// - Parameter length: of the segment's payload, as it was sent.
    /// - Returns: The messages that end in this segment.
    package mutating func take(sequence: UInt32, _ payload: Span<UInt8>, length: Int) -> [Message] {
        guard length > 0 else { return [] }
        var position = 0
        if let next {
            let ahead = Int(Int32(bitPattern: sequence &- next))
            guard ahead > -length else { return [] }
            if ahead > 0 { forget() }
            position = max(0, -ahead)
        }
        next = sequence &+ UInt32(truncatingIfNeeded: length)
        var messages: [Message] = []
        while position < length {
            if let remaining {
                let run = min(remaining, length - position)
                keep(payload, position, run)
                position += run
                self.remaining = remaining - run
            } else if position < payload.count {
                readSize(payload[position])
                position += 1
            } else {
                // The length was not captured: nothing behind it can be told apart.
                forget()
                return messages
            }
            if remaining == 0 { finish(&messages) }
        }
        return messages
    }

    private mutating func readSize(_ byte: UInt8) {
        guard let first = firstOfSize else {
            firstOfSize = byte
            return
        }
        firstOfSize = nil
        let size = Int(first) << 8 | Int(byte)
        if size < 12 { malformed &+= 1 }
        remaining = size
    }

    private mutating func keep(_ payload: Span<UInt8>, _ start: Int, _ run: Int) {
        let captured = min(run, max(0, payload.count - start), Self.most - kept.count)
        if captured < run { isCut = true }
        for index in start..<start + captured { kept.append(payload[index]) }
    }

    private mutating func finish(_ messages: inout [Message]) {
        if kept.count >= 12 { messages.append(Message(bytes: kept, isWhole: !isCut)) }
        forget()
    }

    private mutating func forget() {
        firstOfSize = nil
        remaining = nil
        kept.removeAll()
        isCut = false
    }
}
