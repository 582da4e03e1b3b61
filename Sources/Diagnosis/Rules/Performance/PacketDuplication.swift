import NetValues
import Observations
import Planning
import Wire

/// Packets arrive more than once (catalogue section 21).
enum PacketDuplication: Rule {
    static let layer = Layer.performance
    static let explainsFailure = false
    static let explanation = FindingExplanation(
        id: "packet-duplication", severity: .warning, title: "Packets arrive twice",
        signals: [
            "more than 1 % (95 % confidence) of echo replies came again, or of a host's packets in a capture: the same identification, length and checksum",
            "of a transfer over UDP (leadsman throughput --udp): more than 1 % of the datagrams came again with the same number; from 0.1 % on a note",
        ],
        lookalikes: [
            "a capture that sees each packet twice (a mirror port, a bridge and its member): nearly all are doubled",
            "packet-loss: what TCP sends again has another identification",
        ],
        traps: ["an echo to a broadcast or anycast address is answered by several"],
        remedy: [
            "look for a loop of switches, a misconfigured bond or mirror, two devices that both forward (VRRP, ECMP)"
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let echoes = CapturedOrder.echoes(
            evidence, "came more than once", ofCheck: { min(1, $0.duplicates) }, ofSeries: \.duplicates)
        let hosts = CapturedOrder.hosts(evidence) { host, capture in
            // A third and more are not the network's: the capture sees packets at two places.
            guard host.duplicates * 3 < host.packets else { return nil }
            return CapturedOrder(
                address: host.address.description, checks: capture.checkNames, kind: "packets", seen: host.duplicates,
                total: host.packets,
                line:
                    "\(host.duplicates) of \(host.packets) packets to and from \(host.address) are copies of one before",
                caution: capture.caution)
        }
        let transfers = CapturedOrder.transfers(evidence, "came more than once") { $0.copies }
        return (echoes + hosts + transfers).compactMap { order in
            order.severity.map { severity in
                finding(
                    order.address, checks: order.checks, severity: severity, confidence: .likely,
                    summary: "\(order.share) of \(order.kind) with \(order.address) come twice.",
                    evidence: [order.line] + order.caution,
                    cause: "Something on the way sends them twice: a loop, a mirror, or two devices that both forward.")
            }
        }
    }
}
