import NetValues
import Observations
import Planning
import Wire

/// Some packets are lost, others are not (catalogue section 7).
enum PacketLoss: Rule {
    static let layer = Layer.performance
    static let explanation = FindingExplanation(
        id: "packet-loss", severity: .warning, title: "Packets are lost on the way",
        signals: [
            "of a series of echo requests some stay unanswered: above 1 % a warning, above 5 % an error, or above the plan's limit",
            "without a plan's limit only where the sample shows it: at least two losses, and 95 % confidence that the true loss is above 1 %",
            "in a capture: TCP segments that were sent again because they were lost, of at least a hundred, by the same limits; echoes likewise",
            "of the rounds of a trace: packets to the target stay unanswered by the same limits, and hops from one on lose as many: the loss is between that one and the last that loses fewer",
            "of pairs of DNS questions: as many datagrams in every manner, and none over TCP (leadsman dns NAME --pairs 200)",
        ],
        lookalikes: [
            "icmp-filtered-tcp-ok: none is answered, and TCP works",
            "pmtu-black-hole: only large packets are lost",
            "dns-slow-5s-conntrack-race: of pairs of DNS questions only those from one port lose one",
            "loss at an intermediate hop that does not go on to the target is no loss: routers ration the errors that they send",
            "a target that answers by ICMP errors (UDP to a closed port) rations them too: at even distances, or all that come fast",
        ],
        traps: [
            "5 probes cannot show 1 %: use a hundred", "ICMP may be rate-limited: compare with TCP retransmissions",
            "a segment sent again although it had arrived (spurious) is not lost, nor is one repeated to a peer that went away",
            "what a capture did not get (kernel drops, “previous segment not captured”) was not lost on the way",
        ],
        remedy: [
            "repeat with more samples (leadsman ping --samples 200) and from a second vantage, to find the lossy link",
            "look at interface counters and queue drops along the path",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let lossy = evidence.measured.filter { $0.check.expectation.word == .reachable }.compactMap(Loss.init)
        return placed(in: evidence)
            + grouped(lossy, by: \.check.subject).map { subject, members in
                let sent = members.map(\.sent).reduce(0, +)
                let lost = members.map(\.lost).reduce(0, +)
                let share = Double(lost) / Double(max(1, sent))
                return finding(
                    subject, checks: members.map(\.check.name), severity: share > 0.05 ? .error : .warning,
                    confidence: sent >= 100 ? .certain : lost >= 2 ? .likely : .possible,
                    summary:
                        "\((share * 100).decimals(share < 0.1 ? 1 : 0)) % of packets to \(subject) are lost (\(lost) of \(sent)).",
                    evidence: members.flatMap(\.lines),
                    cause: "A link or queue on the way, or the target itself, drops part of the packets.")
            } + CapturedLoss.all(in: evidence).map(judge) + ofDatagrams(evidence)
    }

    private static func judge(_ loss: CapturedLoss) -> Finding {
        let share = Double(loss.lost) / Double(max(1, loss.sent))
        return finding(
            loss.address.description, checks: loss.checks, severity: share > 0.05 ? .error : .warning,
            confidence: loss.confidence,
            summary:
                "\((share * 100).decimals(share < 0.1 ? 1 : 0)) % of \(loss.kind) between \(loss.address) and its peers are lost (\(loss.lost) of \(loss.sent)).",
            evidence: loss.lines,
            cause: "A link or queue between the two, or one of the hosts itself, drops part of the packets.")
    }

    private struct Loss {
        let check: CheckEvidence
        let sent: Int
        let lost: Int

        init?(_ check: CheckEvidence) {
            let echoes = check.echoes
            sent = echoes.count
            lost = echoes.count { $0.outcome == .lost }
            self.check = check
            // Where errors come in place of replies nothing gets through, and none of it is lost by chance.
            guard lost > 0, echoes.contains(where: { $0.outcome == .replied }) else { return nil }
            if let limit = check.check.expectation.parameters.share("loss") {
                guard Double(lost) / Double(sent) > limit else { return nil }
            } else {
                guard lost >= 2, PacketLoss.lowerBound(lost: lost, of: sent) > 0.01 else { return nil }
            }
        }

        var lines: [String] {
            let sequences = check.echoes.filter { $0.outcome == .lost }.map { String($0.sequence) }
            let bound = PacketLoss.lowerBound(lost: lost, of: sent) * 100
            var lines = ["\(lost) of \(sent) echo requests unanswered (numbers \(listed(sequences, limit: 8)))"]
            lines.append("with 95 % confidence the true loss is at least \(bound.decimals(1)) %")
            if let limit = check.check.expectation.parameters.share("loss") {
                lines.append("the plan allows \((limit * 100).decimals(1)) %")
            }
            return lines
        }
    }

    /// Lower end of the Wilson score interval at 95 % (Wilson 1927).
    static func lowerBound(lost: Int, of sent: Int) -> Double {
        guard sent > 0 else { return 0 }
        let n = Double(sent)
        let p = Double(lost) / n
        let z = 1.96
        let centre = p + z * z / (2 * n)
        let margin = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
        return max(0, (centre - margin) / (1 + z * z / n))
    }
}
