import Foundation
import Testing

@Suite struct PlanTests {
    private let peer: Peer
    private var open: String { "127.0.0.1:\(peer.port)" }

    init() throws {
        peer = try Peer(.accepting)
    }

    @Test("Every mistake is told at its place, all at once, and nothing is sent")
    func mistakes() async throws {
        let scratch = try Scratch()
        let plan = try scratch.file(
            "bad.yaml",
            """
            leadsman: 1
            defaults: {timeout: 3, intervall: 200ms}
            limits: {rate: 200}
            checks:
              - name: a
                tcp: 127.0.0.1
              - name: a
                tcp: \(open)
                tcp: \(open)
                expect: blocke
              - name: b
                http: ftp://x
                severity: eror
                family: 5
                source: 1.2.3
                retries: -1
                needs: [c]
                expect: {status: 20, latency: {p96: 2s}, body: "("}
              - dns: a.test
                type: NONSENSE
              - name: kindless
              - name: secret
                http: http://\(open)/
                bearer: ${env:LEADSMAN_TEST_UNSET}
            """)
        let run = try await Program.run("run", plan)
        #expect(run.status == 2 && run.output.isEmpty)
        for mistake in [
            "2:21: ", "2:24: unknown key `intervall`: did you mean `interval`?", "3:16: ", "6:10: ", "7:11: ",
            "9:5: the key `tcp` is written twice", "10:13: ", "did you mean `blocked`?", "12:11: ",
            "13:15: ", "did you mean `error`?", "14:13: ", "15:13: ", "16:14: ", "17:13: no check is named `c`",
            "18:22: ", "18:36: unknown key `p96`", "18:52: ", "19:5: a check needs a `name`", "20:11: ", "21:5: ",
            "24:13: ", "LEADSMAN_TEST_UNSET is not set",
        ] {
            #expect(run.errors.contains(mistake), "\(mistake)\n\(run.errors)")
        }
        #expect(run.errors.split(separator: "\n").allSatisfy { $0.hasPrefix("\(plan):") })
    }

    @Test(
        "What is no plan is bad input",
        arguments: [
            "", "hello", "leadsman: 1\nchecks: []\n", "leadsman: 2\nchecks: [{name: a, tcp: 'a:1'}]\n",
            "leadsman: 1\nchecks:\n  - {name: a, tcp: 'a:1'}\n---\nleadsman: 1\n", "leadsman: 1\nchecks: [", "\u{0}",
            "leadsman: 1\nchecks: &a [*a]\n",
        ])
    func noPlan(_ text: String) async throws {
        let run = try await Program.run("run", "-", input: text)
        #expect(run.status == 2 && run.output.isEmpty)
        #expect(run.errors.hasPrefix("<stdin>:"))
    }

    @Test("A plan that cannot be read is bad input", arguments: ["/nonexistent.yaml", "/tmp", "/proc/self/mem"])
    func unreadable(_ path: String) async throws {
        let run = try await Program.run("run", path)
        #expect(run.status == 2 && run.output.isEmpty && run.errors.hasPrefix("\(path)"))
    }

    @Test("Several plans are one run; a name that stands in two of them is a mistake")
    func several() async throws {
        let scratch = try Scratch()
        let first = try scratch.file("first.yaml", "{leadsman: 1, checks: [{name: a, tcp: '\(open)'}]}")
        let second = try scratch.file("second.yaml", "{leadsman: 1, checks: [{name: b, tcp: '\(open)', needs: [a]}]}")
        let run = try await Program.run("run", first, second, "--format", "json")
        #expect(run.json.list("checks").compactMap { $0.text("name") } == ["a", "b"] || run.status == 2)
        #expect(try await Program.run("run", first, first).status == 2)
    }

