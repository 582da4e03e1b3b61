/// The fixed part of a DNS message (RFC 1035 section 4.1.1), read in place.
package struct DNSHeader: Hashable, Sendable {
    package let id: UInt16
    /// The two bytes of flags, operation and response code.
    package let flags: UInt16
    package let questions: UInt16
    package let answers: UInt16
    package let authority: UInt16
    package let additional: UInt16

    package static let length = 12

    /// Nil when the bytes are fewer.
    package init?(_ bytes: Span<UInt8>) {
        guard bytes.holds(Self.length, at: 0) else { return nil }
        id = bytes.uint16(at: 0)
        flags = bytes.uint16(at: 2)
        questions = bytes.uint16(at: 4)
        answers = bytes.uint16(at: 6)
        authority = bytes.uint16(at: 8)
        additional = bytes.uint16(at: 10)
    }

    package var isResponse: Bool { flags & 0x8000 != 0 }
    package var opcode: UInt8 { UInt8(truncatingIfNeeded: flags >> 11 & 0x0f) }
    package var isTruncated: Bool { flags & 0x0200 != 0 }
    /// Without what an OPT record adds.
    package var rcode: DNSRcode { DNSRcode(rawValue: flags & 0x0f) }
    package var records: Int { Int(answers) + Int(authority) + Int(additional) }

    /// A question as resolvers send it, for telling DNS on ports that are not its own: one question, nothing answered, few
    /// additional records, an operation of its own, and the bit that must be zero (RFC 1035 section 4.1.1).
    package var looksLikeQuery: Bool {
        flags & 0xf840 == 0 && questions == 1 && answers == 0 && authority == 0 && additional <= 2
    }
}
