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
            "of a transfer (leadsman throughput): 1 % and more of its packets, and as many in a second one well below the rate of the first",
            "of the rounds of a trace: packets to the target stay unanswered by the same limits, and hops from one on lose as many: the loss is between that one and the last that loses fewer",
            "of pairs of DNS questions: as many datagrams in every manner, and none over TCP (leadsman dns NAME --pairs 200)",
        ],
        lookalikes: [
            "icmp-filtered-tcp-ok: none is answered, and TCP works",
            "pmtu-black-hole: only large packets are lost",
            "dns-slow-5s-conntrack-race: of pairs of DNS questions only those from one port lose one",
            "loss at an intermediate hop that does not go on to the target is no loss: routers ration the errors that they send",
            "a target that answers by ICMP errors (UDP to a closed port) rations them too: at even distances, or all that come fast",
            "rate-limited: answers come at an even rate after a first few, or only a fast series loses any",
        ],
        traps: [
            "5 probes cannot show 1 %: use a hundred",
            "ICMP may be rate-limited: of TCP connections to the same address (20 or more) none that repeats its SYN shows it",
            "large packets alone: compare with a series of small ones",
            "a segment sent again although it had arrived (spurious) is not lost, nor is one repeated to a peer that went away",
            "what a capture did not get (kernel drops, “previous segment not captured”) was not lost on the way",
        ],
        remedy: [
            "repeat with more samples (leadsman ping --samples 200) and from a second vantage, to find the lossy link",
            "look at interface counters and queue drops along the path",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let lossy = evidence.measured.filter { $0.check.expectation.word == .reachable }.compactMap(EchoLoss.init)
            .map { (loss: $0, contrasts: EchoContrasts($0, in: evidence)) }
            .filter { !EchoRateLimit.explains($0.loss, $0.contrasts) }
        return placed(in: evidence)
            + grouped(lossy, by: \.loss.check.subject).map { subject, members in
                judge(subject, members.map(\.loss), members.map(\.contrasts))
            } + CapturedLoss.all(in: evidence).map(judge) + ofDatagrams(evidence)
            + ofTransfers(evidence)
    }

    private static func judge(_ subject: String, _ members: [EchoLoss], _ contrasts: [EchoContrasts]) -> Finding {
        let sent = members.map(\.sent).reduce(0, +)
        let lost = members.map(\.lost).reduce(0, +)
        let share = Double(lost) / Double(max(1, sent))
        let isICMPOnly = contrasts.allSatisfy(\.isICMPOnly)
        let isOfLarge = contrasts.allSatisfy { !$0.smaller.isEmpty }
        // A handful shows that packets are lost, and not how many.
        let isGrave = share > 0.05 && (sent >= 100 || BinomialTest.lowerBound(lost, of: sent) > 0.05)
        return finding(
            subject, checks: members.map(\.check.name), severity: isGrave && !isICMPOnly ? .error : .warning,
            confidence: isICMPOnly ? .possible : isOfLarge || sent < 100 ? .likely : .certain,
            summary:
                "\((share * 100).decimals(share < 0.1 ? 1 : 0)) % of \(isOfLarge ? "large " : "")packets to \(subject) are lost (\(lost) of \(sent)).",
            evidence: zip(members, contrasts).flatMap { $0.lines + $1.lines },
            cause: isICMPOnly
                ? "Only pings are lost, TCP to the same address is not: a limit for ICMP at the target or on the way, more likely than loss on the path."
                : isOfLarge
                    ? "Only large packets are lost: where they are cut into fragments each must arrive; or a link with bit errors, which hit the long ones."
                    : "A link or queue on the way, or the target itself, drops part of the packets.",
            remedy: isOfLarge
                ? ["find the largest packet that the path carries: leadsman mtu \(subject)"] + explanation.remedy
                : explanation.remedy)
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

    /// Above which the true share lies with 95 % confidence (exact binomial).
    static func lowerBound(lost: Int, of sent: Int) -> Double { BinomialTest.lowerBound(lost, of: sent) }
}
