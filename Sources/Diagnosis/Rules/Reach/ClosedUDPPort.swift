import NetValues
import Observations
import Planning

/// Of UDP the target says so by ICMP port unreachable (RFC 1122 section 4.1.3.1): what a reset is to TCP.
extension TCPRefused {
    static func closedUDPPorts(in evidence: Evidence) -> [Finding] {
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
