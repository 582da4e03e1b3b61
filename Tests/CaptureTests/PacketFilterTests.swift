import PacketCapture
import Testing
import Wire

@Suite struct PacketFilterTests {
    /// Ethernet, IPv4, TCP from 198.18.0.1:40000 to 198.18.0.2:443.
    private static let ethernet: [UInt8] =
        [UInt8](repeating: 2, count: 12) + [0x08, 0] + ip
    private static let ip: [UInt8] =
        [0x45, 0, 0, 40, 0, 1, 0x40, 0, 64, 6, 0, 0, 198, 18, 0, 1, 198, 18, 0, 2]
        + [0x9c, 0x40, 0x01, 0xbb, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x02, 0xff, 0xff, 0, 0, 0, 0]

    private func matches(_ expression: String, _ bytes: [UInt8] = ethernet, linkType: LinkType = .ethernet) throws
        -> Bool
    {
        try PacketFilter(expression, linkType: linkType).matches(bytes.span, length: bytes.count)
    }

    @Test func expressions_matchOrNot() throws {
        for expression in [
            "", "tcp", "tcp port 443", "port https", "host 198.18.0.1 and dst port 443", "net 198.18.0.0/15",
            "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn", "src host 198.18.0.1 or 2001:db8::1", "less 60",
            "ip proto \\tcp", "not port (http or domain)", "ether host 02:02:02:02:02:02", "ip[2:2] = 40",
            "portrange 400-500",
        ] {
            #expect(try matches(expression), "\(expression)")
        }
        for expression in ["udp", "host 198.18.0.3", "ip6", "vlan", "greater 1000", "icmp6"] {
            #expect(try !matches(expression), "\(expression)")
        }
    }

    @Test func eachLinkType_isCompiledFor() throws {
        #expect(try matches("tcp port 443", Self.ip, linkType: .raw))
        let cooked: [UInt8] = [0, 0, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0, 0x08, 0] + Self.ip
        #expect(try matches("tcp port 443", cooked, linkType: .linuxCooked))
        let null: [UInt8] = [2, 0, 0, 0] + Self.ip
        #expect(try matches("tcp port 443", null, linkType: .null))
    }

    @Test func bytesThatWereNotCaptured_doNotMatch() throws {
        let filter = try PacketFilter("tcp port 443", linkType: .ethernet)
        for count in Self.ethernet.indices {
            let matches = filter.matches(Array(Self.ethernet[..<count]).span, length: 54)
            #expect(matches == (count >= 38))
        }
    }

    static let mistakes: [(String, String)] = [
        ("tcp prot 80", "prot is a name"), ("tcp port", "syntax error"), ("(tcp", "syntax error"),
        ("port 99999", "illegal port number"), ("host", "syntax error"), ("\u{0}", "zero byte"),
        ("host 300.1.1.1", ""),
    ]

    @Test(arguments: mistakes)
    func mistakes_areToldInLibpcapsWords(_ expression: String, _ reason: String) {
        let problem = #expect(throws: PacketFilterProblem.self) {
            try PacketFilter(expression, linkType: .ethernet)
        }
        #expect(problem?.reason.contains(reason) == true, "\(problem?.description ?? "")")
        #expect(problem?.expression == expression)
    }

    @Test(arguments: [
        "example.com", "host db.prod", "tcp and host db", "src db", "port 80 and (dst web or 10.0.0.1)", "net office",
        "port http and dst host web", "not web", "ether host printer", "port 80 and web.example", "host \\tcp",
        "gateway gw", "tcp or len-20", "vlan and web", "10.0.0.1 or xn--bcher-kva.example",
        "port http or less 5 or web",
    ])
    func hostNames_areRefused_withoutLookingThemUp(_ expression: String) {
        let problem = #expect(throws: PacketFilterProblem.self) {
            try PacketFilter(expression, linkType: .ethernet)
        }
        if expression != "port 80 and web.example" {
            #expect(problem?.reason.contains("is a name, and filters take addresses only") == true)
        }
    }

    @Test func filterSet_goesByTheLinkTypeOfEachFrame() throws {
        var filters = try PacketFilterSet("tcp port 443")
        for (bytes, linkType) in [(Self.ethernet, LinkType.ethernet), (Self.ip, .raw), (Self.ethernet, .ethernet)] {
            let frame = CapturedFrame(number: 1, time: 0, length: bytes.count, linkType: linkType)
            let matches = try filters.matches(frame, bytes.span)
            #expect(matches)
        }
        let frame = CapturedFrame(number: 1, time: 0, length: 1, linkType: LinkType(rawValue: 60_000))
        #expect(throws: PacketFilterProblem.self) {
            let ip = Self.ip
            _ = try filters.matches(frame, ip.span)
        }
    }

    @Test func filterSet_tellsMistakesAtOnce() {
        #expect(throws: PacketFilterProblem.self) { try PacketFilterSet("tcp port") }
    }

    /// Told by libpcap for Ethernet, and no mistake.
    @Test func filterSet_letsThroughWhatOtherLinkTypesHave() throws {
        var filters = try PacketFilterSet("inbound")
        let cooked: [UInt8] = [0, 0, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0, 0x08, 0] + Self.ip
        let frame = CapturedFrame(number: 1, time: 0, length: cooked.count, linkType: .linuxCooked)
        let matches = try filters.matches(frame, cooked.span)
        #expect(matches)
    }
}
