import Diagnosis
import NetValues
import Observations
import Planning
import Testing

// On the main thread: long computations on the pool's two threads would hold up tests that measure time.
@MainActor @Suite struct CertificateRulesTests {
    @Test func aGoodCertificate_isSilent() {
        #expect(judge(tls(chain: [certificate()])).verdict == .healthy)
    }

    @Test func anExpiredCertificate_isCritical() {
        let past = certificate(to: .seconds(-3 * 86400))
        let judgement = judge(
            tls(
                chain: [past],
                problems: [VerificationProblem(kind: .expired, depth: 0, code: 10, reason: "certificate has expired")]))
        #expect(judgement.ids == ["tls-cert-expired"])
        #expect(judgement.findings[0].severity == .critical)
        #expect(judgement.findings[0].summary.contains("3 days"))
    }

    @Test func anExpiredIntermediate_isFoundToo() {
        let judgement = judge(
            tls(
                chain: [certificate(), certificate(subject: "CN=Intermediate", to: .seconds(-86400))],
                problems: [VerificationProblem(kind: .expired, depth: 1, code: 10, reason: "certificate has expired")]))
        #expect(judgement.ids == ["tls-cert-expired"])
        #expect(judgement.findings[0].summary.contains("issuing certificate"))
    }

    @Test func tenDaysLeft_isAWarning() {
        let judgement = judge(tls(chain: [certificate(from: .seconds(-80 * 86400), to: .seconds(10 * 86400))]))
        #expect(judgement.ids == ["tls-cert-expiring"])
        #expect(judgement.verdict == .degraded)
    }

    @Test func aDayOldMeshCertificate_isNotAlwaysExpiring() {
        #expect(judge(tls(chain: [certificate(from: .seconds(-3600), to: .seconds(23 * 3600))])).verdict == .healthy)
        #expect(
            judge(tls(chain: [certificate(from: .seconds(-20 * 3600), to: .seconds(4 * 3600))])).ids == [
                "tls-cert-expiring"
            ])
    }

    @Test func validFor_replacesTheUsualLimit() {
        let expectation = Expectation(
            isDeclared: true, parameters: Parameters(["validFor": .span(.seconds(90 * 86400))]))
        #expect(judge(tls(chain: [certificate()], expect: expectation)).ids == ["tls-cert-expiring"])
    }

    @Test func anotherName_isAMismatch() {
        let judgement = judge(tls(chain: [certificate(names: ["other.example.com"])], nameMatch: false))
        #expect(judgement.ids == ["tls-name-mismatch"])
        #expect(judgement.findings[0].evidence.contains { $0.contains("other.example.com") })
    }

    @Test func anUnknownIssuer_isUntrusted() {
        let problem = VerificationProblem(
            kind: .unknownIssuer, depth: 0, code: 20, reason: "unable to get local issuer certificate")
        #expect(judge(tls(chain: [certificate()], problems: [problem])).ids == ["tls-chain-untrusted"])
    }

    @Test func expiredCertificate_keepsTheStatusAboveItQuiet() {
        var records = [
            tls(
                chain: [certificate(to: .seconds(-86400))],
                problems: [VerificationProblem(kind: .expired, depth: 0, code: 10, reason: "")])
        ]
        let web = http(hops: [("https://shop.example.com/", 503, nil)], met: false)
        let both = Sample(
            index: 0, startedAt: .zero, outcome: .answered, latency: .milliseconds(9),
            facts: records[0].samples[0].facts + web.samples[0].facts,
            comparisons: records[0].samples[0].comparisons + web.samples[0].comparisons)
        records = [CheckRecord(check: web.check, samples: [both], ending: .measured, startedAt: .zero)]
        #expect(judge(records).ids == ["tls-cert-expired"])
    }
}

@MainActor @Suite struct HTTPRulesTests {
    @Test func anUnexpectedStatus_isNamed() {
        let judgement = judge(http(hops: [("http://shop.example.com/health", 503, nil)], met: false))
        #expect(judgement.ids == ["http-status-unexpected"])
    }

    @Test func aCircleOfRedirects_isALoop() {
        let judgement = judge(
            http(
                hops: [("http://shop.example.com/a", 302, "/b"), ("http://shop.example.com/b", 302, "/a")], met: false))
        #expect(judgement.ids.first == "http-redirect-loop")
    }

