import NetValues

/// Presentation form, as a zone file has it (RFC 1035 section 5.1; RFC 3597 section 5 for what is not known).
extension DNSRecordData: CustomStringConvertible {
    package var description: String {
        switch self {
        case .address(let address): address.description
        case .name(let name): name
        case .mx(let preference, let exchange): "\(preference) \(exchange)"
        case .srv(let priority, let weight, let port, let target): "\(priority) \(weight) \(port) \(target)"
        case .txt(let strings): strings.map(Self.quoted).joined(separator: " ")
        case .soa(let primary, let mailbox, let serial, let refresh, let retry, let expire, let minimum):
            "\(primary) \(mailbox) \(serial) \(refresh) \(retry) \(expire) \(minimum)"
        case .caa(let flags, let tag, let value): "\(flags) \(tag) \(Self.quoted(value))"
        case .service(let priority, let target, let parameters):
            (["\(priority)", target] + parameters).joined(separator: " ")
        case .raw(let bytes):
            (["\\#", "\(bytes.count)"] + (bytes.isEmpty ? [] : [Self.hex(bytes)])).joined(separator: " ")
        }
    }

    private static func quoted(_ bytes: [UInt8]) -> String {
        var text = "\""
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                text += "\\"
                text.unicodeScalars.append(Unicode.Scalar(byte))
            case 0x20...0x7e: text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += DNSNameCoding.decimalEscape(byte)
            }
        }
        return text + "\""
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
