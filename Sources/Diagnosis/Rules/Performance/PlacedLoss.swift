import NetValues
import Observations
import Planning

extension PacketLoss {
    /// On which part of the way, by the rounds of a trace.
    static func placed(in evidence: Evidence) -> [Finding] {
        let lossy = evidence.measured.filter { $0.check.expectation.word == .reachable }.flatMap { check in
            check.paths.compactMap { PathLoss($0) }.map { (check: check, loss: $0) }
        }
        return lossy.map { check, loss in
            let target = loss.target
            let name = loss.series.summary.destination.address.description
            let subject = check.check.target.host?.description ?? name
            let confidence: Finding.Confidence =
                loss.isDoubtful ? .possible : target.sent >= 100 && loss.lastGood != nil ? .certain : .likely
            return finding(
                subject, checks: [check.name],
                severity: target.share > 0.05 && !loss.isDoubtful ? .error : .warning, confidence: confidence,
                summary:
                    "\((target.share * 100).decimals(target.share < 0.1 ? 1 : 0)) % of packets to \(subject) are lost (\(target.lost) of \(target.sent)), \(loss.place).",
                evidence: [
                    "a trace by \(loss.series.summary.carrier.words) of \(counted(loss.series.summary.rounds, "round"))"
                ] + loss.lines,
                cause: loss.isDoubtful
                    ? "A link or queue there drops part of the packets; or the target sends fewer ICMP errors than it is asked for."
                    : "A link or queue there drops part of the packets, on their way there or on the way back.",
                remedy: (loss.isDoubtful
                    ? [
                        "measure it with echoes or over TCP, which no host rations: leadsman ping --samples 200 \(subject)"
                    ]
                    : ["look at the interface counters and queue drops of the two ends of that part of the way"])
                    + explanation.remedy)
        }
    }
}
