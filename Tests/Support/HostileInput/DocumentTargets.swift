import DNSProbe
import Diagnosis
import HTTPProbe
import ICMPProbe
import JSON
import LinuxIO
import NetValues
import PlanFile
import Planning
import ProbeKit
import Reporting
import TCPProbe
import TLSProbe
import UDPProbe

extension FuzzTarget {
    static let catalogue = ProbeCatalogue([
        DNSProbe.self, TCPProbe.self, TLSProbe.self, HTTPProbe.self, ICMPProbe.self, UDPProbe.self,
    ])

    private static let reader = PlanReader(
        probes: catalogue.descriptions, environment: { $0 == "TOKEN" ? "s3cr3t" : nil },
        readFile: { $0 == "/key" ? .success([0x6b]) : .failure(UnreadableFile(reason: "No such file or directory")) },
        validate: { check in
            do throws(PlanProblem) {
                _ = try catalogue.probe(for: check)
                return nil
            } catch { return error }
        })

    private static let planWords: [String] = {
        let keys = catalogue.descriptions.flatMap { [$0.kind] + ($0.parameters + $0.expectations).map(\.key) }
        let own = [
            "leadsman: 1\nchecks:\n", "name", "needs", "labels", "expect", "samples", "interval", "timeout", "severity",
            "defaults", "limits", "vantage", "${env:TOKEN}", "${file:/key}", "&a ", "*a", "- ", "|\n ", ">\n ", "<<: ",
            "'", "\"", "\\x", "!!str ", "--- ", "...",
        ]
        return own + Set(keys).sorted().map { "\($0): " }
    }()

    /// The fixtures of PlanFileTests are seeds of it too (Scripts/fuzz).
    static let plan = FuzzTarget(
        "plan", words: planWords,
        seeds: {
            [
                """
                leadsman: 1
                defaults: {timeout: 2s, labels: {team: net}}
                limits: {inFlight: 10, rate: 100/s}
                vantage: {name: pod}
                checks:
                  - {name: a, tcp: "db.prod:5432", expect: blocked, needs: [b]}
                  - {name: b, dns: example.com, servers: [198.18.0.1], expect: {rcode: NXDOMAIN}}
                  - &c {name: c, http: "https://x/", headers: {A: "${env:TOKEN}"}, expect: {status: [2xx], body: "a+"}}
                  - {name: d, icmp: 198.18.0.1, samples: 5, interval: 10ms, expect: {loss: 0%, latency: {p99: 10ms}}}
                  - {name: e, tls: "x:443", serverName: y, expect: {validFor: 14d}}
                """
            ].map { Array($0.utf8) }
        }
    ) { bytes in
        switch Result(catching: { () throws(PlanProblems) in try reader.read(bytes: bytes, file: "f") }) {
        case .success(let plan):
            // An alias may repeat a check, which only its name would then forbid.
            try hold((1...bytes.count).contains(plan.checks.count), "\(plan.checks.count) checks")
            try hold(Set(plan.checks.map(\.name)).count == plan.checks.count, "a name twice")
        case .failure(let refusal):
            try hold(!refusal.problems.isEmpty, "refused without a reason")
            try refusal.problems.map(\.description).forEach(isFitToBeShown)
        }
    }

    private static func isFitToBeShown(_ mistake: String) throws {
        try hold(mistake.hasPrefix("f:"), "a mistake without a place: \(mistake)")
        try hold(mistake.utf8.count <= 8192, "a mistake of \(mistake.utf8.count) bytes")
        try hold(!mistake.utf8.contains { $0 < 0x20 }, "a mistake with control characters: \(mistake.debugDescription)")
        try hold(!mistake.contains("s3cr3t"), "a mistake that tells a secret: \(mistake)")
    }

    /// The snapshots of ReportingTests are seeds of it too (Scripts/fuzz).
    static let report = FuzzTarget(
        "report",
        words: [
            "{\"schema\": \"leadsman/report/v1\", ", "\"checks\": [", "\"findings\": [", "\"facts\": [", "\"fact\": ",
            "\\u",
            "\\ud83d\\ude00", "1e308", "-0", "null", "\"latencyMs\": {", "\"comparisons\": [", "\"labels\": {",
        ],
        seeds: { ["{\"a\": [1, -0, 1.5e3, true, null, \"\\u00e9\\n\"]}", "[[[]]]", "\"\""].map { Array($0.utf8) } }
    ) { bytes in
        guard let value = try? JSONParser.parse(bytes) else { return }
        for layout in [JSONWriter.Layout.compact, .indented] {
            let again = try? JSONParser.parse(Array(JSONWriter.text(value, layout: layout).utf8))
            try hold(again == value, "another value after writing")
        }
        guard let report = try? Report(json: value) else { return }
        let json = report.rendered(as: .json, style: TextStyle())
        let again = try? Report(json: JSONParser.parse(Array(json.utf8)))
        try hold(again?.rendered(as: .json, style: TextStyle()) == json, "another report after writing")
        for verbosity in [TextStyle.Verbosity.quiet, .normal, .verbose] {
            let page = report.rendered(as: .text, style: TextStyle(width: 40, verbosity: verbosity))
            try hold(page.hasSuffix("\n") || page.isEmpty, "a page without an end")
            try hold(!page.utf8.contains { $0 < 0x20 && $0 != 0x0a }, "a page with control characters")
        }
        let lines = report.rendered(as: .jsonl, style: TextStyle()).split(separator: "\n")
        let wanted = report.checks.count + report.findings.count + 1
        try hold(lines.count == wanted, "\(lines.count) lines instead of \(wanted)")
    }
}
