import NetValues
import Testing
import Wire

@Suite struct CertificateNamesTests {
    /// After RFC 9525 section 6.3 and its examples, and what OpenSSL and GnuTLS do with top-level domains.
    @Test(arguments: [
        ("www.example.com", "www.example.com", true),
        ("WWW.Example.COM", "www.eXample.com", true),
        ("www.example.com", "www.example.com.", true),
        ("example.com", "www.example.com", false),
        ("www.example.com", "example.com", false),
        ("*.example.com", "www.example.com", true),
        ("*.example.com", "example.com", false),
        ("*.example.com", "a.b.example.com", false),
        ("*.com", "example.com", false),
        ("*", "com", false),
        ("*.*.com", "a.b.com", false),
        ("w*.example.com", "www.example.com", false),
        ("*w.example.com", "www.example.com", false),
        ("www.*.com", "www.example.com", false),
        ("*.xn--bcher-kva.example", "www.XN--bcher-kva.example", true),
        ("www.example.com.", "www.example.com", false),
        (".example.com", "www.example.com", false),
        ("www.example.com\u{0}.evil.test", "www.example.com", false),
        ("", "www.example.com", false),
        ("192.0.2.1", "www.example.com", false),
    ]) func presentedName_matches(presented: String, wanted: String, isValid: Bool) throws {
        let host = try #require(Host(wanted))
        #expect(CertificateNames.areValid(for: host, dnsNames: [presented], ipAddresses: []) == isValid)
    }

    @Test func anyName_isEnough() throws {
        let host = try #require(Host("b.example"))
        #expect(CertificateNames.areValid(for: host, dnsNames: ["a.example", "b.example"], ipAddresses: []))
        #expect(!CertificateNames.areValid(for: host, dnsNames: [], ipAddresses: []))
    }

    @Test func address_matchesAddressesOnly() throws {
        let host = try #require(Host("192.0.2.1"))
        let address = try #require(IPAddress("192.0.2.1"))
        #expect(CertificateNames.areValid(for: host, dnsNames: [], ipAddresses: [address]))
        #expect(!CertificateNames.areValid(for: host, dnsNames: ["192.0.2.1"], ipAddresses: []))
        let mapped = try #require(IPAddress("::ffff:192.0.2.1"))
        #expect(!CertificateNames.areValid(for: host, dnsNames: [], ipAddresses: [mapped]))
    }

    @Test func zone_doesNotCount() throws {
        let host = try #require(Host("fe80::1%eth0"))
        let address = try #require(IPAddress("fe80::1"))
        #expect(CertificateNames.areValid(for: host, dnsNames: [], ipAddresses: [address]))
    }

    @Test(arguments: [
        (UInt8(0), "close_notify"), (40, "handshake_failure"), (116, "certificate_required"), (255, "alert 255"),
    ])
    func alert_hasItsName(code: UInt8, name: String) {
        #expect(AlertName.of(code) == name)
    }
}
