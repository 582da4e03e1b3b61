import NetValues
import Testing

@Suite struct DomainNameTests {
    @Test(arguments: [
        "a", "example.com", "example.com.", ".", "_sip._tcp.example.com", "*.example.com", "xn--bcher-kva.example",
        "a-b.c_d",
    ])
    func name_isParsedAndPrinted(_ text: String) {
        #expect(DomainName(text)?.description == text)
    }

    @Test(arguments: [
        "", "..", "a..b", ".a", "a b", "a/b", "http://a", "a:80", "user@a", "[::1]", "bücher.example", "a,b", "a\n",
        "a\u{0}b",
        String(repeating: "a", count: 64), "a?b", "100%",
    ])
    func name_isRefused(_ text: String) {
        #expect(DomainName(text) == nil)
    }

    @Test func lengths_areThoseOfRFC1035() {
        let label = String(repeating: "a", count: 63)
        let longest = [label, label, label, String(repeating: "b", count: 61)].joined(separator: ".")
        #expect(longest.utf8.count == 253)
        #expect(DomainName(longest) != nil)
        #expect(DomainName(longest + ".") != nil)
        #expect(DomainName(longest + "b") == nil)
    }

    @Test func canonical_ignoresCaseAndTrailingDot() {
        #expect(DomainName("WWW.Example.COM.")?.canonical == "www.example.com")
        #expect(DomainName(".")?.canonical == "")
    }

    @Test func dots_areCountedBetweenLabels() {
        #expect(DomainName(".")?.dots == 0)
        #expect(DomainName("a.")?.dots == 0)
        #expect(DomainName("a.b.c")?.dots == 2)
    }

    @Test func under_joinsAbsolutely() throws {
        let name = try #require(DomainName("db.prod"))
        let suffix = try #require(DomainName("svc.cluster.local"))
        #expect(name.under(suffix)?.description == "db.prod.svc.cluster.local.")
        let label = try #require(DomainName(String(repeating: "a", count: 63)))
        #expect(label.under(label)?.under(label)?.labels.count == 3)
        #expect(label.under(label)?.under(label)?.under(label) == nil)
    }

    @Test(arguments: [
        "db.prod", "db.prod.", "DB.Prod", "db.pro", "db.prodx", "db..prod", "db", "dbxprod", "", ".", "db.prod..",
    ])
    func spelling_isComparedAsCanonicalNamesAre(text: String) throws {
        let name = try #require(DomainName("Db.prod."))
        #expect(name.isSpelled(text) == (["db.prod", "db.prod.", "DB.Prod"].contains(text)))
        #expect(DomainName.root.isSpelled(text) == [".", ""].contains(text))
    }

    @Test func lookingLikeAnAddress_isSeenByTheLastLabel() {
        #expect(DomainName("1.2.3")?.looksLikeAddress == true)
        #expect(DomainName("1.2.3.com")?.looksLikeAddress == false)
        #expect(DomainName(".")?.looksLikeAddress == false)
    }
}
