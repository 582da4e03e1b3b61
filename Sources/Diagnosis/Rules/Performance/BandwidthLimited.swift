import NetValues
import Observations
import Planning

/// A path carries less than is declared, or drops what is above a rate (catalogue section 7).
enum BandwidthLimited: Rule {
    static let layer = Layer.performance
    static let explanation = FindingExplanation(
        id: "bandwidth-limited", severity: .warning, title: "The bandwidth of a path is limited",
        signals: [
            "a transfer stays below the declared rate (min), and a queue on the path fills: the round trip under load is at least three times the idle one and 10 ms more; a shaper, or a link",
            "over UDP at a rate that was asked for and sent: 1 % and more of the datagrams are lost, and such a queue fills",
            "1 % and more of the packets are lost at the rate that goes, next to none in a second transfer at 60 % of it, and the round trip stays as it was: a policer, or a queue of a few packets",
        ],
        lookalikes: [
            "the receiver's window or the send buffer (TCP_INFO: limited by them for half of the busy time): the hosts', not the path's",
            "a processor that is used up, at this side or the other",
            "a ceiling for one flow (tunnels, one core of a router): several streams together are faster",
            "packet-loss: as much is lost below the rate as at it",
            "bufferbloat: says how long packets wait; this says the rate",
            "pmtu-black-hole: nothing comes through at all",
            "the rate that was asked for (rate, or the server's --server-bitrate-limit)",
        ],
        traps: [
            "every TCP that fills a link fills its queue: without a declared rate that is no fault",
            "a shaper and a link of the same rate look the same from outside",
            "bbr keeps queues short and bears loss: use --congestion cubic or reno to see what others feel",
            "the test is a load of its own: it is asked for, and ends at its time or number of bytes",
        ],
        remedy: [
            "compare with what the link, the contract or the instance size is meant to carry: leadsman throughput HOST --min RATE",
            "look for limits on the way: tc -s qdisc and tc filter on hosts and routers, bandwidth annotations of pods (kubernetes.io/ingress-bandwidth, egress-bandwidth), QoS of the provider",
            "prioritise, compress or cache what crosses it, or get more: in Azure a larger VM size, gateway SKU or ExpressRoute circuit",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let limited = TransferEvidence.all(in: evidence).filter(isLimited)
        return grouped(limited, by: { "\($0.subject) \($0.fact.direction.rawValue)" }).map { _, members in
            judge(members)
        }
    }

    private static func isLimited(_ transfer: TransferEvidence) -> Bool {
        switch transfer.fact.bound {
        case .policer: true
        case .queue: transfer.unmet != nil || transfer.fact.isShortOfRequest
        default: false
        }
    }

    private static func judge(_ members: [TransferEvidence]) -> Finding {
        let first = members[0]
        let isPolicer = first.fact.bound == .policer
        let declared = first.unmet.map { ", declared are \($0.expected)" } ?? ""
        let words =
            isPolicer
            ? "what is above that is dropped"
            : first.fact.isShortOfRequest
                ? "what is above that waits in a queue, and is dropped when it is full"
                : "what is above that waits in a queue"
        return finding(
            first.subject, checks: members.map(\.check.name).unique(), confidence: .likely,
            summary: "The path \(first.way) \(first.subject) carries \(first.rate)\(declared): \(words).",
            evidence: members.prefix(3).flatMap(\.lines),
            cause: isPolicer
                ? "A policer on the way drops packets above a rate, or the narrowest link has a queue of only a few packets: nothing waits, and below the rate nothing is lost."
                : "A link or a shaper on the way is as fast as this: packets wait before it, and are lost only when its queue is full.",
            remedy: explanation.remedy)
    }
}
