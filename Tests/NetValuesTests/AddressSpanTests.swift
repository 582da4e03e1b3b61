import NetValues
import Testing

@Suite struct AddressSpanTests {
    private static func span(_ first: String, _ last: String) throws -> AddressSpan? {
        AddressSpan(try #require(IPAddress(first)), try #require(IPAddress(last)))
    }

    @Test(
        arguments: [
            ("198.18.0.0/28", "198.18.0.1", "198.18.0.14", 14), ("198.18.0.4/30", "198.18.0.5", "198.18.0.6", 2),
            ("198.18.0.2/31", "198.18.0.2", "198.18.0.3", 2), ("198.18.0.2/32", "198.18.0.2", "198.18.0.2", 1),
            ("0.0.0.0/0", "0.0.0.1", "255.255.255.254", 4_294_967_294), ("fd00::/127", "fd00::", "fd00::1", 2),
            ("fd00::2/127", "fd00::2", "fd00::3", 2), ("fd00::/124", "fd00::", "fd00::f", 16),
            ("fd00::/64", "fd00::", "fd00::ffff:ffff:ffff:ffff", Int.max),
            ("::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Int.max),
        ] as [(String, String, String, Int)])
    func hostsOfARange(_ text: String, _ first: String, _ last: String, _ count: Int) throws {
        let span = AddressSpan(hostsOf: try #require(AddressRange(text)))
        #expect(span.first.description == first)
        #expect(span.last.description == last)
        #expect(span.count == count)
        #expect(span.addresses(upTo: 3).count == min(3, count))
    }

    @Test func endsInOrder_andOfOneFamily() throws {
        #expect(try Self.span("10.0.0.1", "10.0.0.9")?.count == 9)
        #expect(try Self.span("10.0.0.9", "10.0.0.1") == nil)
        #expect(try Self.span("10.0.0.1", "fd00::1") == nil)
        #expect(try Self.span("fe80::1%eth0", "fe80::2%eth0") == nil)
        #expect(
            try Self.span("10.0.0.255", "10.0.1.1")?.addresses(upTo: 9).map(\.description) == [
                "10.0.0.255", "10.0.1.0", "10.0.1.1",
            ])
    }

    @Test func numbers_roundTrip() throws {
        for text in ["0.0.0.0", "198.18.0.1", "255.255.255.255", "::", "fd00:18::1", "ffff::ffff"] {
            let address = try #require(IPAddress(text))
            #expect(IPAddress(number: address.number, address.family) == address)
        }
    }

    @Test(
        arguments: [
            ("10.1.2.3", false), ("172.31.0.1", false), ("172.32.0.1", true), ("192.168.1.1", false),
            ("100.64.0.1", false), ("198.18.2.2", false), ("169.254.169.254", false), ("127.0.0.1", false),
            ("168.63.129.16", false), ("52.239.140.1", true), ("8.8.8.8", true), ("224.0.0.1", false),
            ("240.0.0.1", false), ("fd00::1", false), ("fe80::1", false), ("2001:db8::1", true), ("::1", false),
        ])
    func theInternet_byForm(_ text: String, _ isPublic: Bool) throws {
        #expect(try #require(IPAddress(text)).isOfInternet == isPublic)
    }
}

@Suite struct CompactEndpointsTests {
    private static func texts(_ endpoints: [String]) throws -> [String] {
        CompactEndpoints.texts(
            try endpoints.map { text in
                let pair = try #require(HostPort(text))
                return (pair.host, pair.port)
            })
    }

    @Test func neighboursWithTheSamePorts_areOne() throws {
        let scan = (1...14).map { "198.18.0.\($0):22" } + ["198.18.0.3:80", "198.18.0.3:81", "198.18.0.3:443"]
        #expect(
            try Self.texts(scan) == ["198.18.0.1-2:22", "198.18.0.3:22,80-81,443", "198.18.0.4-14:22"])
    }

    @Test func families_namesAndNetworks_standApart() throws {
        #expect(
            try Self.texts(["b.test:80", "[fd00::1]:443", "[fd00::2]:443", "10.0.0.255:1", "10.0.1.0:1", "a.test:80"])
                == ["10.0.0.255-10.0.1.0:1", "[fd00::1-fd00::2]:443", "a.test:80", "b.test:80"])
        let hosts = [try #require(Host("10.0.0.1")), try #require(Host("10.0.0.2"))]
        #expect(CompactEndpoints.texts(hosts.map { ($0, nil) }) == ["10.0.0.1-2"])
        #expect(CompactEndpoints.texts([]) == [])
        #expect(CompactEndpoints.ports([65535, 65534, 1]) == "1,65534-65535")
    }
}
