/// Finds host names in filter expressions. libpcap would look them up with getaddrinfo(3), which may ask name servers and wait
/// for seconds, in the middle of a diagnosis of names that do not resolve; network names likewise (getnetbyname(3)). Names of
/// ports and protocols come from files of this machine and are left to it.
enum FilterNames {
    /// The first word that libpcap would take for the name of a host or network.
    static func hostName(in expression: String) -> String? {
        var expected = Expected.host
        for word in words(in: expression) {
            if word.isEscaped {
                if expected == .host { return word.text }
            } else if let kind = keywords[word.text] {
                switch kind {
                case .other: expected = .host
                case .naming: expected = .otherName
                case .joining: break
                }
            } else if expected == .host, isName(word.text) {
                return word.text
            }
        }
        return nil
    }

    private enum Expected {
        case host, otherName
    }

    private struct Word {
        let text: String
        /// `\name` is no keyword.
        let isEscaped: Bool
    }

    /// As the scanner of libpcap cuts them (scanner.l): letters, digits, `.`, `-`, `_`, and `:` within addresses.
    private static func words(in expression: String) -> [Word] {
        var words: [Word] = []
        var current: [UInt8] = []
        var isEscaped = false
        for byte in Array(expression.utf8) + [0x20] {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2e, 0x2d, 0x5f, 0x3a, 0x80...0xff: current.append(byte)
            default:
                // A colon belongs to addresses; elsewhere it stands between words.
                let parts = isColonAddress(current) ? [current[...]] : current.split(separator: 0x3a)
                words += parts.map { Word(text: String(decoding: $0, as: UTF8.self), isEscaped: isEscaped) }
                current = []
                isEscaped = byte == 0x5c
            }
        }
        return words
    }

    /// IPv6 with all its parts or with `::`, or Ethernet with six.
    private static func isColonAddress(_ word: [UInt8]) -> Bool {
        let parts = word.split(separator: 0x3a, omittingEmptySubsequences: false)
        guard parts.count >= 3, parts.allSatisfy({ $0.allSatisfy { isHex($0) || $0 == 0x2e } }) else { return false }
        let isShort = parts.contains(where: \.isEmpty) || parts.last?.contains(0x2e) == true
        let longest = parts.filter { !$0.contains(0x2e) }.map(\.count).max() ?? 0
        return parts.count == 6 && longest <= 2 || longest <= 4 && (parts.count == 8 || isShort)
    }

    /// Neither a number nor an address of any kind.
    private static func isName(_ word: String) -> Bool {
        let bytes = Array(word.utf8)
        guard bytes.contains(where: { isLetter($0) }) else { return false }
        if bytes.contains(0x3a) { return false }
        if word.hasPrefix("0x") || word.hasPrefix("0X") { return !bytes.dropFirst(2).allSatisfy(isHex) }
        return !isEthernetAddress(word)
    }

    /// `00-11-22-aa-bb-cc`, `00.11.22.aa.bb.cc`, `0011.22aa.bbcc`, `001122aabbcc`.
    private static func isEthernetAddress(_ word: String) -> Bool {
        let parts = word.utf8.split(omittingEmptySubsequences: false) { $0 == 0x2d || $0 == 0x2e }
        guard parts.allSatisfy({ $0.allSatisfy(isHex) }) else { return false }
        return switch parts.count {
        case 6: parts.allSatisfy { (1...2).contains($0.count) }
        case 3: parts.allSatisfy { $0.count == 4 }
        default: parts.count == 1 && word.utf8.count == 12
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte >= 0x80
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }

    private enum Keyword {
        /// Behind it stands the name of something that no name server is asked for.
        case naming
        /// What stands behind it is of the same kind as what stands before.
        case joining
        /// If a name stands behind it, it is a host's.
        case other
    }

    /// Of libpcap 1.10.3, scanner.l.
    private static let keywords: [String: Keyword] = {
        let qualifiers =
            "dst src host net mask gateway link ether ppp slip fddi tr wlan arp rarp ip sctp tcp udp icmp igmp igrp pim "
            + "vrrp carp radio ip6 icmp6 ah esp atalk aarp decnet lat sca moprc mopdl iso esis es-is isis is-is l1 l2 iih "
            + "lsp snp csnp psnp clnp stp ipx netbeui ra ta addr1 addr2 addr3 addr4 address1 address2 address3 address4"
        let naming = "port portrange proto protochain type subtype dir direction on ifname rset ruleset reason action"
        let others =
            "less greater byte broadcast multicast inbound outbound vlan mpls pppoed pppoes geneve lane llc "
            + "metac bcc oam oamf4 oamf4ec oamf4sc sc ilmic vpi vci connectmsg metaconnect sio opc dpc sls hsio hopc hdpc hsls "
            + "len length random rnr rulenum srnr subrulenum ifindex fisu lssu lsu msu hfisu hlssu hmsu "
            + "icmptype icmpcode icmp-echoreply icmp-unreach icmp-sourcequench icmp-redirect icmp-echo icmp-routeradvert "
            + "icmp-routersolicit icmp-timxceed icmp-paramprob icmp-tstamp icmp-tstampreply icmp-ireq icmp-ireqreply "
            + "icmp-maskreq icmp-maskreply icmp6type icmp6code icmp6-destinationunreach icmp6-packettoobig "
            + "icmp6-timeexceeded icmp6-parameterproblem icmp6-echo icmp6-echoreply icmp6-multicastlistenerquery "
            + "icmp6-multicastlistenerreportv1 icmp6-multicastlistenerdone icmp6-routersolicit icmp6-routeradvert "
            + "icmp6-neighborsolicit icmp6-neighboradvert icmp6-redirect icmp6-routerrenum icmp6-nodeinformationquery "
            + "icmp6-nodeinformationresponse icmp6-ineighbordiscoverysolicit icmp6-ineighbordiscoveryadvert "
            + "icmp6-multicastlistenerreportv2 icmp6-homeagentdiscoveryrequest icmp6-homeagentdiscoveryreply "
            + "icmp6-mobileprefixsolicit icmp6-mobileprefixadvert icmp6-certpathsolicit icmp6-certpathadvert "
            + "icmp6-multicastrouteradvert icmp6-multicastroutersolicit icmp6-multicastrouterterm "
            + "tcpflags tcp-fin tcp-syn tcp-rst tcp-push tcp-ack tcp-urg tcp-ece tcp-cwr"
        var table: [String: Keyword] = [:]
        for (list, kind) in [
            (qualifiers, Keyword.other), (others, .other), (naming, .naming), ("and or not", .joining),
        ] {
            for word in list.split(separator: " ") { table[String(word)] = kind }
        }
        return table
    }()
}
