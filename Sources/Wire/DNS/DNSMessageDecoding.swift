import NetValues

extension DNSMessage {
    /// Reads a whole message. A message marked as truncated may end within any section after the question: what was there
    /// stands. Bytes after the last record are ignored, as resolvers do.
    package init(decoding bytes: [UInt8]) throws(WireError) {
        var reader = ByteReader(bytes)
        self.init(id: try reader.uint16("DNS id"))
        let flags = try reader.uint16("DNS flags")
        takeFlags(flags)
        let counts = try DNSSectionCounts(&reader)
        try counts.check(against: reader.remaining, isTruncated: isTruncated)
        for _ in 0..<counts.questions { questions.append(try DNSQuestion(&reader)) }
        do {
            try readSections(&reader, counts)
        } catch {
            guard isTruncated, error.problem == .cutShort else { throw error }
        }
    }

    private mutating func takeFlags(_ flags: UInt16) {
        let has = { (bit: UInt16) in flags & bit != 0 }
        isResponse = has(0x8000)
        opcode = UInt8(flags >> 11 & 0x0f)
        isAuthoritative = has(0x0400)
        isTruncated = has(0x0200)
        recursionDesired = has(0x0100)
        recursionAvailable = has(0x0080)
        isAuthenticated = has(0x0020)
        checkingDisabled = has(0x0010)
        rcode = DNSRcode(rawValue: flags & 0x0f)
    }

    private mutating func readSections(_ reader: inout ByteReader, _ counts: DNSSectionCounts) throws(WireError) {
        for _ in 0..<counts.answers { answers.append(try DNSRecord(&reader)) }
        for _ in 0..<counts.authority { authority.append(try DNSRecord(&reader)) }
        for _ in 0..<counts.additional {
            let record = try DNSRecord(&reader)
            guard record.type == .opt else {
                additional.append(record)
                continue
            }
            // RFC 6891 section 6.1.1: one OPT record, under the root name.
            guard edns == nil, record.name == ".", case .raw(let data) = record.data else {
                throw WireError(field: "OPT record", problem: .invalid)
            }
            edns = try DNSEDNS(size: record.recordClass, flags: record.ttl, options: data)
            rcode = DNSRcode(rawValue: UInt16(record.ttl >> 24) << 4 | rcode.rawValue & 0x0f)
        }
    }
}

private struct DNSSectionCounts {
    let questions: UInt16
    let answers: UInt16
    let authority: UInt16
    let additional: UInt16

    init(_ reader: inout ByteReader) throws(WireError) {
        questions = try reader.uint16("question count")
        answers = try reader.uint16("answer count")
        authority = try reader.uint16("authority count")
        additional = try reader.uint16("additional count")
    }

    /// A question takes at least 5 bytes and a record 11: counts that cannot be true are refused before anything is read.
    func check(against remaining: Int, isTruncated: Bool) throws(WireError) {
        let records = Int(answers) + Int(authority) + Int(additional)
        guard Int(questions) * 5 <= remaining else { throw WireError(field: "question section", problem: .cutShort) }
        if !isTruncated, Int(questions) * 5 + records * 11 > remaining {
            throw WireError(field: "record section", problem: .cutShort)
        }
    }
}

extension DNSQuestion {
    fileprivate init(_ reader: inout ByteReader) throws(WireError) {
        guard let name = DomainName(utf8: try DNSNameCoding.readBytes(&reader, "question name")) else {
            throw WireError(field: "question name", problem: .invalid)
        }
        self.init(
            name: name, type: DNSType(rawValue: try reader.uint16("question type")),
            recordClass: try reader.uint16("question class"))
    }
}

extension DNSRecord {
    fileprivate init(_ reader: inout ByteReader) throws(WireError) {
        let name = try DNSNameCoding.read(&reader, "record name")
        let type = DNSType(rawValue: try reader.uint16("record type"))
        let recordClass = try reader.uint16("record class")
        let ttl = try reader.uint32("record TTL")
        let length = Int(try reader.uint16("record data length"))
        let end = reader.offset + length
        let data = try DNSRecordData(&reader, type: type, recordClass: recordClass, length: length)
        guard reader.offset == end else { throw WireError(field: "record data", problem: .trailing) }
        self.init(name: name, type: type, recordClass: recordClass, ttl: ttl, data: data)
    }
}

extension DNSEDNS {
    /// RFC 6891 section 6.1.3: the class is the payload size, the TTL holds extended rcode, version and flags.
    fileprivate init(size: UInt16, flags: UInt32, options bytes: [UInt8]) throws(WireError) {
        self.init(
            udpPayloadSize: size, version: UInt8(truncatingIfNeeded: flags >> 16), dnssecOK: flags & 0x8000 != 0)
        var reader = ByteReader(bytes)
        while reader.remaining > 0 {
            let code = try reader.uint16("EDNS option code")
            let length = Int(try reader.uint16("EDNS option length"))
            options.append(Option(code: code, data: Array(try reader.take(length, "EDNS option"))))
        }
    }
}
