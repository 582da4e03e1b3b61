import NetValues
import Observations
import Planning
import Wire

/// Packets overtake each other (catalogue section 21).
enum PacketReordering: Rule {
    static let layer = Layer.performance
    static let explainsFailure = false
    static let explanation = FindingExplanation(
        id: "packet-reordering", severity: .warning, title: "Packets overtake each other",
        signals: [
            "more than 1 % (95 % confidence) of echo replies came after that to a later request, or of TCP segments after one with a later sequence number",
            "of a transfer over UDP (leadsman throughput --udp): more than 1 % of the datagrams came behind one with a higher number; from 0.1 % on a note",
        ],
        lookalikes: [
            "packet-loss: a segment that is lost and sent again comes late too, but by a round trip or more",
            "packet-loss: a datagram of a transfer that never comes leaves a gap, and is not late",
            "a capture that was merged from several files or queues has its packets out of order by itself",
        ],
        traps: ["a path that spreads one flow over several links (ECMP by packet) does this on purpose"],
        remedy: [
            "find where the path spreads packets of one flow: bonds with round robin, ECMP by packet, parallel tunnels"
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let echoes = CapturedOrder.echoes(
            evidence, "came after the reply to a later request", ofCheck: { $0.isLate ? 1 : 0 }, ofSeries: \.late)
        let isShuffled = (evidence.packets?.backwardSteps ?? 0) > 0
        let hosts = CapturedOrder.hosts(evidence) { host, capture in
            guard host.segments >= PacketHost.leastSegments else { return nil }
            return CapturedOrder(
                address: host.address.description, checks: capture.checkNames, kind: "TCP segments",
                seen: host.reordered, total: host.segments,
                line:
                    "\(host.reordered) of \(host.segments) segments of conversations with \(host.address) came after later ones, by \(host.furthestReordering) at most",
                caution: capture.caution
                    + (isShuffled
                        ? ["the capture's own time goes backwards in places: its order may not be the wire's"] : []))
        }
        let transfers = CapturedOrder.transfers(evidence, "came behind one with a higher number") { $0.late }
        return (echoes + hosts + transfers).compactMap { order in
            order.severity.map { severity in
                finding(
                    order.address, checks: order.checks, severity: severity,
                    confidence: isShuffled ? .possible : .likely,
                    summary: "\(order.share) of \(order.kind) with \(order.address) come out of order.",
                    evidence: [order.line] + order.caution,
                    cause:
                        "Packets of one flow take several ways of different length, or a queue does not keep their order."
                )
            }
        }
    }
}
