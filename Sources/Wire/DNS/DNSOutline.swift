import NetValues

/// What a DNS message that passed by says, as far as it can be read: the first question, and addresses and names of the answer.
/// Unlike `DNSMessage` it is read in place, takes names that no resolver of ours would ask for, and keeps what came before the end
/// of a message that the capture cut.
package struct DNSOutline: Hashable, Sendable {
    package enum Completeness: Hashable, Sendable {
        case whole
        /// The bytes end before the message does.
        case cutShort
        case malformed
    }

    package let header: DNSHeader
    package private(set) var completeness = Completeness.whole
    /// In presentation form with its final dot; empty when it could not be read.
    package private(set) var name = ""
    package private(set) var type = DNSType(rawValue: 0)
    package private(set) var recordClass: UInt16 = 0
    /// With what an OPT record adds (RFC 6891 section 6.1.3).
    package private(set) var rcode: DNSRcode
    /// Of A and AAAA records of the answer.
    package private(set) var addresses: [IPAddress] = []
    /// Addresses and names of the answer in its order.
    package private(set) var answers: [String] = []

    /// Addresses and answers that are kept.
    private static let most = 8

    /// - Parameter bytes: from the header on; trailing bytes do no harm.
    /// - Parameter readsAnswers: otherwise records are stepped over.
    package init?(_ bytes: Span<UInt8>, readsAnswers: Bool) {
        guard let header = DNSHeader(bytes) else { return nil }
        self.header = header
        rcode = header.rcode
        var offset = DNSHeader.length
        do {
            try readQuestions(bytes, &offset)
            try readRecords(bytes, &offset, readsAnswers: readsAnswers && header.isResponse)
        } catch {
            completeness = error.problem == .cutShort ? .cutShort : .malformed
        }
    }

    private mutating func readQuestions(_ bytes: Span<UInt8>, _ offset: inout Int) throws(WireError) {
        for index in 0..<Int(header.questions) {
            if index == 0 {
                name = try DNSNameReading.text(bytes, &offset)
            } else {
                try DNSNameReading.skip(bytes, &offset)
            }
            guard bytes.holds(4, at: offset) else { throw WireError(field: "question", problem: .cutShort) }
            if index == 0 {
                type = DNSType(rawValue: bytes.uint16(at: offset))
                recordClass = bytes.uint16(at: offset + 2)
            }
            offset += 4
        }
    }

    private mutating func readRecords(
        _ bytes: Span<UInt8>, _ offset: inout Int, readsAnswers: Bool
    ) throws(WireError) {
        for index in 0..<header.records {
            try DNSNameReading.skip(bytes, &offset)
            guard bytes.holds(10, at: offset) else { throw WireError(field: "record", problem: .cutShort) }
            let type = DNSType(rawValue: bytes.uint16(at: offset))
            let isInternet = bytes.uint16(at: offset + 2) & 0x7fff == 1
            let length = Int(bytes.uint16(at: offset + 8))
            if type == .opt { rcode = DNSRcode(rawValue: UInt16(bytes[offset + 4]) << 4 | header.rcode.rawValue) }
            offset += 10
            guard bytes.holds(length, at: offset) else { throw WireError(field: "record data", problem: .cutShort) }
            if readsAnswers, index < header.answers, isInternet, answers.count < Self.most {
                try readAnswer(type, bytes, offset, length)
            }
            offset += length
        }
    }

    private mutating func readAnswer(
        _ type: DNSType, _ bytes: Span<UInt8>, _ offset: Int, _ length: Int
    ) throws(WireError) {
        switch type {
        case .a where length == 4: keep(.v4(IPv4Address(bits: bytes.uint32(at: offset))))
        case .aaaa where length == 16:
            keep(.v6(IPv6Address(high: bytes.uint64(at: offset), low: bytes.uint64(at: offset + 8))))
        case .a, .aaaa: throw WireError(field: "address record", problem: .invalid)
        case .cname, .ns, .ptr, .dname: answers.append(try name(bytes, offset, of: length, behind: 0))
        case .mx: answers.append(try name(bytes, offset, of: length, behind: 2))
        case .srv: answers.append(try name(bytes, offset, of: length, behind: 6))
        default: break
        }
    }

    private mutating func keep(_ address: IPAddress) {
        addresses.append(address)
        answers.append(address.description)
    }

    /// A name within record data, which it must fill together with what stands before it.
    private func name(
        _ bytes: Span<UInt8>, _ offset: Int, of length: Int, behind fixed: Int
    ) throws(WireError) -> String {
        var position = offset + fixed
        let text = try DNSNameReading.text(bytes, &position)
        guard position == offset + length else { throw WireError(field: "name in record data", problem: .invalid) }
        return text
    }
}

/// Names of messages that are read in place (RFC 1035 sections 3.1 and 4.1.4), within the limits of `DNSNameCoding`.
enum DNSNameReading {
    /// The presentation form; leaves the offset behind the name. Pointers must point strictly backwards.
    static func text(_ bytes: Span<UInt8>, _ offset: inout Int) throws(WireError) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(64)
        var position = offset
        var length = 1
        var lowest = offset
        try skip(bytes, &offset)
        while true {
            guard bytes.holds(2, at: position) || bytes.holds(1, at: position) && bytes[position] == 0 else {
                throw WireError(field: "name", problem: .cutShort)
            }
            let size = Int(bytes[position])
            guard size & 0xc0 == 0 else {
                // `skip` has refused every other kind of label before a pointer; behind one it may still come.
                guard size & 0xc0 == 0xc0 else { throw WireError(field: "name", problem: .invalid) }
                let target = (size & 0x3f) << 8 | Int(bytes[position + 1])
                guard target < lowest else { throw WireError(field: "name", problem: .loop) }
                lowest = target
                position = target
                continue
            }
            if size == 0 { return text.isEmpty ? "." : String(decoding: text, as: UTF8.self) }
            length += size + 1
            guard length <= DNSNameCoding.maximumLength else { throw WireError(field: "name", problem: .tooLong) }
            guard bytes.holds(size, at: position + 1) else { throw WireError(field: "name", problem: .cutShort) }
            for index in position + 1...position + size { DNSNameCoding.append(bytes[index], to: &text) }
            text.append(UInt8(ascii: "."))
            position += size + 1
        }
    }

    /// Only leaves the offset behind the name.
    static func skip(_ bytes: Span<UInt8>, _ offset: inout Int) throws(WireError) {
        while true {
            guard bytes.holds(1, at: offset) else { throw WireError(field: "name", problem: .cutShort) }
            let size = Int(bytes[offset])
            offset += 1
            switch size & 0xc0 {
            case 0x00:
                if size == 0 { return }
                offset += size
            case 0xc0:
                offset += 1
                guard offset <= bytes.count else { throw WireError(field: "name", problem: .cutShort) }
                return
            default: throw WireError(field: "name", problem: .invalid)
            }
        }
    }
}
