import Observations
import Planning

/// What could not be measured here, and what would settle it: never counted as passed (catalogue section 14).
enum ProbeInconclusive: Rule {
    static let layer = Layer.notice
    static let explainsFailure = false
    static let explanation = FindingExplanation(
        id: "probe-inconclusive", severity: .info, title: "Something could not be measured from here",
        signals: [
            "a right, a descriptor or a file that the probe needs is missing",
            "the other end of a test serves somebody else meanwhile (iperf3 runs one test at a time)",
        ],
        lookalikes: ["any failure of the network: there the probe did its work, and the answer was bad"],
        traps: ["must not count as passed, and must not be blamed on the network"],
        remedy: [
            "grant what is missing, or run from a vantage that has it; wait for a busy server, or use one at another port"
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let unable = evidence.checks.compactMap { check -> (check: CheckEvidence, inability: Inability)? in
            // A starved process has a finding of its own.
            if case .unmeasured(let inability) = check.ending, inability.code != .starved {
                (check, inability)
            } else {
                nil
            }
        }
        return grouped(unable, by: { $0.inability }).map { inability, members in
            finding(
                inability.action, checks: members.map(\.check.name), confidence: .certain,
                summary: inability.code == .serverBusy
                    ? "The server is at work for somebody else, so this process could not \(inability.action)."
                    : "This process could not \(inability.action).",
                evidence: [inability.reason],
                cause: inability.code == .serverBusy
                    ? "The server is reached and well, and at work for somebody else; it says nothing about the path."
                    : "This is a limit of the measuring process, not of the network; it says nothing about the target.",
                remedy: [inability.fix])
        }
    }
}
