import Diagnosis
import NetValues
import Observations
import Planning
import Reporting

/// Reports as the engine would make them, small enough to be read whole in a snapshot.
enum SampleReports {
    static func report(
        _ verdict: Judgement.Verdict, _ checks: [CheckJudgement], _ findings: [Finding] = [], isIncomplete: Bool = false
    ) -> Report {
        Report(
            judgement: Judgement(verdict: verdict, checks: checks, findings: findings, isIncomplete: isIncomplete),
            vantage: VantageName(name: "us-east-a", labels: ["cluster": "us-east", "zone": "a"]),
            startedAt: WallTime(seconds: 1_769_860_800), duration: .microseconds(812_400), toolVersion: "0.1.0",
            redact: { $0 })
    }

    static func check(
        _ name: String, _ kind: String = "tcp", target: Target = .hostPort(known(HostPort("db.prod:5432"))),
        status: CheckJudgement.Status = .passed, reason: String? = nil, latencies: [Int] = [1300], failures: Int = 0,
        phases: Phases = Phases(), facts: [Fact] = [], comparisons: [Comparison] = [], samples: Int = 1,
        ending: CheckRecord.Ending = .measured
    ) -> CheckJudgement {
        let spans = latencies.map { Duration.microseconds($0) }
        let taken = (0..<samples).map { index in
            Sample(
                index: index, startedAt: .zero, outcome: index < spans.count ? .answered : .failed(.connect),
                latency: index < spans.count ? spans[index] : nil, facts: index == 0 ? facts : [],
                comparisons: comparisons)
        }
        let check = Check(name: name, kind: kind, target: target, samples: samples)
        return CheckJudgement(
            record: CheckRecord(check: check, samples: taken, ending: ending, startedAt: .zero), status: status,
            reason: reason, failures: failures, latency: LatencySummary(spans), phases: phases)
    }

    static let filtered = Finding(
        id: "tcp-filtered-drop", severity: .error, confidence: .likely, subject: "db.prod:5432",
        checks: ["orders to database", "billing to database"],
        summary: "Nothing answers on TCP 5432 of db.prod (10.0.3.4).",
        evidence: [
            "SYN sent 3 times to 10.0.3.4:5432, no answer of any kind in 3.0 s",
            "the same host answers on TCP 22 in 0.3 ms, so the host and the way to it are well",
        ],
        cause: "A firewall, a security group or a network policy drops packets to this port without a word.",
        remedy: [
            "Allow TCP 5432 from this vantage (us-east-a) to 10.0.3.4 in the network policies and security groups on the way.",
            "If the flow is not wanted, remove the dependency.",
        ], explains: ["orders to database", "orders api health"])

    static let consequence = Finding(
        id: "http-status-unexpected", severity: .warning, confidence: .certain,
        subject: "https://shop.example.com/health",
        checks: ["storefront"], summary: "The health page of shop.example.com says 503 in place of 200.",
        evidence: ["GET /health: 503 Service Unavailable"], cause: "Its database cannot be reached.",
        remedy: ["See the cause."], causedBy: ["tcp-filtered-drop"])

    static let slow = Finding(
        id: "latency-high-p95", severity: .warning, confidence: .certain, subject: "cache.prod:6379", checks: ["cache"],
        summary: "The p95 of cache.prod:6379 is 120 ms, over the limit of 50 ms.", evidence: ["p50 40 ms, p95 120 ms"],
        cause: "The way to it or the host itself is busy.", remedy: ["Compare with another vantage."])

    static let url = Target.url(known(HTTPURL("https://shop.example.com/health")))

    static var hops: [Fact] {
        let endpoint = Endpoint(known(IPAddress("10.0.1.7")), 443)
        let moved = HTTPResponse(
            version: "HTTP/1.1", status: 301, reason: "Moved Permanently",
            headers: [("Location", "https://shop.example.com/health")], bodyBytes: 0, isBodyCut: false, bodyStart: [])
        let broken = HTTPResponse(
            version: "HTTP/1.1", status: 503, reason: "Service Unavailable", headers: [], bodyBytes: 9,
            isBodyCut: false,
            bodyStart: Array("no db\u{1b}[2J".utf8))
        return [("http", moved), ("https", broken)].map { scheme, response in
            .http(
                HTTPFact(
                    url: known(HTTPURL("\(scheme)://shop.example.com/health")), endpoint: endpoint, method: "GET",
                    outcome: .responded(response), firstByte: .milliseconds(4), elapsed: .microseconds(4300)))
        }
    }

