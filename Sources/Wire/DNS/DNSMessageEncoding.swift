import NetValues

extension DNSMessage {
    /// The message on the wire, names compressed where RFC 3597 section 4 allows it. A name that breaks a limit of RFC 1035
    /// is written as the root.
    package func encoded() -> [UInt8] {
        var writer = DNSWriter()
        // Only then is there a name that could point to the question's.
        let isLong = questions.count > 1 || !(answers.isEmpty && authority.isEmpty && additional.isEmpty)
        writer.bytes.append(uint16: id)
        writer.bytes.append(uint16: flags)
        let counts = [questions.count, answers.count, authority.count, additional.count + (edns == nil ? 0 : 1)]
        for count in counts { writer.bytes.append(uint16: UInt16(clamping: count)) }
        for question in questions {
            writer.append(question.name, isReferredTo: isLong)
            writer.bytes.append(uint16: question.type.rawValue)
            writer.bytes.append(uint16: question.recordClass)
        }
        for record in answers + authority + additional { writer.append(record) }
        if let edns { writer.append(edns, rcode: rcode) }
        return writer.bytes
    }

    private var flags: UInt16 {
        var flags = UInt16(opcode & 0x0f) << 11 | rcode.rawValue & 0x0f
        let bits: [(Bool, UInt16)] = [
            (isResponse, 0x8000), (isAuthoritative, 0x0400), (isTruncated, 0x0200), (recursionDesired, 0x0100),
            (recursionAvailable, 0x0080), (isAuthenticated, 0x0020), (checkingDisabled, 0x0010),
        ]
        for (isSet, bit) in bits where isSet { flags |= bit }
        return flags
    }
}

/// Bytes of a message in the making, with the places of the names written so far.
private struct DNSWriter {
    var bytes: [UInt8] = []
    private var places: [[[UInt8]]: Int] = [:]

    /// - Parameter isReferredTo: names to come may point to this one; those of a plain query do not.
    mutating func append(_ name: DomainName, isReferredTo: Bool) {
        if isReferredTo { return append(name: name.description) }
        for label in name.labels {
            bytes.append(UInt8(label.utf8.count))
            bytes += label.utf8
        }
        bytes.append(0)
    }

    mutating func append(name text: String, compressed: Bool = true) {
        var labels = DNSNameCoding.labels(text) ?? []
        while !labels.isEmpty {
            // Letter for letter, although names compare without case: a pointer would change the case of what it stands for.
            let key = labels
            if compressed, let place = places[key] {
                bytes.append(uint16: 0xc000 | UInt16(place))
                return
            }
            // A pointer has 14 bits.
            if bytes.count < 0x4000, places[key] == nil { places[key] = bytes.count }
            let label = labels.removeFirst()
            bytes.append(UInt8(label.count))
            bytes += label
        }
        bytes.append(0)
    }

    mutating func append(_ record: DNSRecord) {
        append(name: record.name)
        bytes.append(uint16: record.type.rawValue)
        bytes.append(uint16: record.recordClass)
        bytes.append(uint32: record.ttl)
        withLength { $0.append(record.data, type: record.type) }
    }

    /// RFC 6891 section 6.1.2.
    mutating func append(_ edns: DNSEDNS, rcode: DNSRcode) {
        bytes.append(0)
        bytes.append(uint16: DNSType.opt.rawValue)
        bytes.append(uint16: edns.udpPayloadSize)
        let upper = UInt32(rcode.rawValue >> 4 & 0xff)
        bytes.append(uint32: upper << 24 | UInt32(edns.version) << 16 | (edns.dnssecOK ? 0x8000 : 0))
        withLength { writer in
            for option in edns.options {
                writer.bytes.append(uint16: option.code)
                writer.bytes.append(uint16: UInt16(clamping: option.data.count))
                writer.bytes += option.data.prefix(Int(UInt16.max))
            }
        }
    }

    private mutating func withLength(_ body: (inout DNSWriter) -> Void) {
        let place = bytes.count
        bytes.append(uint16: 0)
        body(&self)
        let length = UInt16(clamping: bytes.count - place - 2)
        bytes[place] = UInt8(length >> 8)
        bytes[place + 1] = UInt8(truncatingIfNeeded: length)
    }

    private mutating func append(_ data: DNSRecordData, type: DNSType) {
        switch data {
        case .address(let address): bytes += address.bytes
        // DNAME is younger than RFC 1035: its target is never compressed (RFC 6672 section 2.5).
        case .name(let name): append(name: name, compressed: type != .dname)
        case .mx(let preference, let exchange):
            bytes.append(uint16: preference)
            append(name: exchange)
        case .srv(let priority, let weight, let port, let target):
            for number in [priority, weight, port] { bytes.append(uint16: number) }
            append(name: target, compressed: false)
        case .txt(let strings): for string in strings { append(string: string) }
        case .soa(let primary, let mailbox, let serial, let refresh, let retry, let expire, let minimum):
            append(name: primary)
            append(name: mailbox)
            for number in [serial, refresh, retry, expire, minimum] { bytes.append(uint32: number) }
        case .caa(let flags, let tag, let value):
            bytes.append(flags)
            append(string: Array(tag.utf8))
            bytes += value
        case .service(let priority, let target, let parameters):
            bytes.append(uint16: priority)
            append(name: target, compressed: false)
            append(parameters)
        case .raw(let raw): bytes += raw
        }
    }

    private mutating func append(string: [UInt8]) {
        let cut = string.prefix(255)
        bytes.append(UInt8(cut.count))
        bytes += cut
    }

    /// RFC 9460 section 2.2: in ascending order of the keys.
    private mutating func append(_ parameters: [String]) {
        let wire = parameters.compactMap(DNSServiceParameter.wire).sorted { $0.key < $1.key }
        for parameter in wire {
            bytes.append(uint16: parameter.key)
            bytes.append(uint16: UInt16(clamping: parameter.value.count))
            bytes += parameter.value
        }
    }
}