    @Test func aRedirectThatEnds_isNoLoop() {
        #expect(
            judge(http(hops: [("http://shop.example.com/a", 302, "/b"), ("http://shop.example.com/b", 200, nil)]))
                .verdict == .healthy)
    }
}

@MainActor @Suite struct PerformanceRulesTests {
    private let slowServer = Phases(
        connect: .milliseconds(1), firstByte: .milliseconds(2900), transfer: .milliseconds(1))

    @Test func aLateFirstByte_isTheServer() {
        let judgement = judge(
            http(hops: [("http://shop.example.com/", 200, nil)], phases: slowServer, latency: .milliseconds(2902)))
        #expect(judgement.ids == ["server-slow"])
    }

    @Test func aSlowConnect_isNotTheServer() {
        let phases = Phases(connect: .milliseconds(2900), firstByte: .milliseconds(5))
        let judgement = judge(
            http(hops: [("http://shop.example.com/", 200, nil)], phases: phases, latency: .milliseconds(2905)))
        #expect(judgement.ids == ["latency-high-p95"])
    }

    @Test func aDeclaredLimit_isAWarningUnlessThePlanSaysMore() {
        let expectation = Expectation(isDeclared: true, latency: [LatencyLimit(.p95, .milliseconds(5))])
        let slow = http(hops: [("http://shop.example.com/", 200, nil)], latency: .milliseconds(10), expect: expectation)
        #expect(judge(slow).findings.map(\.severity) == [.warning])
        let strict = CheckRecord(
            check: {
                var check = slow.check
                check.severity = .error
                return check
            }(), samples: slow.samples, ending: .measured, startedAt: .zero)
        #expect(judge(strict).findings.map(\.severity) == [.error])
        #expect(judge(strict).status("web") == .failed)
    }

    @Test func tenPercentLoss_isAnError() {
        let judgement = judge(ping(lost: Set(stride(from: 0, to: 100, by: 10)), of: 100))
        #expect(judgement.ids == ["packet-loss"])
        #expect(judgement.findings[0].severity == .error)
        #expect(judgement.findings[0].confidence == .certain)
    }

    @Test func oneLossOfFive_showsNothing() {
        let judgement = judge(ping(lost: [2], of: 5))
        #expect(!judgement.ids.contains("packet-loss"))
    }

    @Test func lossWithinThePlansLimit_isHealthy() {
        let expectation = Expectation(isDeclared: true, parameters: Parameters(["loss": .share(0.2)]))
        #expect(judge(ping(lost: [3, 40], of: 50, expect: expectation)).verdict == .healthy)
    }
}

@MainActor @Suite struct JudgementTests {
    @Test func notMeasured_isNotPassed() {
        let inability = Inability(.notPermitted, action: "open a ping socket", reason: "EPERM", fix: "grant it")
        let asked = record(
            "ping", kind: "icmp", target: .host(.address(target.address)), [], ending: .unmeasured(inability))
        let judgement = judge(asked)
        #expect(judgement.verdict == .inconclusive)
        #expect(judgement.isIncomplete)
        #expect(judgement.ids == ["probe-inconclusive"])
        #expect(judgement.status("ping") == .unmeasured)
    }

    @Test func aLayerThatNobodyAskedFor_mayStayUnmeasured() {
        let inability = Inability(.notPermitted, action: "open a ping socket", reason: "EPERM", fix: "grant it")
        let layer = record(
            "ping", kind: "icmp", target: .host(.address(target.address)), asked: false, [],
            ending: .unmeasured(inability))
        let judgement = judge(layer, tcp(.connected))
        #expect(!judgement.isIncomplete)
        #expect(judgement.verdict == .healthy)
    }

    @Test func ofSeveralChecks_theGravestDeclaredSeverityCounts() {
        func severities(_ severity: Severity?, _ other: Severity?) -> [Severity] {
            judge(
                tcp("a", .failed(failure("ECONNREFUSED", 111)), severity: severity),
                tcp("b", .failed(failure("ECONNREFUSED", 111)), severity: other)
            ).findings.map(\.severity)
        }
        #expect(severities(nil, nil) == [.error])
        #expect(severities(.critical, nil) == [.critical] && severities(nil, .critical) == [.critical])
        // Together they show more than each of them.
        #expect(severities(.warning, nil) == [.error] && severities(.warning, .info) == [.error])
    }

