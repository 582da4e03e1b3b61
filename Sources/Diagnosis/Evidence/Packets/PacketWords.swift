import NetValues
import Observations
import Wire

extension TroubledFlow {
    var names: String { "\(record.a) to \(record.b)" }

    /// "198.18.1.2:40000 to 198.18.2.2:81: 5 SYNs in 4.1 s, no packet back"
    var silenceWords: String {
        "\(names): \(counted(tcp.fromA.syns, "SYN"))\(synSpan) on the wire, no packet back"
    }

    /// The reset beside what else its alleged sender sent.
    func words(of reset: ResetRecord, usual: ClosedRange<UInt8>?) -> String {
        let sender = reset.isFromA ? record.a : record.b
        let side = reset.isFromA ? tcp.fromA : tcp.fromB
        let own = side.handshakeHopLimit.map {
            "; the \(reset.isFromA ? "SYN" : "SYN-ACK") of \(sender.address) came with TTL \($0)"
        }
        let other = usual.map { range in
            "; other packets of \(sender.address) come with TTL "
                + (range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)")
        }
        return
            "\(place.name(reset.frame, at: reset.at)): RST from \(sender), TTL \(reset.hopLimit), window \(reset.window)\(own ?? other ?? "")"
    }

    func words(of error: QuotedError) -> String {
        "\(place.name(error.frame, at: error.at)): \(error.sender) says \(error.name) about \(names)"
    }

    private var synSpan: String {
        // A clock that was set back says nothing of how long it took.
        guard tcp.fromA.syns > 1, let first = tcp.fromA.firstSYNAt, let last = tcp.fromA.lastSYNAt, last >= first else {
            return ""
        }
        return " in \((last - first).spoken)"
    }
}

extension PacketTarget {
    /// "3 of 20 conversations"
    func share(_ count: Int) -> String { "\(count) of \(counted(flows, "conversation"))" }

    /// Lines about the first few conversations of a trouble, and how many more there are.
    func lines(_ trouble: FlowTrouble, limit: Int = 3, _ words: (TroubledFlow) -> String?) -> [String] {
        let shown = flows(in: trouble).prefix(limit).compactMap(words)
        let more = count(trouble) - shown.count
        return more > 0 && !shown.isEmpty ? shown + ["… and \(more) more like these"] : shown
    }
}