    @Test("Every kind runs from a plan, with its keys")
    func kinds() async throws {
        let web = try Peer(.saying(Array("HTTP/1.1 200 OK\r\nX-Color: blue\r\nContent-Length: 3\r\n\r\nok\n".utf8)))
        let plan = """
            leadsman: 1
            vantage: {name: here, labels: {cluster: test}}
            defaults: {timeout: 2s, samples: 2, interval: 10ms}
            limits: {inFlight: 5, perTarget: 2, rate: 1000/s}
            checks:
              - {name: port, tcp: "\(open)", labels: {team: a}, family: 4, source: 127.0.0.1, samples: 3}
              - name: page
                http: http://localhost:\(web.port)/
                family: 4
                expect: {status: [200, 3xx], body: "^ok", headers: {X-Color: blue|red}, latency: {p95: 2s}}
                needs: [port]
              - {name: shut, tcp: "127.0.0.1:\(try Peer.closedPort())", expect: refused}
              - {name: name, dns: localhost, servers: ["127.0.0.1:\(try Peer.closedPort())"], type: A, timeout: 1s}
              - {name: handshake, tls: "\(open)", minVersion: "1.2"}
              - {name: waits, tcp: "\(open)", needs: [handshake]}
            """
        let run = try await Program.run("run", "-", "--format", "json", input: plan)
        #expect(run.status == 1)
        let checks = run.json.list("checks")
        let status = Dictionary(uniqueKeysWithValues: checks.map { ($0.text("name") ?? "", $0.text("status") ?? "") })
        #expect(
            status == [
                "port": "passed", "page": "passed", "shut": "passed", "name": "failed", "handshake": "failed",
                "waits": "skipped",
            ])
        #expect(checks.first?["samples"] as? Int == 3 && checks.first?["labels"] as? [String: String] == ["team": "a"])
        #expect(checks.last?.text("reason")?.contains("handshake") == true)
        let vantage = run.json["vantage"] as? [String: Any] ?? [:]
        #expect(vantage.text("name") == "here" && vantage["labels"] as? [String: String] == ["cluster": "test"])
    }

    @Test("severity replaces that of a broken expectation")
    func severity() async throws {
        let web = try Peer(.saying(Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)))
        func plan(_ severity: String) -> String {
            "{leadsman: 1, checks: [{name: a, http: 'http://127.0.0.1:\(web.port)/', expect: {status: 404}\(severity)}]}"
        }
        #expect(try await Program.run("run", "-", input: plan("")).status == 1)
        let run = try await Program.run("run", "-", "--format", "json", input: plan(", severity: warning"))
        #expect(run.status == 0 && run.json.list("findings").first?.text("severity") == "warning")
    }

    @Test("Each retry is shown")
    func retries() async throws {
        let plan = "{leadsman: 1, checks: [{name: a, tcp: '127.0.0.1:\(try Peer.closedPort())', retries: 2}]}"
        let run = try await Program.run("run", "-", "--format", "json", input: plan)
        let connects = run.json.list("checks").first?.list("facts").filter { $0.text("type") == "connect" } ?? []
        #expect(connects.count == 3)
    }

    @Test("The command line's options stand over the plan's keys")
    func options() async throws {
        let plan = "{leadsman: 1, checks: [{name: a, tcp: '\(open)', samples: 500, interval: 10s}]}"
        let run = try await Program.run(
            "run", "-", "--samples", "2", "--interval", "1ms", "--format", "json", input: plan)
        #expect(run.json.list("checks").first?["samples"] as? Int == 2)
    }

    @Test("Results come as checks end, also while the pacing holds others back")
    func paced() async throws {
        let checks = (0..<3).map { "{name: c\($0), tcp: '\(open)'}" }.joined(separator: ", ")
        let scratch = try Scratch()
        let plan = try scratch.file("plan.yaml", "{leadsman: 1, limits: {rate: 0.1/s}, checks: [\(checks)]}")
        let execution = try Program.start("run", plan, "--format", "jsonl")
        try await execution.waitForOutput("\"c0\"")
        execution.signal(SIGTERM)
        #expect(try await execution.outcome(seconds: 5).status == 143)
    }
}
