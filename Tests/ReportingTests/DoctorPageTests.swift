import Diagnosis
import JSON
import NetValues
import Observations
import Planning
import Testing

@testable import Reporting

// On the main thread: long computations on the pool's two threads would hold up tests that measure time.
@MainActor @Suite struct DoctorPageTests {
    private func check(
        _ name: String, _ part: VantagePart, _ target: String, answers: Bool = true, kind: String = "tcp",
        labels: [String: String] = [:], facts: [Fact] = []
    ) -> CheckJudgement {
        let form: Target.Form = kind == "http" ? .url : kind == "icmp" ? .host : kind == "dns" ? .name : .hostPort
        var check = Check(name: name, kind: kind, target: known(Target(target, form: form)), isAsked: false)
        check.labels = labels.merging([VantagePart.label: part.rawValue]) { $1 }
        let sample = Sample(
            index: 0, startedAt: .zero, outcome: answers ? .answered : .failed(.connect),
            latency: answers ? .milliseconds(2) : nil, facts: facts)
        return CheckJudgement(
            record: CheckRecord(check: check, samples: [sample], ending: .measured, startedAt: .zero),
            status: answers ? .passed : .warned, reason: answers ? nil : "egress-blocked-internet",
            failures: answers ? 0 : 1, latency: LatencySummary(answers ? [.milliseconds(2)] : []), phases: Phases())
    }

    private func report(_ checks: [CheckJudgement], _ change: (inout VantageSurroundings) -> Void = { _ in }) -> Report
    {
        var report = SampleReports.report(.healthy, checks)
        var surroundings = VantageSurroundings()
        change(&surroundings)
        let resolver = ResolverConfiguration(
            servers: [known(Endpoint("10.96.0.10:53"))], search: [known(DomainName("svc.cluster.local"))], ndots: 5)
        report.describe(VantageObservation(surroundings: surroundings), resolver: resolver) {
            $0 == "hidden" ? "${env:SECRET}" : $0
        }
        return report
    }

    private func internet(_ target: String, answers: Bool) -> CheckJudgement {
        check("internet \(target)", .internet, target, answers: answers, labels: [Check.operatorLabel: "Example"])
    }

    private func way(_ checks: [CheckJudgement]) -> String? {
        report(checks).vantage.additions["outbound"]?["internet"]?.string
    }

    @Test func theWayOut_isToldInOneWord() {
        let page = { check("page", .internet, "https://shop.test/", answers: $0, kind: "http") }
        let through = { check("proxied", .proxied, "https://shop.test/", answers: $0, kind: "http") }
        #expect(way([internet("1.1.1.1:443", answers: true), page(true)]) == "direct")
        #expect(way([internet("1.1.1.1:443", answers: true), page(false)]) == "partly")
        #expect(way([internet("1.1.1.1:443", answers: false), page(false), through(true)]) == "proxy")
        #expect(way([internet("1.1.1.1:443", answers: false), page(false), through(false)]) == "none")
        #expect(way([]) == "unknown")
    }

    @Test func whatAPortalAnswers_isNotTheInternet() {
        let page = check("page", .internet, "http://shop.test/", kind: "http")
        var checks = [internet("1.1.1.1:443", answers: false), internet("1.1.1.1:80", answers: true), page]
        #expect(OutboundSummary(report(checks).checks, hasIPv6Route: false).way == .direct)
        let none = OutboundSummary(report(checks).checks, hasIPv6Route: false, portal: ["page"])
        #expect(none.way == .none && none.words.contains("portal"))
        checks[0] = internet("1.1.1.1:443", answers: true)
        #expect(OutboundSummary(report(checks).checks, hasIPv6Route: false, portal: ["page"]).way == .partly)
    }

    @Test func eachLine_saysWhyItMatters_andTheRemarkableIsMarked() {
        let text = report([internet("1.1.1.1:443", answers: false)]).rendered(as: .text, style: TextStyle())
        #expect(text.contains("! internet: no\n    image pulls"))
        #expect(text.contains("0 of 1 answer; not: 1.1.1.1:443\n    (egress-blocked-internet)"))
        #expect(text.contains("search list: svc.cluster.local; ndots:5"))
        #expect(text.contains("no sign of it"))
        #expect(!text.contains("median"), "the table of checks is for --verbose")
    }

    @Test func aStoredReport_showsTheSamePage() throws {
        let original = report([internet("1.1.1.1:443", answers: true)]) { surroundings in
            surroundings.cluster.place = .pod
            surroundings.cluster.namespace = "shop"
            surroundings.proxies.variables = [.init(name: "https_proxy", shown: "hidden")]
        }
        let stored = try Report(json: original.json)
        #expect(stored.rendered(as: .text, style: TextStyle()) == original.rendered(as: .text, style: TextStyle()))
        let text = original.rendered(as: .json, style: TextStyle())
        #expect(text.contains("${env:SECRET}") && !text.contains("hidden"))
    }

    @Test func aGatewayWithoutPing_isThereAllTheSame() {
        let refused = Fact.connect(
            ConnectFact(
                endpoint: known(Endpoint("10.0.0.1:33434")), source: nil, elapsed: .milliseconds(1),
                outcome: .failed(SocketFailure(code: 111, name: "ECONNREFUSED")), tcp: nil))
        var other = check("gateway 10.0.0.1 over TCP", .gateway, "10.0.0.1:33434", facts: [refused])
        other.latency = nil
        var ping = check("gateway 10.0.0.1", .gateway, "10.0.0.1", kind: "icmp")
        ping.latency = nil
        let text = report([ping, other]).rendered(as: .text, style: TextStyle(width: 120))
        #expect(text.contains("gateway 10.0.0.1: is there: a closed port of it refuses"))
    }
}
