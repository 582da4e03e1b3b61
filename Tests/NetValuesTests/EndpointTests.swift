import NetValues
import Testing

@Suite struct EndpointTests {
    @Test(arguments: [
        ("1.2.3.4:53", "1.2.3.4:53"), ("[::1]:53", "[::1]:53"), ("[2001:DB8::1]:65535", "[2001:db8::1]:65535"),
    ])
    func endpoint_isParsedAndPrinted(_ text: String, _ printed: String) {
        #expect(Endpoint(text)?.description == printed)
    }

    @Test(arguments: [
        ("1.2.3.4", "1.2.3.4:53"), ("::1", "[::1]:53"), ("[::1]", "[::1]:53"), ("1.2.3.4:5353", "1.2.3.4:5353"),
    ])
    func endpoint_takesTheDefaultPort(_ text: String, _ printed: String) {
        #expect(Endpoint(text, defaultPort: 53)?.description == printed)
    }

    @Test(arguments: [
        "", ":", "1.2.3.4", "1.2.3.4:", "1.2.3.4:0", "1.2.3.4:65536", "1.2.3.4:+1", "::1:53", "[::1]", "[::1]53",
        "name:53", "[1.2.3.4]:5",
    ])
    func endpoint_isRefused(_ text: String) {
        #expect(Endpoint(text) == nil)
    }

    @Test(arguments: [
        ("db.prod:5432", "db.prod:5432"), ("10.0.0.1:80", "10.0.0.1:80"), ("[fd00::1]:80", "[fd00::1]:80"),
        ("db.:1", "db.:1"),
    ])
    func hostPort_isParsedAndPrinted(_ text: String, _ printed: String) {
        #expect(HostPort(text)?.description == printed)
    }

    @Test(arguments: [
        "db", "db:", "db:x", "db:0", "db:-1", "db:99999", ":80", "a:b:80", "fd00::1:80", "1.2.3:80", "http://db:80",
        "db :80", "db: 80",
    ])
    func hostPort_isRefused(_ text: String) {
        #expect(HostPort(text) == nil)
    }

    @Test func host_isAnAddressWhenItReadsAsOne() {
        #expect(Host("1.2.3.4")?.address != nil)
        #expect(Host("[::1]")?.address == IPAddress("::1"))
        #expect(Host("localhost")?.name?.canonical == "localhost")
        #expect(["1.2.3", "1.2.3.4.5", "300.1.1.1", "[1.2.3.4]", "[name]", "", "a b"].allSatisfy { Host($0) == nil })
    }

    @Test(arguments: [("0", 0), ("65535", 65535), ("00080", 80)]) func decimalPort_isRead(
        _ text: String, _ port: UInt16
    ) {
        #expect(UInt16(decimal: text) == port)
    }

    @Test(arguments: ["", "65536", "+1", "-1", " 1", "1 ", "000001", "０", "0x1"]) func decimalPort_isRefused(
        _ text: String
    ) {
        #expect(UInt16(decimal: text) == nil)
    }
}
