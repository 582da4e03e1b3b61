import Diagnosis
import NetValues
import Observations
import Planning
import Testing
import Wire

@Suite struct DNSServerUnreachableTests {
    private let silence = [
        dnsFact(.timedOut), dnsFact(step: .again, .timedOut), dnsFact(transport: .tcp, step: .contrast, .timedOut),
    ]

    @Test func aSilentServer_isUnreachable() throws {
        let judgement = judge(dns(silence))
        #expect(judgement.ids == ["dns-server-unreachable"])
        #expect(judgement.findings.first?.severity == .critical)
    }

    @Test func fiftyNamesAtADeadServer_areOneFinding() {
        let judgement = judge((0..<50).map { dns("name \($0)", "n\($0).prod", silence) })
        #expect(judgement.ids == ["dns-server-unreachable"])
        #expect(judgement.findings[0].checks.count == 50)
        #expect(judgement.checks.allSatisfy { $0.reason == "dns-server-unreachable" })
    }

    @Test func oneDeadServerOfTwo_isAWarning() {
        let judgement = judge(dns(silence + [dnsFact(resolverB, answer(.noError, addresses: [target.address]))]))
        #expect(judgement.ids == ["dns-server-unreachable"])
        #expect(judgement.verdict == .degraded)
    }

    @Test func aServerThatAnswersElsewhere_isNotUnreachable() {
        let judgement = judge(
            dns(silence), dns("other", "other.prod", [dnsFact(answer(.noError, addresses: [target.address]))]))
        #expect(judgement.ids == ["expectation-unmet"])
    }

    @Test func aClosedPort_isNoSilence() {
        let closed = dns([
            dnsFact(.failed(failure("ECONNREFUSED", 111))),
            dnsFact(step: .again, .failed(failure("ECONNREFUSED", 111))),
        ])
        #expect(judge(closed).ids == ["dns-server-port-closed"])
    }

    @Test func aClosedPortWhoseErrorsAreRateLimited_isClosed() {
        let checks = (0..<50).map { index in
            dns(
                "name \(index)", "n\(index).prod",
                index < 5 ? [dnsFact(.failed(failure("ECONNREFUSED", 111)))] : silence)
        }
        let judgement = judge(checks)
        #expect(judgement.ids == ["dns-server-port-closed"])
        #expect(judgement.findings.first?.checks.count == 50)
    }

    @Test func checksThatNeedTheName_shareTheServersFinding() {
        let unresolved = record(
            "db", target: .hostPort(HostPort(host: .name(name("db.prod")), port: 5432)),
            [sample(.failed(.resolve), silence)])
        let judgement = judge(dns(silence), unresolved)
        #expect(judgement.ids == ["dns-server-unreachable"])
        #expect(judgement.findings[0].checks == ["name", "db"])
    }
}

@Suite struct NameRulesTests {
    @Test func nxdomainFromEveryServer_isAMissingName() {
        #expect(
            judge(dns([dnsFact(answer(.nxDomain)), dnsFact(resolverB, answer(.nxDomain))])).ids == [
                "dns-name-not-found"
            ])
    }

    @Test func answersThatAreAlike_areCountedOnce_overAllChecks() {
        let failing = [dnsFact(answer(.servFail)), dnsFact(answer(.servFail))]
        let judgement = judge(dns("one", "db.prod", failing), dns("two", "db.prod", failing))
        #expect(judgement.findings.first?.evidence.first?.hasSuffix("(4 times)") == true)
    }

    @Test func aNameThatExistsInAnotherForm_isTheSearchPath() {
        let facts = [
            dnsFact(resolverA, "db.prod.", answer(.nxDomain)),
            dnsFact(
                resolverA, "db.prod.svc.cluster.local.", step: .contrast, answer(.noError, addresses: [target.address])),
        ]
        #expect(judge(dns(facts)).ids == ["dns-nxdomain-search-path"])
    }

    @Test func needlessQuestions_areAWarning_fromTwoNamesOn() {
        let hit = dnsFact(resolverA, "db.prod.", answer(.noError, addresses: [target.address]))
        let wasted = ["db.prod.a.test.", "db.prod.b.test."].map { dnsFact(resolverA, $0, answer(.nxDomain)) }
        let judgement = judge(dns(wasted + [hit]))
        #expect(judgement.ids == ["dns-nxdomain-search-path"])
        #expect(judgement.verdict == .degraded)
        #expect(judge(dns(Array(wasted.prefix(1)) + [hit])).verdict == .healthy)
    }

    /// Each pod's resolv.conf is so (ndots:5): only time that it costs makes it a fault.
    @Test(arguments: [(2, Judgement.Verdict.healthy), (60, .degraded)])
    func aServicesLongName_goesThroughTheSearchList(each: Int, verdict: Judgement.Verdict) {
        let long = "db.prod.svc.cluster.local."
        let hit = dnsFact(resolverA, long, answer(.noError, addresses: [target.address]))
        let wasted = ["prod.svc.cluster.local.", "svc.cluster.local.", "cluster.local."].map {
            dnsFact(resolverA, long + $0, elapsed: .milliseconds(each), answer(.nxDomain))
        }
        let judgement = judge(dns(wasted + [hit]))
        #expect(judgement.verdict == verdict && judgement.ids == ["dns-nxdomain-search-path"])
        #expect(judgement.findings.first?.remedy.first?.contains(long) == true)
        #expect(judge(tcp("db", .connected, also: wasted + [hit])).verdict == verdict)
    }

    @Test func servfail_isTheServersUpstream() {
        #expect(judge(dns([dnsFact(answer(.servFail))])).ids == ["dns-servfail-upstream"])
    }

    @Test func servfailOfOneServer_isNoFinding_whenAnotherAnswers() {
        let facts = [dnsFact(answer(.servFail)), dnsFact(resolverB, answer(.noError, addresses: [target.address]))]
        #expect(judge(dns(facts)).verdict == .healthy)
    }

    @Test func refusedAnswer_isAPolicyAndNoClosedPort() {
        #expect(judge(dns([dnsFact(answer(.refused))])).ids == ["dns-refused-by-policy"])
    }

    @Test func refusedWithoutRecursion_isOnlyLikely() {
        #expect(judge(dns([dnsFact(answer(.refused, recursion: false))])).findings.first?.confidence == .likely)
    }
}
