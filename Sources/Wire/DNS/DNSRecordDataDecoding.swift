import NetValues

extension DNSRecordData {
    /// Reads `length` bytes of record data. Types whose form is not known stay raw (RFC 3597 section 3).
    init(_ reader: inout ByteReader, type: DNSType, recordClass: UInt16, length: Int) throws(WireError) {
        // Forms below are those of class IN; text is used in CHAOS too (`version.bind`).
        guard recordClass == 1 || type == .txt else {
            self = .raw(Array(try reader.take(length, "record data")))
            return
        }
        switch type {
        case .a: self = .address(try Self.address(&reader, length, size: 4, "A record"))
        case .aaaa: self = .address(try Self.address(&reader, length, size: 16, "AAAA record"))
        case .cname, .ns, .ptr, .dname: self = .name(try DNSNameCoding.read(&reader, "name in record data"))
        case .mx:
            self = .mx(
                preference: try reader.uint16("MX preference"), exchange: try DNSNameCoding.read(&reader, "MX exchange")
            )
        case .srv: self = try Self.srv(&reader)
        case .soa: self = try Self.soa(&reader)
        case .txt: self = .txt(try Self.strings(try reader.take(length, "TXT record")))
        case .caa: self = try Self.caa(try reader.take(length, "CAA record"))
        case .svcb, .https: self = try Self.service(&reader, length)
        default: self = .raw(Array(try reader.take(length, "record data")))
        }
    }

    private static func address(
        _ reader: inout ByteReader, _ length: Int, size: Int, _ field: StaticString
    ) throws(WireError) -> IPAddress {
        if length == size, size == 4 { return .v4(IPv4Address(bits: try reader.uint32(field))) }
        guard length == size, let address = IPAddress(bytes: try reader.take(size, field)) else {
            throw WireError(field: field, problem: .invalid)
        }
        return address
    }

    /// RFC 2782.
    private static func srv(_ reader: inout ByteReader) throws(WireError) -> DNSRecordData {
        .srv(
            priority: try reader.uint16("SRV priority"), weight: try reader.uint16("SRV weight"),
            port: try reader.uint16("SRV port"), target: try DNSNameCoding.read(&reader, "SRV target"))
    }

    private static func soa(_ reader: inout ByteReader) throws(WireError) -> DNSRecordData {
        .soa(
            primary: try DNSNameCoding.read(&reader, "SOA primary"),
            mailbox: try DNSNameCoding.read(&reader, "SOA mailbox"),
            serial: try reader.uint32("SOA serial"), refresh: try reader.uint32("SOA refresh"),
            retry: try reader.uint32("SOA retry"), expire: try reader.uint32("SOA expire"),
            minimum: try reader.uint32("SOA minimum"))
    }

    private static func strings(_ bytes: ArraySlice<UInt8>) throws(WireError) -> [[UInt8]] {
        var reader = ByteReader(bytes)
        var strings: [[UInt8]] = []
        while reader.remaining > 0 {
            let length = Int(try reader.uint8("TXT length"))
            strings.append(Array(try reader.take(length, "TXT string")))
        }
        return strings
    }

    /// RFC 8659 section 4.1.
    private static func caa(_ bytes: ArraySlice<UInt8>) throws(WireError) -> DNSRecordData {
        var reader = ByteReader(bytes)
        let flags = try reader.uint8("CAA flags")
        let tag = try reader.take(Int(try reader.uint8("CAA tag length")), "CAA tag")
        guard !tag.isEmpty, tag.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw WireError(field: "CAA tag", problem: .invalid)
        }
        return .caa(flags: flags, tag: String(decoding: tag, as: UTF8.self), value: Array(reader.rest()))
    }

    /// RFC 9460 section 2.2.
    private static func service(_ reader: inout ByteReader, _ length: Int) throws(WireError) -> DNSRecordData {
        let end = reader.offset + length
        let priority = try reader.uint16("SVCB priority")
        let target = try DNSNameCoding.read(&reader, "SVCB target")
        guard reader.offset <= end else { throw WireError(field: "SVCB target", problem: .cutShort) }
        var rest = ByteReader(try reader.take(end - reader.offset, "SVCB parameters"))
        var parameters: [String] = []
        var last = -1
        while rest.remaining > 0 {
            let key = try rest.uint16("SVCB key")
            guard Int(key) > last else { throw WireError(field: "SVCB key order", problem: .invalid) }
            last = Int(key)
            let length = Int(try rest.uint16("SVCB value length"))
            let value = try rest.take(length, "SVCB value")
            parameters.append(try DNSServiceParameter.text(key: key, value: value))
        }
        return .service(priority: priority, target: target, parameters: parameters)
    }
}
