import NetValues
import Observations
import Planning

/// The network interface dropped packets while they were captured (catalogue section 6).
enum InterfaceDrops: Rule {
    static let layer = Layer.notice
    static let explainsFailure = false
    static let explanation = FindingExplanation(
        id: "interface-drops", severity: .warning, title: "An interface of this host drops packets",
        signals: ["the interface's own count of dropped packets rose during the capture"],
        lookalikes: [
            "drops of the capture itself (its buffer was full): our own limit, told with the capture and not a fault",
            "packet-loss: on the way, while interfaces here drop nothing",
        ],
        traps: ["counts since the machine started say nothing: only what rose during the capture counts"],
        remedy: [
            "look at ip -s link and ethtool -S for which counter rises, and at /proc/net/softnet_stat",
            "raise the receive ring (ethtool -G) or net.core.netdev_max_backlog, or give the machine more processor time",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        // Of a run, each check tells the same counts so far.
        let worst = evidence.captures.filter { $0.drops.isKnown && $0.drops.interface > 0 }.max {
            $0.drops.interface < $1.drops.interface
        }
        guard let worst else { return [] }
        let place = worst.check?.packets.map { "the interfaces of \($0.place)" } ?? "the captured interface"
        return [
            finding(
                place, checks: [], confidence: .certain,
                summary: "\(counted(worst.drops.interface, "packet")) dropped by \(place) while this was captured.",
                evidence: [
                    "interface drops \(worst.drops.interface), drops of the capture itself \(worst.drops.kernel)"
                ],
                cause:
                    "More came than the card, its driver or the kernel's queues took: bursts, or too little processor time."
            )
        ]
    }
}
