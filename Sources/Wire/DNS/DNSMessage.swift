import NetValues

/// A DNS message (RFC 1035 section 4), decoded whole, with EDNS (RFC 6891) taken apart.
package struct DNSMessage: Hashable, Sendable {
    package var id: UInt16
    package var isResponse: Bool
    package var opcode: UInt8
    package var isAuthoritative: Bool
    package var isTruncated: Bool
    package var recursionDesired: Bool
    package var recursionAvailable: Bool
    package var isAuthenticated: Bool
    package var checkingDisabled: Bool
    /// With the upper bits of the OPT record, when there is one.
    package var rcode: DNSRcode
    package var questions: [DNSQuestion]
    package var answers: [DNSRecord]
    package var authority: [DNSRecord]
    /// Without the OPT record.
    package var additional: [DNSRecord]
    package var edns: DNSEDNS?

    package init(
        id: UInt16, isResponse: Bool = false, opcode: UInt8 = 0, isAuthoritative: Bool = false,
        isTruncated: Bool = false,
        recursionDesired: Bool = true, recursionAvailable: Bool = false, isAuthenticated: Bool = false,
        checkingDisabled: Bool = false, rcode: DNSRcode = .noError, questions: [DNSQuestion] = [],
        answers: [DNSRecord] = [], authority: [DNSRecord] = [], additional: [DNSRecord] = [], edns: DNSEDNS? = nil
    ) {
        self.id = id
        self.isResponse = isResponse
        self.opcode = opcode
        self.isAuthoritative = isAuthoritative
        self.isTruncated = isTruncated
        self.recursionDesired = recursionDesired
        self.recursionAvailable = recursionAvailable
        self.isAuthenticated = isAuthenticated
        self.checkingDisabled = checkingDisabled
        self.rcode = rcode
        self.questions = questions
        self.answers = answers
        self.authority = authority
        self.additional = additional
        self.edns = edns
    }
}

package struct DNSQuestion: Hashable, Sendable {
    package var name: DomainName
    package var type: DNSType
    package var recordClass: UInt16

    package init(name: DomainName, type: DNSType, recordClass: UInt16 = 1) {
        self.name = name
        self.type = type
        self.recordClass = recordClass
    }
}

package struct DNSRecord: Hashable, Sendable {
    /// Presentation form, absolute, bytes outside printable ASCII escaped as `\DDD` (RFC 1035 section 5.1).
    package var name: String
    package var type: DNSType
    package var recordClass: UInt16
    /// Seconds.
    package var ttl: UInt32
    package var data: DNSRecordData

    package init(name: String, type: DNSType, recordClass: UInt16 = 1, ttl: UInt32, data: DNSRecordData) {
        self.name = name
        self.type = type
        self.recordClass = recordClass
        self.ttl = ttl
        self.data = data
    }
}

package enum DNSRecordData: Hashable, Sendable {
    case address(IPAddress)
    /// CNAME, NS, PTR, DNAME.
    case name(String)
    case mx(preference: UInt16, exchange: String)
    case srv(priority: UInt16, weight: UInt16, port: UInt16, target: String)
    case txt([[UInt8]])
    case soa(
        primary: String, mailbox: String, serial: UInt32, refresh: UInt32, retry: UInt32, expire: UInt32,
        minimum: UInt32)
    case caa(flags: UInt8, tag: String, value: [UInt8])
    /// SVCB and HTTPS (RFC 9460): parameters in presentation form, `alpn=h2,h3`.
    case service(priority: UInt16, target: String, parameters: [String])
    case raw([UInt8])
}

