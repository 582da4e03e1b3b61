import NetValues
import Observations

/// A check that met silence while this host's own reverse path filter dropped packets (net.ipv4.conf.*.rp_filter, RFC 3704; counter
/// IPReversePathFilter). A capture says it with more right, where there is one.
struct ReversePathSilence {
    let check: CheckEvidence
    let flows: [Flow]
    private let dropped: UInt64
    private let strict: [String]

    /// Each attempt that was answered brought at least one packet to drop: where the counter rose by less than all silent attempts of the run,
    /// it is open which of them it was about, and none is blamed.
    static func all(in evidence: Evidence) -> [ReversePathSilence] {
        guard let dropped = evidence.vantage.growth["TcpExt.IPReversePathFilter"], dropped > 0 else { return [] }
        let interfaces = evidence.vantage.latest.interfaces.filter { $0.isUp && !$0.isLoopback }
        // Loose filtering drops only what could not be answered at all, and a single interface has no other beside it.
        let strict = interfaces.filter { $0.reversePathFilter == 1 }.map(\.name)
        guard !strict.isEmpty, interfaces.count > 1 else { return [] }
        let hops = NextHops(evidence)
        let silent = evidence.cutOff { $0 == .silent }.compactMap { check, flows -> ReversePathSilence? in
            guard flows.count == check.decisiveFlows.count, check.packets == nil,
                flows.allSatisfy({ $0.destination.family == .v4 }), hops?.silent(of: flows) == nil
            else { return nil }
            return ReversePathSilence(check: check, flows: flows, dropped: dropped, strict: strict)
        }
        // A datagram need not be answered by a server that lives.
        let owed = silent.reduce(0) { $0 + $1.flows.count { $0.carrier != .udp || $0.port == 53 } }
        return UInt64(owed) <= dropped ? silent : []
    }

    var lines: [String] {
        [
            "IPReversePathFilter of this network namespace rose by \(dropped) during the run",
            "rp_filter is strict on \(listed(strict))",
        ]
    }
}
