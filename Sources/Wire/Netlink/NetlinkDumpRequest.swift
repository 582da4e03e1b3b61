import NetValues

/// Asks the kernel for everything of one kind (NLM_F_REQUEST | NLM_F_DUMP; rtnetlink(7)).
package struct NetlinkDumpRequest: Hashable, Sendable {
    package enum Subject: UInt16, Hashable, Sendable, CaseIterable {
        // RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE, RTM_GETNEIGH, RTM_GETRULE
        case links = 18
        case addresses = 22
        case routes = 26
        case neighbours = 30
        case rules = 34

        /// Of the structure that follows the header: ifinfomsg, ifaddrmsg, rtmsg, ndmsg, fib_rule_hdr.
        fileprivate var bodyLength: Int {
            switch self {
            case .links: 16
            case .addresses: 8
            case .routes, .neighbours, .rules: 12
            }
        }

        /// RTM_NEWLINK and so on: the type of each answer.
        package var answer: UInt16 { rawValue - 2 }
    }

    package let subject: Subject
    /// Nil for both, and for links.
    package let family: IPAddress.Family?
    package let sequence: UInt32

    package init(_ subject: Subject, family: IPAddress.Family? = nil, sequence: UInt32) {
        self.subject = subject
        self.family = family
        self.sequence = sequence
    }

    package var bytes: [UInt8] {
        let attributes = subject == .links ? Self.withoutStatistics : []
        var bytes: [UInt8] = []
        bytes.append(host: UInt32(16 + subject.bodyLength + attributes.count))
        bytes.append(host: subject.rawValue)
        bytes.append(host: UInt16(0x301))
        bytes.append(host: sequence)
        bytes.append(host: UInt32(0))
        bytes.append(family?.netlinkNumber ?? 0)
        bytes += [UInt8](repeating: 0, count: subject.bodyLength - 1)
        return bytes + attributes
    }

    /// IFLA_EXT_MASK with RTEXT_FILTER_SKIP_STATS: they are in /proc/net/dev.
    private static let withoutStatistics: [UInt8] = {
        var bytes: [UInt8] = []
        bytes.append(host: UInt16(8))
        bytes.append(host: UInt16(29))
        bytes.append(host: UInt32(8))
        return bytes
    }()
}

extension [UInt8] {
    fileprivate mutating func append(host value: UInt16) { append(uint16: value.bigEndian) }
    fileprivate mutating func append(host value: UInt32) { append(uint32: value.bigEndian) }
}
