import Diagnosis
import NetValues
import Observations
import Planning
import Reporting
import Testing

@Suite struct RedactionInReportsTests {
    private let secret = "s3cr\"et€\\value"
    private let shown = "${env:TOKEN}"

    /// A report with the secret in every text that comes from outside.
    private func report(_ redact: (String) -> String) -> Report {
        let inability = Inability(.badFile, action: "read \(secret)", reason: secret, fix: secret)
        let comparison = Comparison(key: "body", expected: secret, seen: secret, isMet: false, isDeclared: true)
        let facts = SampleFacts(text: secret).all
        var checks = [
            SampleReports.check(
                secret, status: .failed, reason: "tcp-refused", facts: facts, comparisons: [comparison]),
            SampleReports.check("a", status: .skipped, reason: "needs \(secret)", ending: .skipped(because: secret)),
            SampleReports.check("b", status: .unmeasured, ending: .unmeasured(inability)),
            SampleReports.check("c", status: .unmeasured, reason: "cannot \(secret)", ending: .unmeasured(inability)),
        ]
        checks[1].record = CheckRecord(
            check: Check(
                name: "a", kind: "http",
                target: .url(HTTPURL(scheme: .http, host: known(Host("x")), requestTarget: "/\(secret)")),
                labels: [secret: secret]),
            samples: [], ending: .skipped(because: secret), startedAt: .zero)
        var finding = Finding(
            id: "tcp-refused", severity: .error, confidence: .certain, subject: secret, checks: [secret],
            summary: secret,
            evidence: [secret], cause: secret, remedy: [secret], causedBy: [], explains: [secret])
        finding.location = Finding.Location(file: secret, line: 7, object: secret)
        finding.patch = secret
        return Report(
            judgement: Judgement(verdict: .failing, checks: checks, findings: [finding], isIncomplete: true),
            vantage: VantageName(name: secret, labels: [secret: secret]), startedAt: WallTime(seconds: 0),
            duration: .zero,
            toolVersion: "0", redact: redact)
    }

    private func replaced(_ text: String) -> String {
        var rest = Array(text.utf8)[...]
        var result: [UInt8] = []
        while !rest.isEmpty {
            if rest.starts(with: secret.utf8) {
                result += Array(shown.utf8)
                rest = rest.dropFirst(secret.utf8.count)
            } else if let byte = rest.popFirst() {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    @Test func secrets_areShownAsReferencesInEveryFormat() {
        let clean = report(replaced)
        for format in OutputFormat.allCases {
            let text = clean.rendered(as: format, style: TextStyle(width: 200, verbosity: .verbose))
            #expect(!text.contains("s3cr"))
            #expect(text.contains(shown))
        }
    }

    /// The test above would prove nothing if the secret stood nowhere.
    @Test func secrets_wouldBeShown_withoutRedaction() {
        let text = report { $0 }.rendered(as: .json, style: TextStyle())
        #expect(text.split(separator: "s3cr", omittingEmptySubsequences: false).count > 100)
    }

    /// A reference that holds the secret itself would otherwise grow.
    @Test func redaction_happensOnce() {
        let text = report { "<\($0)>" }.rendered(as: .json, style: TextStyle())
        #expect(!text.contains("<<"))
        #expect(text.contains("\"subject\": \"<s3cr"))
        #expect(text.contains("\"id\": \"tcp-refused\""))
        #expect(text.contains("\"reason\": \"tcp-refused\""))
    }

    /// What a finding says of manifests comes through: where to mend, and with what.
    @Test func placeAndPatch_areKept() throws {
        let finding = try #require(report { "<\($0)>" }.findings.first?.finding)
        #expect(finding.location == Finding.Location(file: "<\(secret)>", line: 7, object: "<\(secret)>"))
        #expect(finding.patch == "<\(secret)>")
    }
}
