import Foundation
import Testing

/// DESIGN section 8: names and types that users' scripts rest on.
@Suite struct ReportTests {
    private let peer: Peer
    private let closed: UInt16

    init() throws {
        peer = try Peer(.accepting)
        closed = try Peer.closedPort()
    }

    private func report(_ format: String) async throws -> Outcome {
        try await Program.run(
            "tcp", "127.0.0.1:\(peer.port)", "127.0.0.1:\(closed)", "--samples", "3", "--interval", "1ms", "--format",
            format)
    }

    @Test("The report has the members of the contract, with their types")
    func members() async throws {
        let json = try await report("json").json
        #expect(json.text("schema") == "leadsman/report/v1")
        #expect((json["tool"] as? [String: String])?["name"] == "leadsman")
        #expect((json["vantage"] as? [String: Any])?["labels"] is [String: Any])
        #expect(json.text("startedAt")?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
        #expect(json["durationMs"] is Double && json.text("verdict") == "failing")
        let checks = json.list("checks")
        #expect(checks.map { $0.text("status") } == ["passed", "failed"])
        for check in checks {
            #expect(check.text("name") != nil && check.text("kind") == "tcp" && check.text("target") != nil)
            #expect(check["samples"] as? Int == 3 && check["failures"] is Int)
            #expect(check["facts"] is [Any] && check["phasesMs"] is [String: Any])
        }
        let latency = checks.first?["latencyMs"] as? [String: Any] ?? [:]
        #expect(["min", "p50", "p95", "p99", "max", "mean", "stddev"].allSatisfy { latency[$0] is Double })
        #expect(checks.first?["reason"] is NSNull && checks.last?.text("reason") == "tcp-refused")
        #expect(checks.last?["latencyMs"] is NSNull)
    }

    @Test("A finding has the members of the contract, with their types")
    func finding() async throws {
        let finding = try #require(try await report("json").json.list("findings").first)
        #expect(finding.text("id") == "tcp-refused" && finding.text("severity") == "error")
        #expect(finding.text("confidence") == "certain" && finding.text("subject") == "127.0.0.1:\(closed)")
        for key in ["summary", "cause"] { #expect(finding.text(key)?.isEmpty == false) }
        for key in ["checks", "evidence", "remedy"] { #expect((finding[key] as? [String])?.isEmpty == false) }
        for key in ["causedBy", "explains"] { #expect(finding[key] is [String]) }
    }

    @Test("jsonl: a line for each check, each finding, and the rest")
    func stream() async throws {
        let run = try await report("jsonl")
        #expect(run.status == 1)
        #expect(Self.ofNetwork(run.lines).map { $0.text("type") } == ["check", "check", "finding", "report"])
        let last = try #require(run.lines.last)
        #expect(last.text("schema") == "leadsman/report/v1" && last.text("verdict") == "failing")
        #expect(last["checks"] == nil && last["findings"] == nil)
        #expect(run.lines.first?["check"] is [String: Any] && run.lines[2]["finding"] is [String: Any])
    }

    /// A machine that is short of processor time has a finding about itself, which says nothing here.
    private static func ofNetwork(_ lines: [[String: Any]]) -> [[String: Any]] {
        lines.filter { ($0["finding"] as? [String: Any])?.text("id") != "vantage-throttled" }
    }

    @Test("A stored report is rendered in every format, and exits 0 unless --fail-on is given")
    func stored() async throws {
        let scratch = try Scratch()
        let text = try await report("json").output
        let path = try scratch.file("report.json", text)
        #expect(try await Program.run("report", path, "--format", "json").output == text)
        let page = try await Program.run("report", path)
        #expect(page.status == 0 && page.output.hasPrefix("FAILING  1 of 2 checks fails"))
        #expect(try await Program.run("report", "-", "--format", "jsonl", input: text).lines.count >= 4)
        #expect(try await Program.run("report", path, "--fail-on", "error").status == 1)
        #expect(try await Program.run("report", path, "--fail-on", "critical").status == 0)
        #expect(try await Program.run("report", path, "--fail-on", "never").status == 0)
    }

    @Test("The layers of check, the asked one last")
    func layers() async throws {
        let web = try Peer(.saying(Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)))
        let run = try await Program.run("check", "http://127.0.0.1:\(web.port)/", "--format", "json")
        #expect(run.status == 0)
        #expect(run.json.list("checks").compactMap { $0.text("kind") } == ["icmp", "tcp", "http"])
    }

    @Test("The demo finds what it planted")
    func demo() async throws {
        let run = try await Program.run("demo", "--format", "json")
        #expect(run.status == 1 && run.errors.isEmpty)
        let ids = Set(run.json.list("findings").compactMap { $0.text("id") })
        let planted: Set = [
            "dns-server-unreachable", "dns-servfail-upstream", "dns-name-not-found", "tcp-refused", "flow-not-blocked",
            "tls-cert-expired", "tls-name-mismatch", "http-status-unexpected", "http-redirect-loop",
        ]
        #expect(planted.isSubset(of: ids))
        #expect(ids.isDisjoint(with: ["expectation-unmet", "probe-inconclusive"]))
    }
}