/// EDNS(0), from the OPT record (RFC 6891 section 6.1).
package struct DNSEDNS: Hashable, Sendable {
    package var udpPayloadSize: UInt16
    package var version: UInt8
    package var dnssecOK: Bool
    package var options: [Option]

    package init(udpPayloadSize: UInt16 = 1232, version: UInt8 = 0, dnssecOK: Bool = false, options: [Option] = []) {
        self.udpPayloadSize = udpPayloadSize
        self.version = version
        self.dnssecOK = dnssecOK
        self.options = options
    }

    package struct Option: Hashable, Sendable {
        package var code: UInt16
        package var data: [UInt8]

        package init(code: UInt16, data: [UInt8]) {
            self.code = code
            self.data = data
        }
    }

    /// Extended DNS error (RFC 8914): code and text.
    package var extendedErrors: [(code: UInt16, text: String)] {
        options.filter { $0.code == 15 && $0.data.count >= 2 }.map {
            (UInt16($0.data[0]) << 8 | UInt16($0.data[1]), String(decoding: $0.data[2...], as: UTF8.self))
        }
    }
}

/// A record type: a number with a name where one is known, otherwise `TYPE123` (RFC 3597).
package struct DNSType: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let a = DNSType(rawValue: 1)
    package static let ns = DNSType(rawValue: 2)
    package static let cname = DNSType(rawValue: 5)
    package static let soa = DNSType(rawValue: 6)
    package static let ptr = DNSType(rawValue: 12)
    package static let mx = DNSType(rawValue: 15)
    package static let txt = DNSType(rawValue: 16)
    package static let aaaa = DNSType(rawValue: 28)
    package static let srv = DNSType(rawValue: 33)
    package static let dname = DNSType(rawValue: 39)
    package static let opt = DNSType(rawValue: 41)
    package static let svcb = DNSType(rawValue: 64)
    package static let https = DNSType(rawValue: 65)
    package static let any = DNSType(rawValue: 255)
    package static let caa = DNSType(rawValue: 257)

    package static let named: [(String, DNSType)] = [
        ("A", .a), ("AAAA", .aaaa), ("CNAME", .cname), ("SRV", .srv), ("PTR", .ptr), ("TXT", .txt), ("MX", .mx),
        ("NS", .ns), ("SOA", .soa), ("CAA", .caa), ("ANY", .any), ("HTTPS", .https), ("SVCB", .svcb), ("DNAME", .dname),
    ]

    /// `A`, `aaaa`, `TYPE65`.
    package init?(_ text: some StringProtocol) {
        let word = text.uppercased()
        if let known = Self.named.first(where: { $0.0 == word }) {
            self = known.1
        } else if word.hasPrefix("TYPE"), let number = UInt16(decimal: word.dropFirst(4)) {
            rawValue = number
        } else {
            return nil
        }
    }
}

extension DNSType: CustomStringConvertible {
    package var description: String { Self.named.first { $0.1 == self }?.0 ?? "TYPE\(rawValue)" }
}

/// A response code (RFC 6895 section 2.3).
package struct DNSRcode: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let noError = DNSRcode(rawValue: 0)
    package static let formErr = DNSRcode(rawValue: 1)
    package static let servFail = DNSRcode(rawValue: 2)
    package static let nxDomain = DNSRcode(rawValue: 3)
    package static let notImp = DNSRcode(rawValue: 4)
    package static let refused = DNSRcode(rawValue: 5)
    package static let badVers = DNSRcode(rawValue: 16)

    package static let named: [(String, DNSRcode)] = [
        ("NOERROR", .noError), ("FORMERR", .formErr), ("SERVFAIL", .servFail), ("NXDOMAIN", .nxDomain),
        ("NOTIMP", .notImp),
        ("REFUSED", .refused), ("YXDOMAIN", DNSRcode(rawValue: 6)), ("YXRRSET", DNSRcode(rawValue: 7)),
        ("NXRRSET", DNSRcode(rawValue: 8)), ("NOTAUTH", DNSRcode(rawValue: 9)), ("NOTZONE", DNSRcode(rawValue: 10)),
        ("BADVERS", .badVers),
    ]

    package init?(_ text: some StringProtocol) {
        guard let known = Self.named.first(where: { $0.0 == text.uppercased() }) else { return nil }
        self = known.1
    }
}

extension DNSRcode: CustomStringConvertible {
    package var description: String { Self.named.first { $0.1 == self }?.0 ?? "RCODE\(rawValue)" }
}
