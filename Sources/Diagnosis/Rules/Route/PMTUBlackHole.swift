import NetValues
import Observations
import Planning
import Wire

/// Full-size packets vanish without a word, small ones pass (catalogue section 6).
enum PMTUBlackHole: Rule {
    static let layer = Layer.route
    static let explanation = FindingExplanation(
        id: "pmtu-black-hole", severity: .error, title: "Large packets disappear on the way",
        signals: [
            "packets that may not be fragmented pass up to a size and vanish from the next byte on, time and again, while small ones pass beside them, and no ICMP error comes back (leadsman mtu, or beside an exchange that hangs)",
            "in a capture: the handshake and small segments pass, and one of full size is sent again and again and never acknowledged",
        ],
        lookalikes: [
            "asymmetric-routing: not even the first byte passes, and the SYN-ACK is repeated",
            "server-slow: nothing is sent again",
            "packet-loss: segments of every size are lost, and get through when sent again",
            "a filter of large echoes, or of large datagrams: other packets of the same size pass",
            "mtu-mismatch-cni: large packets do not even come to the first hop",
        ],
        traps: [
            "a peer that goes away in the middle of a transfer leaves a segment unacknowledged too, but others of the same size had passed",
            "offloading makes a capture show segments that are larger than any on the wire",
            "it may be one direction only",
            "a clamp of the MSS saves TCP and nothing else: then it is no more than a note",
            "answers are rationed: a size counts as lost only when a smaller one passed beside it",
        ],
        remedy: [
            "let ICMP “fragmentation needed” (3/4) and ICMPv6 “packet too big” pass filters",
            "or lower the MTU of the interface or CNI by the tunnel's overhead (VXLAN 50, IP in IP 20, WireGuard 80), or clamp the MSS (nft: tcp option maxseg size set rt mtu)",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        var found = PathLimit.all(in: evidence).compactMap(searched)
        for capture in evidence.captures {
            for target in capture.targets where target.count(.hole) > 0 {
                let seen = judge(target, capture)
                // The exchange beside which sizes were tried, on the wire: one hole, not two.
                let same = found.firstIndex {
                    !seen.checks.isEmpty && Set(seen.checks).isSubset(of: $0.checks) && $0.severity >= seen.severity
                }
                if let same { found[same].evidence += seen.evidence } else { found.append(seen) }
            }
        }
        return found
    }

    private static func judge(_ target: PacketTarget, _ capture: CaptureEvidence) -> Finding {
        let holes = target.flows(in: .hole).compactMap(Hole.init)
        let name = capture.subject(of: target.server)
        let passed = holes.map(\.passed).max() ?? 0
        let told = holes.compactMap(\.told).first
        let isShown = target.count(.hole) >= 2 || passed > 0
        return finding(
            name, checks: capture.checkNames, confidence: isShown ? capture.confidence(.likely) : .possible,
            summary:
                "Segments of \(holes.map(\.size).min() ?? 0) bytes \(holes.first?.isFromServer == true ? "from" : "to") \(name) vanish on the way, while smaller ones pass.",
            evidence: holes.prefix(3).map(\.words)
                + (told.map {
                    [
                        "\(capture.place.name($0.frame, at: $0.at)): \($0.sender) asks for packets of at most \($0.mtu ?? 0) bytes, which the sender does not heed"
                    ]
                }
                    ?? ["no ICMP in the capture says that they are too large"]) + capture.caution,
            cause: told == nil
                ? "A link on the way carries less than the sender takes for possible, and the ICMP error that would tell it so is filtered."
                : "A link on the way carries less than the sender takes for possible; the ICMP error that says so does not reach the sender, or is ignored."
        )
    }

    private struct Hole {
        let flow: TroubledFlow
        let isFromServer: Bool
        let size: Int
        let repeats: Int
        /// The largest that was acknowledged.
        let passed: Int

        init?(_ flow: TroubledFlow) {
            let isFromServer = flow.tcp.fromB.isBlackHole
            let side = isFromServer ? flow.tcp.fromB : flow.tcp.fromA
            self.flow = flow
            self.isFromServer = isFromServer
            size = side.mostRepeatedSize
            repeats = side.mostRepeats
            passed = side.largestAcknowledged
        }

        var told: QuotedError? { flow.record.icmpErrors.first(where: \.tellsMTU) }

        var words: String {
            let sender = isFromServer ? flow.record.b : flow.record.a
            let small = passed > 0 ? "; up to \(passed) bytes were acknowledged" : ""
            return
                "\(flow.names): \(sender) sent \(size) bytes again \(counted(repeats, "time")), never acknowledged\(small)"
        }
    }
}