    static var failing: Report {
        let phases = Phases(
            resolve: .microseconds(400), connect: .microseconds(300), tls: .microseconds(2200),
            firstByte: .milliseconds(4),
            transfer: .microseconds(200))
        let unmet = Comparison(key: "status", expected: "200", seen: "503", isMet: false, isDeclared: true)
        let name = Target.name(known(DomainName("kubernetes.default.svc.cluster.local")))
        return report(
            .failing,
            [
                check("cluster dns", "dns", target: name, latencies: [310, 290, 420], samples: 3),
                check(
                    "orders to database", status: .failed, reason: "tcp-filtered-drop", latencies: [], failures: 5,
                    samples: 5),
                check(
                    "billing to database", status: .failed, reason: "tcp-filtered-drop", latencies: [], failures: 5,
                    samples: 5),
                check(
                    "storefront", "http", target: url, status: .warned, reason: "http-status-unexpected",
                    latencies: [7100, 6900], failures: 2, phases: phases, facts: hops, comparisons: [unmet], samples: 2),
                check("cache", status: .warned, reason: "latency-high-p95", latencies: [40_000, 120_000], samples: 2),
                check(
                    "orders api health", "http", target: url, status: .skipped,
                    reason: "needs \"orders to database\", which failed", latencies: [], samples: 0,
                    ending: .skipped(because: "needs \"orders to database\", which failed")),
            ], [filtered, slow, consequence])
    }

    static var healthy: Report {
        report(.healthy, [check("database"), check("cache", target: .hostPort(known(HostPort("[fd00::7]:6379"))))])
    }

    static var degraded: Report {
        report(
            .degraded, [check("cache", status: .warned, reason: "latency-high-p95", latencies: [40_000]), check("db")],
            [slow])
    }

    static var unmeasured: Report {
        let inability = Inability(
            .notPermitted, action: "open a raw ICMP socket", reason: "Operation not permitted (EPERM)",
            fix: "sysctl -w net.ipv4.ping_group_range='0 2147483647', or grant CAP_NET_RAW")
        let gateway = Target.host(known(Host("10.0.0.1")))
        return report(
            .inconclusive,
            [
                check("database"),
                check(
                    "gateway", "icmp", target: gateway, status: .unmeasured, reason: inability.description,
                    latencies: [],
                    samples: 0, ending: .unmeasured(inability)),
            ], isIncomplete: true)
    }

    static var interrupted: Report {
        let words = "the run was stopped before this check was done"
        return report(
            .failing,
            [
                check("orders to database", status: .failed, reason: "tcp-filtered-drop", latencies: [], failures: 1),
                check("cache"),
                check(
                    "storefront", "http", target: url, status: .unmeasured, reason: words, latencies: [], samples: 0,
                    ending: .interrupted),
            ], [filtered])
    }

    /// One dead resolver, fifty names.
    static var manyChecks: Report {
        let names = (1...50).map { "service-\($0) resolves" }
        let dead = Finding(
            id: "dns-server-unreachable", severity: .critical, confidence: .certain, subject: "10.96.0.10:53",
            checks: names,
            summary: "The DNS server 10.96.0.10 does not answer.", evidence: ["150 questions over UDP, no answer"],
            cause: "The way to the cluster DNS is broken, or it is down.", remedy: ["Check the cluster DNS pods."])
        let failed = names.enumerated().map { index, name in
            check(
                name, "dns", target: .name(known(DomainName("service-\(index + 1).prod.svc.cluster.local"))),
                status: .failed,
                reason: "dns-server-unreachable", latencies: [], failures: 1)
        }
        return report(.failing, failed + (1...10).map { check("address \($0) answers") }, [dead])
    }

    /// What a hostile peer, or a plan in another script, can put into names and texts.
    static var hostile: Report {
        let bad = "\u{1b}[31mred\u{1b}[0m\n\t\u{202e}evil\u{9b}2J " + String(repeating: "数据库连接", count: 30)
        var finding = filtered
        finding.subject = bad
        finding.summary = bad
        finding.evidence = [bad, String(repeating: "x", count: 500)]
        finding.cause = bad
        finding.remedy = [bad]
        finding.checks = [bad]
        let name = "数据库 👩‍💻 👍🏽 🇩🇪 ✔️ e\u{301}" + bad
        return report(
            .failing,
            [
                check(
                    name, status: .failed, reason: "tcp-filtered-drop", latencies: [], failures: 3, facts: hops,
                    samples: 3),
                check(bad, status: .skipped, reason: bad, latencies: [], samples: 0, ending: .skipped(because: bad)),
                check(
                    "every fact", facts: SampleFacts(text: bad).all,
                    comparisons: [Comparison(key: "k", expected: bad, seen: bad, isMet: false, isDeclared: true)]),
            ], [finding])
    }

    static var all: [(name: String, report: Report)] {
        [
            ("failing", failing), ("healthy", healthy), ("degraded", degraded), ("unmeasured", unmeasured),
            ("interrupted", interrupted), ("many", manyChecks), ("hostile", hostile), ("empty", report(.healthy, [])),
        ]
    }
}
