import NetValues
import Observations
import Planning

/// Echo is filtered, the services answer: keeps anybody from calling the host dead (catalogue section 4).
enum ICMPFilteredTCPOK: Rule {
    static let layer = Layer.notice
    static let explanation = FindingExplanation(
        id: "icmp-filtered-tcp-ok", severity: .info, title: "Ping is filtered, but the host answers",
        signals: [
            "echo requests stay unanswered, or a router says that there is no way, while TCP to the same address works"
        ],
        lookalikes: [
            "a host that is down: nothing of it answers", "probe-inconclusive: no right to send echo requests",
        ],
        remedy: [
            "nothing needs doing; allow ICMP echo if you want ping to work, and in any case ICMP 3/4 and ICMPv6 2/0 (path MTU)"
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let filtered = evidence.measured.filter { check in
            check.check.kind == "icmp" && check.check.expectation.word == .reachable && check.isAllFailing
                && !check.echoes.isEmpty
                && check.echoes.allSatisfy {
                    $0.outcome == .lost || evidence.carriers.explainsNothing($0.flow, of: check)
                }
                && check.echoes.contains { evidence.isAlive($0.address) }
        }
        return grouped(filtered, by: \.subject).map { subject, members in
            let addresses = members.flatMap(\.echoes).map(\.address).unique()
            let life = addresses.flatMap { evidence.signsOfLife[$0] ?? [] }
            let errors = members.flatMap(\.echoes).filter { $0.outcome != .lost }.map(\.flow)
            return finding(
                subject, checks: members.map(\.name), confidence: .certain,
                summary: "\(subject) does not answer ping, but it is up: other traffic to it works.",
                evidence: ["\(counted(members.flatMap(\.echoes).count, "echo request")) unanswered"]
                    + flowLines(errors, limit: 2) + flowLines(life, limit: 2),
                cause: errors.isEmpty
                    ? "A filter drops ICMP echo. That alone breaks nothing."
                    : "TCP to this address is led elsewhere, as that of a Service or load balancer is, and echoes are not. That alone breaks nothing."
            )
        }
    }
}
