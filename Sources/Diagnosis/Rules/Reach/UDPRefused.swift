import NetValues
import Observations
import Planning

/// The target itself says that nothing listens on a UDP port (RFC 1122 section 4.1.3.1): what a reset is to TCP.
enum UDPRefused: Rule {
    static let layer = Layer.reach
    static let explanation = FindingExplanation(
        id: "udp-refused", severity: .error, title: "Nothing listens on the UDP port",
        signals: ["ICMP port unreachable (3/3, IPv6 1/4) from the target's own address answers the request"],
        lookalikes: [
            "tcp-rejected: the same error from a device on the way, or another code: a filter",
            "udp-no-response: nothing comes back at all",
            "local-egress-denied: the send itself fails with EPERM",
            "service-no-endpoints: the error comes from a node, for a Service without ready pods",
        ],
        traps: [
            "hosts send few of these errors a second: of many requests some stay unanswered all the same",
            "a filter of the target's own host that rejects by port unreachable looks the same from here",
        ],
        remedy: [
            "start the server, or correct the port",
            "see what it listens on (ss -lun there): a server bound to 127.0.0.1 is closed to everybody else",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let refused = evidence.measured.filter { check in
            let flows = check.targetFlows
            return check.asksServices && check.check.expectation.word != .refused
                && !check.check.expectation.isClosedByOmission
                && flows.contains(where: isRefused) && flows.allSatisfy { isRefused($0) || $0.outcome == .silent }
        }
        let unexpected = refused.filter { $0.check.expectation.word == .reachable }
        let unproven = refused.filter { $0.check.expectation.word == .blocked }
        return grouped(unexpected, by: \.subject).map { subject, members in
            finding(
                subject, checks: members.map(\.name), confidence: .certain,
                summary: "\(subject) refuses UDP: nothing listens there.",
                evidence: flowLines(members.flatMap(\.targetFlows)),
                cause: "The target itself says so by ICMP: no process has this UDP port at this address.")
        }
            + grouped(unproven, by: \.subject).map { subject, members in
                finding(
                    subject, checks: members.map(\.name), severity: .warning, confidence: .certain,
                    summary:
                        "\(subject) should be blocked; it refuses UDP, which does not show that a policy stops it.",
                    evidence: flowLines(members.flatMap(\.targetFlows)),
                    cause: "The target itself says that the port is closed, so the request got there.",
                    remedy: [
                        "make sure that a policy denies this flow; a denied flow is silent or answered by a device on the way",
                        "or say expect: refused when a closed port is what you want",
                    ])
            }
    }

    private static func isRefused(_ flow: Flow) -> Bool {
        if case .refused = flow.outcome { true } else { false }
    }
}
