import Diagnosis
import JSON
import NetValues
import Observations
import Planning
import Testing

@testable import Reporting

@Suite struct ReportDocumentTests {
    @Test func json_isAsRecorded() throws {
        try expectSnapshot(SampleReports.failing.rendered(as: .json, style: TextStyle()), "failing.json")
        try expectSnapshot(SampleReports.unmeasured.rendered(as: .json, style: TextStyle()), "unmeasured.json")
    }

    @Test func jsonl_isAsRecorded() throws {
        try expectSnapshot(SampleReports.failing.rendered(as: .jsonl, style: TextStyle()), "failing.jsonl")
    }

    @Test func facts_areAsRecorded() throws {
        let facts = SampleFacts(text: "peer's words").all.map { JSONValue.object(FactJSON.json($0)) }
        try expectSnapshot(JSONWriter.text(.array(facts), layout: .indented) + "\n", "facts.json")
    }

    @Test(arguments: SampleReports.all.map(\.name))
    func report_survivesTheRoundTrip(name: String) throws {
        let report = try #require(SampleReports.all.first { $0.name == name }).report
        let text = report.rendered(as: .json, style: TextStyle())
        let stored = try JSONParser.parse(Array(text.utf8))
        let read = try Report(json: stored)
        #expect(read == report)
        #expect(read.rendered(as: .json, style: TextStyle()) == text)
        #expect(read.rendered(as: .text, style: TextStyle()) == report.rendered(as: .text, style: TextStyle()))
    }

