import NetValues
import Testing

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("0.0.0.0", 0), ("127.0.0.1", 0x7f00_0001), ("255.255.255.255", 0xffff_ffff), ("10.4.0.1", 0x0a04_0001),
    ])
    func v4_isParsedAndPrinted(_ text: String, _ bits: UInt32) {
        #expect(IPv4Address(text)?.bits == bits)
        #expect(IPv4Address(text)?.description == text)
    }

    @Test(arguments: [
        "", ".", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "1..2.3", "256.1.1.1", "1.2.3.999", "01.2.3.4", "1.2.3.04",
        "+1.2.3.4",
        "-1.2.3.4", " 1.2.3.4", "1.2.3.4 ", "0x7f.0.0.1", "127.1", "1.2.3.4\n", "१.2.3.4", "1.2.3.1000",
    ])
    func v4_isRefused(_ text: String) {
        #expect(IPv4Address(text) == nil)
        #expect(IPAddress(text) == nil)
    }

    // RFC 5952 sections 4 and 5, RFC 4291 section 2.2.
    @Test(arguments: [
        ("2001:db8::1", "2001:db8::1"), ("2001:0db8::0001", "2001:db8::1"), ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
        ("2001:db8::0:1", "2001:db8::1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:DB8::ABCD", "2001:db8::abcd"), ("::", "::"),
        ("0:0:0:0:0:0:0:0", "::"),
        ("::1", "::1"), ("1::", "1::"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"), ("::ffff:c000:201", "::ffff:192.0.2.1"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        ("fe80::1%eth0", "fe80::1%eth0"), ("ff02::1", "ff02::1"),
    ])
    func v6_isPrintedCanonically(_ text: String, _ canonical: String) {
        #expect(IPv6Address(text)?.description == canonical)
        #expect(IPv6Address(canonical)?.description == canonical)
    }

    @Test(arguments: [
        "", ":", ":::", "1:::2", "1::2::3", "12345::", "g::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8",
        ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", "::-0", "::+1", "-0::", "::1.2.3", "1.2.3.4::", "::1.2.3.4:5",
        "::256.0.0.1", "[::1]", "::1/64",
        "fe80::1%", "fe80::1%eth 0", "fe80::1%aaaaaaaaaaaaaaaaaaaa", "::1 ", "1.2.3.4", "::०",
        "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
    ])
    func v6_isRefused(_ text: String) {
        #expect(IPv6Address(text) == nil)
    }

    @Test(arguments: ["192.0.2.7", "2001:db8::7", "::", "255.255.255.255"]) func bytes_goRound(_ text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(IPAddress(bytes: address.bytes) == address)
        #expect(address.bytes.count == (address.family == .v4 ? 4 : 16))
    }

    @Test(arguments: [0, 1, 3, 5, 15, 17]) func bytes_areRefused_whenTheyAreNoAddress(_ count: Int) {
        #expect(IPAddress(bytes: [UInt8](repeating: 1, count: count)) == nil)
    }

    @Test func loopbackAndUnspecified_areKnown() {
        #expect(["127.0.0.1", "127.9.9.9", "::1"].allSatisfy { IPAddress($0)?.isLoopback == true })
        #expect(["128.0.0.1", "::2", "1::1"].allSatisfy { IPAddress($0)?.isLoopback == false })
        #expect(["0.0.0.0", "::"].allSatisfy { IPAddress($0)?.isUnspecified == true })
    }
}