    @Test func skippedChecks_areConsequencesOfWhatTheyNeed() {
        let skipped = record("web", target: hostPort(target), [], ending: .skipped(because: "db"))
        let judgement = judge(tcp(.failed(failure("ECONNREFUSED", 111))), skipped)
        #expect(judgement.status("web") == .skipped)
        #expect(judgement.findings[0].explains == ["check “web” was skipped"])
        let next = record("page", target: hostPort(target), [], ending: .skipped(because: "web"))
        #expect(
            judge(tcp(.failed(failure("ECONNREFUSED", 111))), skipped, next).findings[0].explains == [
                "check “web” was skipped", "check “page” was skipped",
            ])
    }

    /// A try that is repeated is no sample of its own.
    @Test func repeatedTries_areNotCountedAsSamples() throws {
        let tries = http(hops: [("http://198.18.2.2/", 503, nil)], met: false, times: 3)
        var check = tries.check
        check.retries = 2
        let web = CheckRecord(check: check, samples: tries.samples, ending: .measured, startedAt: .zero)
        let finding = try #require(judge(web).findings.first)
        #expect(finding.evidence.first == "1 of 1 request so")
    }

    @Test func twoFaults_areBothFound_theGraverFirst() {
        let judgement = judge(
            tcp(.failed(failure("ECONNREFUSED", 111))),
            tls(
                chain: [certificate(to: .seconds(-86400))],
                problems: [VerificationProblem(kind: .expired, depth: 0, code: 10, reason: "")]))
        #expect(judgement.ids == ["tls-cert-expired", "tcp-refused"])
    }

    @Test func everyExplanation_saysSomething() {
        for explanation in RuleBook.explanations {
            #expect(
                !explanation.title.isEmpty && !explanation.signals.isEmpty && !explanation.remedy.isEmpty,
                "\(explanation.id)")
            #expect(!explanation.lookalikes.isEmpty, "\(explanation.id) names no look-alike")
        }
        #expect(Set(RuleBook.explanations.map(\.id)).count == RuleBook.explanations.count)
    }

    @Test func manyRedundantChecks_areJudgedWithoutQuadraticWork() {
        let records = (0..<10_000).map {
            tcp("check \($0)", to: Endpoint(target.address, UInt16($0 % 60_000 + 1)), .connected)
        }
        #expect(judge(records).verdict == .healthy)
    }
}

@Suite struct JoinedFindingsTests {
    private func unmet(_ path: String, _ outcome: HTTPFact.Outcome, status: Bool) throws -> CheckRecord {
        let url = try #require(HTTPURL("http://shop.example.com\(path)"))
        let fact = HTTPFact(
            url: url, endpoint: Endpoint(target.address, 80), method: "GET", outcome: outcome, firstByte: nil,
            elapsed: .milliseconds(2))
        let comparison = Comparison(key: "status", expected: "2xx", seen: "400", isMet: false, isDeclared: false)
        return record(
            path, kind: "http", target: .url(url),
            [sample(status ? .answered : .failed(.response), [.http(fact)], comparisons: status ? [comparison] : [])])
    }

    private func answer(_ status: Int, body: String) -> HTTPFact.Outcome {
        .responded(
            HTTPResponse(
                version: "HTTP/1.1", status: status, reason: "", headers: [], bodyBytes: body.utf8.count,
                isBodyCut: false, bodyStart: Array(body.utf8)))
    }

    private let silent = HTTPFact.Outcome.incomplete(
        .deadline, partial: PartialResponse(status: nil, bytes: 0, start: []))

    @Test func evidenceOfAnExplainedCheck_doesNotStayWithTheUnexplainedOne() throws {
        let judgement = judge(
            try unmet("/gone", silent, status: false), try unmet("/sick", answer(500, body: "oh"), status: true))
        #expect(Set(judgement.ids) == ["http-status-unexpected", "expectation-unmet"])
        let generic = try #require(judgement.findings.first { $0.id == "expectation-unmet" })
        #expect(generic.checks == ["/gone"])
        #expect(generic.subject == "http://shop.example.com/gone")
        #expect(!generic.evidence.contains { $0.contains("/sick") || $0.contains("expected status") })
    }

    @Test func plainHTTPToATLSPort_isToldAsSuch() throws {
        let body = "<title>400 The plain HTTP request was sent to HTTPS port</title>"
        let judgement = judge(try unmet("/", answer(400, body: body), status: true))
        #expect(judgement.ids == ["http-status-unexpected"])
        #expect(judgement.findings.first?.remedy == ["use https:// in the URL"])
    }
}
