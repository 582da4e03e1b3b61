import NetValues
import Planning
import Testing

// On the main thread: long computations on the pool's two threads would hold up tests that measure time.
@MainActor @Suite struct CheckTargetTests {
    private static func hostPort(_ text: String) throws -> HostPort { try #require(HostPort(text)) }

    @Test func everyForm_isRead() throws {
        #expect(try CheckTarget("https://a.example/x?y") == .url(try #require(HTTPURL("https://a.example/x?y"))))
        #expect(try CheckTarget("HTTP://a.example") == .url(try #require(HTTPURL("http://a.example/"))))
        #expect(try CheckTarget("tcp://db.prod:5432") == .tcp(try Self.hostPort("db.prod:5432")))
        #expect(try CheckTarget("tls://[fd00::1]:8443/") == .tls(try Self.hostPort("[fd00::1]:8443")))
        #expect(try CheckTarget("icmp://gateway") == .icmp(try #require(Host("gateway"))))
        #expect(try CheckTarget("icmp://[fd00::1]") == .icmp(try #require(Host("fd00::1"))))
        #expect(try CheckTarget("db.prod:5432") == .hostPort(try Self.hostPort("db.prod:5432")))
        #expect(try CheckTarget("[::1]:80") == .hostPort(try Self.hostPort("[::1]:80")))
        #expect(try CheckTarget("db.prod") == .host(try #require(Host("db.prod"))))
        #expect(try CheckTarget("fe80::1%eth0") == .host(try #require(Host("fe80::1%eth0"))))
        #expect(try CheckTarget("10.0.0.1") == .host(try #require(Host("10.0.0.1"))))
    }

    @Test(
        arguments: [
            ("dns://10.96.0.10/a.example", "10.96.0.10:53", "a.example", nil),
            ("dns://10.96.0.10:5353/a.example?type=aaaa", "10.96.0.10:5353", "a.example", "AAAA"),
            ("dns://[fd00::10]/_sip._tcp.a.example.?type=TYPE65", "[fd00::10]:53", "_sip._tcp.a.example.", "TYPE65"),
            ("DNS://resolver.example/.?type=NS", "resolver.example:53", ".", "NS"),
        ] as [(String, String, String, String?)])
    func dnsQuestion_isRead(_ text: String, _ server: String, _ name: String, _ type: String?) throws {
        guard case .dns(let question) = try CheckTarget(text) else {
            Issue.record("\(text) is not read as a question")
            return
        }
        #expect(question.server.description == server)
        #expect(question.name.description == name)
        #expect(question.type == type)
    }

    @Test(arguments: [
        ("", "the target ``: it is empty"),
        ("a b", "the target `a b`: it holds a blank or a control character"),
        ("htps://a.example/", "unknown scheme `htps`: did you mean `https://`?"),
        (
            "gopher://a",
            "unknown scheme `gopher`: expected one of https://, http://, tcp://, udp://, tls://, dns://, icmp://"
        ),
        ("https://user:hunter2@a/", "the target `https://…@a/`: a user name or password would stand in plain sight"),
        ("user:hunter2@a:80", "the target `…@a:80`: a user name or password would stand in plain sight"),
        ("tcp://u@a:80", "a user name or password would stand in plain sight"),
        ("https://", "the host is missing"),
        ("https://a:99999/", "a port is a number from 1 to 65535"),
        ("https://a:http/", "the port is no number"),
        ("https://fd00::1/", "an IPv6 address needs brackets: `[ADDRESS]`"),
        ("https://bücher.example/", "write an international name in its `xn--` form"),
        ("bücher.example", "write an international name in its `xn--` form"),
        ("tcp://db", "the port is missing"),
        ("tcp://db:0", "a port is a number from 1 to 65535"),
        ("tcp://db:", "the port is missing behind the `:`"),
        ("tcp://db:80/x", "tcp:// takes HOST:PORT and no path"),
        ("tls://fd00::1:443", "an IPv6 address needs brackets in front of its port: `[ADDRESS]:PORT`"),
        ("tls://[fd00::1", "the bracket is not closed"),
        ("tls://[10.0.0.1]:443", "what stands in brackets is no IPv6 address"),
        ("tls://[::1]443", "expected `:` and a port behind the bracket"),
        ("icmp://a:80", "icmp:// takes a host and no port: ICMP has none"),
        ("icmp://a/x", "icmp:// takes a host and no path"),
        ("icmp://", "the host is missing"),
        ("db:70000", "a port is a number from 1 to 65535"),
        ("10.0.0.256", "this looks like an IPv4 address"),
        ("10.0.0", "this looks like an IPv4 address"),
        ("a..b", "two dots follow each other"),
        ("a.example/health", "a path needs a scheme in front, such as `https://`"),
        ("dns://10.0.0.1", "the name to ask for is missing"),
        ("dns://10.0.0.1/", "the name to ask for is missing"),
        ("dns://fd00::10:5353/a", "an IPv6 address needs brackets: `[ADDRESS]`"),
        ("https://fd00::1:8443/", "an IPv6 address needs brackets: `[ADDRESS]`"),
        ("::1:65536", "an IPv6 address needs brackets"),
        ("dns:///a.example", "the server is missing"),
        ("dns://10.0.0.1:x/a", "the port is no number"),
        ("dns://10.0.0.1/a..b", "two dots follow each other"),
        ("dns://10.0.0.1/a/b", "expected a domain name, found `a/b`"),
        ("dns://10.0.0.1/a?typ=A", "only `type=TYPE` can stand: did you mean `type`?"),
        ("dns://10.0.0.1/a?type=", "expected a type of record behind `type=`"),
        ("dns://10.0.0.1/a?type=A&x=1", "expected a type of record behind `type=`"),
    ])
    func mistake_isNamed(_ text: String, _ words: String) {
        do {
            let target = try CheckTarget(text)
            Issue.record("\(text) was read as \(target)")
        } catch {
            #expect(error.message.contains(words))
            #expect(!error.message.contains("hunter2"))
        }
    }

    @Test func randomText_isReadOrRefused() {
        let pieces = [
            "http", "dns", "://", ":", "/", "[", "]", "@", "?", "type=", "a", "10.0.0.1", "::1", "%", "é", " ", ".",
            "80",
        ]
        var state: UInt64 = 7
        for _ in 0..<5000 {
            var text = ""
            for _ in 0..<6 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text += pieces[Int(state >> 33) % pieces.count]
            }
            do {
                _ = try CheckTarget(text)
            } catch {
                #expect(!error.message.isEmpty)
            }
        }
    }
}
