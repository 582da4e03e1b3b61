import Testing

@Suite struct UsageTests {
    @Test(
        "Help and version are results: on standard output, with status 0", arguments: ["--help", "--version", "help"])
    func help(_ word: String) async throws {
        let run = try await Program.run(word)
        #expect(run.status == 0 && !run.output.isEmpty && run.errors.isEmpty)
    }

    @Test("No command at all is bad usage, with the help on standard error")
    func nothing() async throws {
        let run = try await Program.run()
        #expect(run.status == 2 && run.output.isEmpty)
        #expect(run.errors.contains("USAGE: leadsman"))
    }

    @Test(
        "What was typed wrongly is told on standard error with the fix, and nothing is measured",
        arguments: [
            ("chekc x", "did you mean 'check'?"),
            ("https://example.org/", "did you mean 'leadsman check https://example.org/'?"),
            ("help tcpp", "did you mean 'tcp'?"),
            ("nonsense", "known are check, run"),
            ("check", "<target>"),
            ("run", "<plan>"),
            ("tcp 0.0.0.0/0:1-65535", "has 281470681612290 endpoints, and a run probes at most 4096"),
            ("udp [fd00::/64]:53", "more endpoints than can be counted"),
            ("ping 10.0.0.0/8 --most-targets 10", "probes at most 10"),
            ("check 127.0.0.0/24:1-9 127.0.1.0/24:1-9", "beside 2286 of other ranges"),
            ("tcp 127.0.0.1/8:80", "did you mean `127.0.0.0/8`?"),
            ("tcp 127.0.0.1:80 --open 80", "--open goes with a range"),
            ("tcp 127.0.0.1:80-81 --open 82", "port 82 is not in the range"),
            ("tcp 127.0.0.1:80-81 --most-targets 0", "--most-targets takes 1 to 1000000"),
            ("tcp 127.0.0.1:80 --within 10.0.0.1/8", "--within"),
            ("udp 127.0.0.1:9", "what is asked of UDP port 9?"),
            ("udp 127.0.0.1:9 --service ftp", "unknown word 'ftp'"),
            ("tcp --sampels 2 127.0.0.1:1", "Did you mean '--samples'?"),
            ("tcp 127.0.0.1", "is not HOST:PORT"),
            ("tcp -4 -6 127.0.0.1:1", "-4 and -6 exclude each other"),
            ("tcp -6 --source 127.0.0.1 localhost:1", "not of the family"),
            ("tcp -6 127.0.0.1:1", "is an IPv4 address, and IPv6 is asked for"),
            ("check -4 [::1]:1", "is an IPv6 address, and IPv4 is asked for"),
            ("http --source ::1 http://127.0.0.1/", "cannot send to it"),
            ("tcp --source 1.2.3 127.0.0.1:1", "--source <address>"),
            ("dns --for 5s localhost", "there is none"),
            ("dns --rate 60000 localhost", "60000 is not from 1 to 50000"),
            ("dns --pairs 2 localhost", "2 is not from 20 to 10000"),
            ("tcp --samples 0 127.0.0.1:1", "--samples takes 1 to 1000000"),
            ("tcp --timeout 5 127.0.0.1:1", "as 500ms, 3s or 1m"),
            ("tcp --timeout 0s 127.0.0.1:1", "--timeout <span>"),
            ("tcp --fail-on bad 127.0.0.1:1", "'critical', 'error', 'warning' or 'never'"),
            ("tcp --format xml 127.0.0.1:1", "'text', 'json', 'jsonl' or 'csv'"),
            ("trace --rounds 2 --samples 2 127.0.0.1", "the same: give one"),
            ("trace --method sctp 127.0.0.1", "unknown word 'sctp'"),
            ("trace --method icmp 127.0.0.1:80", "ICMP has no ports"),
            ("trace --via 1.2.3 127.0.0.1", "no address and no range"),
            ("tcp --quiet --verbose 127.0.0.1:1", "exclude each other"),
            ("tcp --banner ( 127.0.0.1:1", "banner"),
            ("dns --type NONSENSE localhost", "type"),
            ("http ftp://localhost/", "ftp://localhost/"),
            ("ping --loss 200 127.0.0.1", "--loss takes 0 to 100"),
            ("ping", "name a host, or a file with --targets"),
            ("ping --interval 1ms 192.0.2.1", "is a flood"),
            ("ping --interval 1ms somewhere.test", "is a flood"),
            ("ping --flood --interval 1ms 127.0.0.1", "--flood goes with --rate"),
            ("ping --flood --rate 100001 127.0.0.1", "--rate takes 1 to 100000"),
            ("ping --rate 100 127.0.0.1", "--rate goes with --flood"),
            ("ping --rate 6000 8.0.0.0/25", "only for private addresses"),
            ("ping --targets /nonexistent", "--targets: /nonexistent"),
            ("ping --targets /dev/null", "names no target"),
            ("findings tcp-refusd", "did you mean 'tcp-refused'?"),
            ("findings nothing-like-this-at-all", "'leadsman findings' lists them"),
            ("probes dn", "did you mean 'dns'?"),
        ])
    func mistake(_ line: String, _ hint: String) async throws {
        let run = try await Program.shell("exec $L \(line.replacing("(", with: "'('"))")
        #expect(run.status == 2)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains(hint), "\(run.errors)")
        #expect(run.errors.hasPrefix("Error: ") && run.errors.contains("--help'"))
    }

    @Test(
        "A wrong target of check is told with what is wrong about it",
        arguments: [
            ("https://", "the host is missing"), ("http://[::1", "the bracket is not closed"),
            ("htp://localhost", "did you mean `http://`?"), ("tcp://localhost", "the port is missing"),
            ("localhost:0", "1 to 65535"), ("localhost:", "the port is missing"), ("127.0.0.300", "0 to 255"),
            ("dns://127.0.0.1/", "the name to ask for is missing"), ("dns://127.0.0.1/a?typ=A", "did you mean `type`?"),
            ("icmp://localhost:3", "no port"), ("a..b", "two dots"), ("", "empty"), ("a b", "blank"),
            ("http://user:hunter2@localhost/", "plain sight"),
        ])
    func target(_ text: String, _ hint: String) async throws {
        let run = try await Program.run("check", text)
        #expect(run.status == 2 && run.output.isEmpty)
        #expect(run.errors.contains(hint), "\(run.errors)")
        #expect(!run.errors.contains("hunter2"))
    }

    @Test("All wrong targets are told at once")
    func allTargets() async throws {
        let run = try await Program.run("check", "a..b", "localhost:0")
        #expect(run.status == 2 && run.errors.contains("a..b") && run.errors.contains("localhost:0"))
    }

    @Test("Each finding and each probe of the catalogue explains itself")
    func catalogues() async throws {
        let findings = try await Program.run("findings", "--format", "json")
        #expect(findings.json.text("schema") == "leadsman/catalogue/v1")
        let ids = findings.json.list("findings").compactMap { $0.text("id") }
        #expect(Set(ids).count == ids.count && ids.contains("tcp-filtered-drop"))
        #expect(findings.json.list("findings").allSatisfy { $0.text("severity") != nil && $0.text("title") != nil })
        let probes = try await Program.run("probes", "--format", "json").json.list("probes")
        #expect(
            probes.compactMap { $0.text("kind") } == [
                "dns", "tcp", "tls", "http", "icmp", "udp", "capture", "flows", "idle", "mtu", "trace", "throughput",
            ])
        #expect(
            probes.allSatisfy { $0.text("summary") != nil && $0["parameters"] is [Any] && $0.text("rights") != nil })
        let one = try await Program.run("findings", "tcp-refused")
        #expect(one.status == 0 && one.output.contains("tcp-refused"))
    }
}
