import Glibc
import NetValues
import Observations
import Testing
import VantageState

@Suite(.onReactor) struct DNSVantageFilesTests {
    private func parse(_ text: String, _ environment: [String: String] = [:]) -> ResolverConfiguration {
        ResolverConfiguration(parsing: text, source: "test", environment: environment)
    }

    @Test func podsFile_isReadWhole() {
        let configuration = parse(
            """
            # made by kubelet
            search prod.svc.cluster.local svc.cluster.local cluster.local
            nameserver 10.96.0.10
            options ndots:5 timeout:2 attempts:3 use-vc edns0
            """)
        #expect(configuration.servers.map(\.description) == ["10.96.0.10:53"])
        #expect(
            configuration.search.map(\.description) == ["prod.svc.cluster.local", "svc.cluster.local", "cluster.local"])
        #expect(configuration.ndots == 5 && configuration.timeout == .seconds(2) && configuration.attempts == 3)
        #expect(configuration.useTCP && configuration.oddities.isEmpty)
    }

    @Test func defaults_areThoseOfGlibc() {
        let configuration = parse("nameserver ::1\n")
        #expect(configuration.ndots == 1 && configuration.timeout == .seconds(5) && configuration.attempts == 2)
        #expect(configuration.search.isEmpty && !configuration.useTCP)
        #expect(parse("").servers.map(\.description) == ["127.0.0.1:53"])
        #expect(parse("").oddities.count == 1)
    }

    @Test func fourthServer_isAnOddity() {
        let configuration = parse((1...4).map { "nameserver 10.0.0.\($0)\r\n" }.joined())
        #expect(configuration.servers.count == 3)
        #expect(configuration.oddities == ["line 4: nameserver 10.0.0.4 is never asked, only the first three are"])
    }

    @Test func zoneOfALinkLocalServer_isKept() {
        #expect(parse("nameserver fe80::1%eth0 # router").servers.first?.address.description == "fe80::1%eth0")
    }

    @Test(arguments: [
        ("domain a.test\nsearch b.test c.test", ["b.test", "c.test"]),
        ("search b.test\ndomain a.test x.test", ["a.test"]),
        ("search a.test\nsearch .", []), ("search a_b.test", ["a_b.test"]),
    ])
    func lastSearchOrDomain_counts(text: String, search: [String]) {
        #expect(parse(text).search.map(\.description) == search)
    }

    @Test(arguments: [
        ("nameserver dns.test", "line 1: dns.test is no address"), ("nameserver", "line 1:  is no address"),
        (" nameserver 10.0.0.1", "line 1 begins with a blank, so that glibc ignores it"),
        ("namserver 10.0.0.1", "line 1: unknown keyword namserver"),
        ("options ndots:x", "line 1: option ndots:x is not known or has no number"),
        ("options rotate", "line 1: rotate spreads the load, so that which server is asked first varies"),
        ("search a..b", "line 1: a..b is no domain name"),
    ])
    func line_thatIsIgnored_isAnOddity(text: String, oddity: String) {
        #expect(parse(text + "\nnameserver 10.0.0.9").oddities == [oddity])
    }

    @Test func numbers_areCutAsGlibcDoes() {
        let configuration = parse("options ndots:99 timeout:600 attempts:50\noptions timeout:0")
        #expect(configuration.ndots == 15 && configuration.timeout == .seconds(1) && configuration.attempts == 5)
    }

    @Test func environment_amendsTheFile() {
        let configuration = parse(
            "search a.test\noptions ndots:2", ["LOCALDOMAIN": "b.test c.test", "RES_OPTIONS": "ndots:4 attempts:1"])
        #expect(configuration.search.map(\.description) == ["b.test", "c.test"])
        #expect(configuration.ndots == 4 && configuration.attempts == 1)
    }

    @Test func hosts_areReadByName() {
        let table = HostsTable(
            parsing:
                "127.0.0.1 localhost\n10.0.0.1\tDB.prod db # comment\n#10.0.0.9 db\nfd00::1 db\nbogus x\n10.0.0.1 db\n")
        #expect(table.lookup(DomainName("db")!).map(\.description) == ["10.0.0.1", "fd00::1"])
        #expect(table.lookup(DomainName("db.PROD.")!).map(\.description) == ["10.0.0.1"])
        #expect(table.lookup(DomainName("x")!).isEmpty && table.lookup(DomainName("comment")!).isEmpty)
    }

    @Test func missingFiles_haveTheResolversDefaults() throws {
        let configuration = try VantageFiles.readResolverConfiguration(at: "/nonexistent/resolv.conf")
        #expect(configuration.servers.map(\.description) == ["127.0.0.1:53"])
        #expect(
            configuration.oddities == ["/nonexistent/resolv.conf does not exist: 127.0.0.1 is asked, as glibc does"])
        let hosts = try VantageFiles.readHosts(at: "/nonexistent/hosts")
        #expect(hosts.addresses.isEmpty)
    }

    @Test(arguments: ["/", "/dev/zero"])
    func whatIsNoFile_isOurInability(path: String) {
        let error = #expect(throws: Inability.self) { try VantageFiles.readResolverConfiguration(at: path) }
        #expect(error?.code == .badFile)
        #expect(throws: Inability.self) { try VantageFiles.readHosts(at: path) }
    }

    @Test func thisHostsFiles_areReadable() throws {
        let configuration = try VantageFiles.readResolverConfiguration()
        #expect(!configuration.servers.isEmpty)
        _ = try VantageFiles.readHosts()
    }
}
