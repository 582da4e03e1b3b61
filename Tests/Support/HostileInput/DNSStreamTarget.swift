import PacketAnalysis

extension FuzzTarget {
    /// Segments: two bytes of distance from the end of the one before, one of captured bytes left out, one of length, then the bytes.
    static let dnsStream = FuzzTarget(
        "dns-stream",
        seeds: {
            let message: [UInt8] = .hex("0011 0007 0100 0001 0000 0000 0000 00 0001 0001")
            return [
                [0, 0, 0, UInt8(message.count)] + message,
                [0, 0, 0, 3] + message.prefix(3) + [0, 0, 0, 16] + message.dropFirst(3),
                [0, 0, 5, UInt8(message.count)] + message, [255, 250, 0, UInt8(message.count)] + message,
            ]
        }
    ) { bytes in
        var stream = DNSStream()
        var rest = bytes[...]
        var sequence: UInt32 = .max - 10
        var sent = 0
        var received = 0
        while rest.count >= 4 {
            let head = Array(rest.prefix(4))
            rest = rest.dropFirst(4)
            let payload = Array(rest.prefix(Int(head[3])))
            rest = rest.dropFirst(payload.count)
            sequence = sequence &+ UInt32(bitPattern: Int32(Int16(bitPattern: UInt16(head[0]) << 8 | UInt16(head[1]))))
            let captured = Array(payload.dropLast(Int(head[2])))
            for message in stream.take(sequence: sequence, captured.span, length: payload.count) {
                try hold((12...DNSStream.most).contains(message.bytes.count), "a message of \(message.bytes.count)")
                received += message.bytes.count
            }
            sequence = sequence &+ UInt32(payload.count)
            sent += captured.count
        }
        try hold(received <= sent, "\(received) bytes out of \(sent)")
    }
}
