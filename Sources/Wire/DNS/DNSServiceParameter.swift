import NetValues

/// Parameters of SVCB and HTTPS records between wire and presentation form (RFC 9460 sections 2.1 and 7).
enum DNSServiceParameter {
    private static let names = ["mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint"]

    static func text(key: UInt16, value: ArraySlice<UInt8>) throws(WireError) -> String {
        let name = keyName(key)
        switch key {
        case 0: return "\(name)=\(try numbers(value, "SVCB mandatory").map(keyName).joined(separator: ","))"
        case 1: return "\(name)=\(try protocols(value).joined(separator: ","))"
        case 2:
            guard value.isEmpty else { throw WireError(field: "SVCB no-default-alpn", problem: .trailing) }
            return name
        case 3:
            let ports = try numbers(value, "SVCB port")
            guard ports.count == 1 else { throw WireError(field: "SVCB port", problem: .invalid) }
            return "\(name)=\(ports[0])"
        case 4: return "\(name)=\(try addresses(value, size: 4, "SVCB ipv4hint"))"
        // The configuration itself is opaque and long: its presence and size are what a reader wants.
        case 5: return "\(name)=(\(value.count) bytes)"
        case 6: return "\(name)=\(try addresses(value, size: 16, "SVCB ipv6hint"))"
        default: return value.isEmpty ? name : "\(name)=\(escaped(value))"
        }
    }

    private static func keyName(_ key: UInt16) -> String {
        names.indices.contains(Int(key)) ? names[Int(key)] : "key\(key)"
    }

    private static func numbers(_ value: ArraySlice<UInt8>, _ field: StaticString) throws(WireError) -> [UInt16] {
        var reader = ByteReader(value)
        var numbers = [try reader.uint16(field)]
        while reader.remaining > 0 { numbers.append(try reader.uint16(field)) }
        return numbers
    }

    private static func protocols(_ value: ArraySlice<UInt8>) throws(WireError) -> [String] {
        var reader = ByteReader(value)
        var protocols: [String] = []
        repeat {
            let length = Int(try reader.uint8("SVCB alpn length"))
            guard length > 0 else { throw WireError(field: "SVCB alpn", problem: .invalid) }
            protocols.append(escaped(try reader.take(length, "SVCB alpn")))
        } while reader.remaining > 0
        return protocols
    }

    private static func addresses(_ value: ArraySlice<UInt8>, size: Int, _ field: StaticString) throws(WireError)
        -> String
    {
        var reader = ByteReader(value)
        var addresses: [String] = []
        repeat {
            guard let address = IPAddress(bytes: try reader.take(size, field)) else { break }
            addresses.append(address.description)
        } while reader.remaining > 0
        return addresses.joined(separator: ",")
    }

    private static func escaped(_ value: ArraySlice<UInt8>) -> String {
        var text = ""
        for byte in value {
            switch byte {
            case UInt8(ascii: ","), UInt8(ascii: "\\"), UInt8(ascii: "\""):
                text += "\\"
                text.unicodeScalars.append(Unicode.Scalar(byte))
            case 0x21...0x7e: text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += DNSNameCoding.decimalEscape(byte)
            }
        }
        return text
    }

    // MARK: To the wire

    /// Key and value of a presentation form; nil for one that cannot be written (a shortened `ech`, an unknown word).
    static func wire(_ parameter: String) -> (key: UInt16, value: [UInt8])? {
        let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let word = parts.first, let key = keyNumber(word) else { return nil }
        let text = parts.count == 2 ? parts[1] : ""
        return wireValue(key, text).map { (key, $0) }
    }

    private static func keyNumber(_ word: Substring) -> UInt16? {
        if let index = names.firstIndex(of: String(word)) { return UInt16(index) }
        return word.hasPrefix("key") ? UInt16(decimal: word.dropFirst(3)) : nil
    }

    private static func wireValue(_ key: UInt16, _ text: Substring) -> [UInt8]? {
        let items = text.split(separator: ",")
        switch key {
        case 0: return items.compactMap(keyNumber).sorted().flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
        case 1: return items.flatMap { [UInt8(truncatingIfNeeded: $0.utf8.count)] + Array($0.utf8) }
        case 3: return UInt16(decimal: text).map { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
        case 4, 6: return items.compactMap { IPAddress($0) }.flatMap(\.bytes)
        case 5: return nil
        default:
            var rest = Array(text.utf8)[...]
            var bytes: [UInt8] = []
            while let byte = rest.popFirst() {
                guard byte == UInt8(ascii: "\\") else {
                    bytes.append(byte)
                    continue
                }
                if let escaped = DNSNameCoding.unescape(&rest) { bytes.append(escaped) }
            }
            return bytes
        }
    }
}