    @Test func report_keepsMembersThatItDoesNotKnow() throws {
        let addition: JSONValue = ["p90": 1, "list": [.null, "x"]]
        func extended(_ value: JSONValue) -> JSONValue {
            var object = value.object ?? JSONObject()
            object["future"] = addition
            return .object(object)
        }
        var document = try #require(extended(SampleReports.failing.json).object)
        for key in ["tool", "vantage"] { document[key] = document[key].map(extended) }
        for key in ["checks", "findings"] { document[key] = .array((document[key]?.array ?? []).map(extended)) }
        let report = try Report(json: .object(document))
        let again = try #require(report.json.object)
        for key in ["tool", "vantage"] { #expect(again[key]?["future"] == addition) }
        for key in ["checks", "findings"] {
            let list = try #require(again[key]?.array)
            #expect(!list.isEmpty && list.allSatisfy { $0["future"] == addition })
        }
        #expect(again["future"] == addition)
        #expect(try Report(json: report.json) == report)
    }

    static let broken: [(String, JSONValue?, String)] = [
        ("schema", "leadsman/report/v2", "schema: expected \"leadsman/report/v1\", found \"leadsman/report/v2\""),
        ("schema", nil, "schema: is missing"), ("tool", [], "tool: expected an object, found an array"),
        ("tool", ["name": 1], "tool.name: expected a string, found a number"), ("vantage", nil, "vantage: is missing"),
        ("durationMs", "long", "durationMs: expected a number, found a string"),
        ("verdict", "fine", "verdict: expected one of healthy, degraded, failing, inconclusive, found \"fine\""),
        ("checks", .null, "checks: expected an array, found null"),
        ("checks", [3], "checks[0]: expected an object, found a number"),
        (
            "checks", [["name": "a", "kind": "tcp", "target": "b", "status": "ok"]],
            "checks[0].status: expected one of passed, warned, failed, skipped, unmeasured, found \"ok\""
        ),
        (
            "findings", [["id": "x", "severity": "bad\u{1b}"]],
            "findings[0].severity: expected one of info, warning, error, critical, found \"bad\\u{1b}\""
        ),
        ("vantage", ["name": "a", "labels": ["b": 1]], "vantage.labels.b: expected a string, found a number"),
    ]

    @Test(arguments: broken)
    func report_refusesWhatIsNoReport(key: String, value: JSONValue?, message: String) throws {
        var document = try #require(SampleReports.failing.json.object)
        document[key] = value
        #expect(performing: { try Report(json: .object(document)) }, throws: { "\($0)" == message })
    }

    @Test func report_refusesWrongNumbersOfAChecksSamples() throws {
        for wrong in [JSONValue.int(-1), .double(1.5), .double(1e300), "3", .null] {
            var document = try #require(SampleReports.healthy.json.object)
            var check = try #require(document["checks"]?.array?.first?.object)
            check["samples"] = wrong
            document["checks"] = [.object(check)]
            #expect(throws: ReportProblem.self) { try Report(json: .object(document)) }
        }
    }

    @Test func text_survivesAnyNumbersOfAStoredReport() throws {
        for number in [1e300, -1e300, 9e18, -0.0, 1e-300] {
            var document = try #require(SampleReports.healthy.json.object)
            var check = try #require(document["checks"]?.array?.first?.object)
            check["latencyMs"] = ["p50": .double(number), "p95": .double(number)]
            check["samples"] = .int(.max)
            check["failures"] = .int(.max)
            check["lossPercent"] = .double(number)
            check["facts"] = [["type": "echo", "address": "x", "sequence": .int(.max), "roundTripMs": .double(number)]]
            check["factsOmitted"] = .int(.max)
            check["comparisons"] = [["key": "a", "expected": "b", "seen": "c", "met": false, "samples": .int(.min)]]
            document["checks"] = .array(Array(repeating: .object(check), count: 3))
            document["durationMs"] = .double(number)
            let report = try Report(json: .object(document))
            let text = report.rendered(as: .text, style: TextStyle(verbosity: .verbose))
            #expect(text.hasPrefix("HEALTHY  all 3 checks passed\n"))
        }
    }

    @Test func check_hasDesignsMembers() throws {
        let check = try #require(SampleReports.failing.json["checks"]?.array?[3].object)
        #expect(check["name"] == "storefront")
        #expect(check["status"] == "warned")
        #expect(check["reason"] == "http-status-unexpected")
        #expect(check["samples"] == 2)
        #expect(check["failures"] == 2)
        #expect(check["phasesMs"]?["firstByte"] == .double(4))
        let latency = try #require(check["latencyMs"]?.object).members.map(\.key)
        #expect(latency == ["min", "p50", "p95", "p99", "max", "mean", "stddev", "jitter"])
        let dns = try #require(SampleReports.failing.json["checks"]?.array?[0])
        #expect(dns["reason"] == .null)
        #expect(dns["phasesMs"] == [:])
        let silent = try #require(SampleReports.failing.json["checks"]?.array?[1])
        #expect(silent["latencyMs"] == .null)
    }

    @Test func facts_areCappedAndCounted() throws {
        let facts = Array(repeating: SampleFacts(text: "x").all, count: 20).flatMap { $0 }
        let check = CheckReport(SampleReports.check("many", facts: facts), redact: { $0 })
        #expect(check.facts.count == 200)
        #expect(check.json["factsOmitted"] == .int(facts.count - 200))
    }

    @Test func retries_areNotSamples() {
        var judgement = SampleReports.check("retried", samples: 2)
        var retry = judgement.record.samples[1]
        retry.attempt = 1
        judgement.record.samples.append(retry)
        #expect(CheckReport(judgement, redact: { $0 }).samples == 2)
    }

    @Test func echoSeries_hasLossAndDuplicates() {
        let check = CheckReport(SampleReports.check("ping", "icmp", facts: SampleFacts(text: "x").all), redact: { $0 })
        #expect(check.json["lossPercent"] == .double(66.667))
        #expect(check.json["duplicates"] == 3)
        #expect(CheckReport(SampleReports.check("tcp"), redact: { $0 }).json["lossPercent"] == nil)
    }

    @Test func jsonl_endsWithTheReportWithoutItsLists() throws {
        let lines = SampleReports.failing.rendered(as: .jsonl, style: TextStyle()).split(separator: "\n")
        let values = try lines.map { try JSONParser.parse(Array($0.utf8)) }
        #expect(
            values.compactMap { $0["type"]?.string } == Array(repeating: "check", count: 6)
                + Array(repeating: "finding", count: 3) + ["report"])
        let last = try #require(values.last?.object)
        #expect(last["verdict"] == "failing")
        #expect(last["schema"] == "leadsman/report/v1")
        #expect(last["checks"] == nil && last["findings"] == nil)
        #expect(values.first?["check"] == SampleReports.failing.json["checks"]?.array?.first)
    }
}
