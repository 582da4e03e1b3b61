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
        #expect(parse("").oddities.map(\.kind) == [.noServer] && parse("").isFallback)
    }

    @Test func fourthServer_isAnOddity() {
        let configuration = parse((1...4).map { "nameserver 10.0.0.\($0)\n" }.joined())
        #expect(configuration.servers.count == 3)
        #expect(configuration.oddities.map(\.kind) == [.surplusServer])
        #expect(
            configuration.oddities.map(\.description) == [
                "line 4 “nameserver 10.0.0.4”: 10.0.0.4 is never asked: glibc and musl ask the first three only"
            ])
    }

    /// glibc does not understand such lines, the others do: read, and told once.
    @Test func windowsLineEnds_areReadAndTold() {
        let configuration = parse("# made by hand\r\nnameserver 10.0.0.1\r\nsearch a.test\r\noptions ndots:3\r\n")
        #expect(configuration.servers.map(\.description) == ["10.0.0.1:53"])
        #expect(configuration.search.map(\.description) == ["a.test"] && configuration.ndots == 3)
        #expect(configuration.oddities.map(\.kind) == [.carriageReturn])
        #expect(configuration.oddities.first?.place == "line 2")
        #expect(parse("nameserver 10.0.0.1\noptions ndots:3\r\n").oddities.isEmpty, "glibc reads the number")
    }

    @Test func tidyFiles_haveNoOddity() {
        let text = """
            ; generated

            # nameserver 10.0.0.99
            domain a.test
            search a.test b.test
            nameserver\t10.0.0.1   # with a comment behind it
            options rotate edns0 timeout:1 attempts:1 trust-ad
            sortlist 10.0.0.0/255.0.0.0
            """
        #expect(parse(text).oddities.isEmpty)
        #expect(parse(text).servers.count == 1)
    }

    @Test func manySearchDomains_areToldFromSevenOn() {
        func list(_ count: Int) -> String {
            "nameserver 10.0.0.1\nsearch " + (1...count).map { "d\($0)" }.joined(separator: " ")
        }
        #expect(parse(list(6)).oddities.isEmpty)
        #expect(parse(list(7)).oddities.map(\.kind) == [.surplusDomains] && parse(list(7)).search.count == 7)
        #expect(parse(list(40)).search.count == 32)
    }

    @Test func systemdResolved_isSeenByItsDirectory() throws {
        func read(_ directory: String) throws -> Bool {
            try VantageFiles.readResolverConfiguration(stubDirectory: directory).hasSystemdResolved
        }
        #expect(try read("/"))
        #expect(try !read("/nonexistent/resolve"))
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

    @Test(
        arguments: [
            ("nameserver dns.test", .unusableServer, "dns.test is a name, and resolvers need an address"),
            ("nameserver", .unusableServer, "names no address"),
            ("nameserver # x", .unusableServer, "names no address"),
            ("nameserver 10.0.0.256", .unusableServer, "10.0.0.256 is no address"),
            ("nameserver 10.0.0.1#x", .unusableServer, "10.0.0.1#x is no address"),
            ("nameserver 10.0.0.1:53", .unusableServer, "10.0.0.1:53 is no address"),
            (" nameserver 10.0.0.1", .unusableServer, "begins with a blank, so that resolvers ignore it"),
            (" options ndots:2", .indented, "begins with a blank, so that resolvers ignore it"),
            ("namserver 10.0.0.1", .unusableServer, "namserver is no keyword, probably nameserver is meant"),
            ("lookup file bind", .unknownKeyword, "lookup is no keyword, so the line is ignored"),
            ("options ndots:x", .unknownOption, "option ndots:x is not known or has no number"),
            ("search a..b", .unusableDomain, "a..b is no domain name"),
            ("search a.test\nsearch b.test", .replacedSearch, "has no effect: line 2 sets the search list anew"),
            (
                "sortlist " + String(repeating: "1", count: 246), .longLine,
                "has 255 bytes: musl (Alpine) ignores lines of more than 254"
            ),
        ] as [(String, ResolverOddity.Kind, String)])
    func line_thatIsIgnored_isAnOddityWithItsLine(text: String, kind: ResolverOddity.Kind, reason: String) {
        let oddities = parse(text + "\nnameserver 10.0.0.9").oddities
        let first = text.split(separator: "\n").first.map { String($0) } ?? ""
        #expect(oddities == [ResolverOddity(kind, place: "line 1", quote: first, reason: reason)])
    }

    @Test func controlBytes_areShownSafely() {
        let oddity = parse("nameserver \u{1b}[31mred\nnameserver 10.0.0.9").oddities.first
        #expect(oddity?.description.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f } == true)
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
            configuration.oddities.map(\.description) == [
                "/nonexistent/resolv.conf: there is no such file: 127.0.0.1 is asked, as glibc does"
            ])
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
