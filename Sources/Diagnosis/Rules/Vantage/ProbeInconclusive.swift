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
            "a search for the path MTU comes to nothing, since packets of every size are lost",
            "a transfer stays below the declared rate, and this side's own processor, pace or buffer is what held it up",
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
            if case .unmeasured(let inability) = check.ending, ![.starved, .notApplicable].contains(inability.code) {
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
        } + sizes(evidence) + rates(evidence)
    }

    private static func rates(_ evidence: Evidence) -> [Finding] {
        evidence.measured.compactMap(\.transferShortage).map { shortage in
            let transfer = shortage.transfer
            let declared = transfer.unmet?.expected ?? "the declared rate"
            return finding(
                transfer.subject, checks: [transfer.check.name], confidence: .certain,
                summary:
                    "Whether the path \(transfer.way) \(transfer.subject) carries \(declared) could not be told: \(shortage.words) held the transfer up.",
                evidence: transfer.lines + transfer.fact.failureWords,
                cause: "This is a limit of the measuring host, not of the network: the path was not asked for more.",
                remedy: [shortage.remedy, "or measure from a vantage that has it"])
        }
    }

    private static func sizes(_ evidence: Evidence) -> [Finding] {
        evidence.measured.compactMap { check in
            guard check.undecidedSizes != nil else { return nil }
            return finding(
                check.subject, checks: [check.name], confidence: .certain,
                summary: "How large packets to \(check.subject) may be could not be told.",
                evidence: check.pathMTUs.map(\.words),
                cause:
                    "Too many packets are lost, whatever their size, or the answers are rationed: what is lost for its size cannot be told from what is lost by chance.",
                remedy: [
                    "measure the loss first: leadsman ping \(check.subject) --samples 200",
                    "search for longer (--timeout 60s), and by another method (--method icmp, udp, or tcp with a port)",
                ])
        }
    }
}
