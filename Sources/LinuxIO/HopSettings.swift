import CLinux
import Glibc
import NetValues

/// How far a socket's packets may go, and how far an answer may have come.
struct HopSettings: Hashable, Sendable {
    /// TTL or hop limit of what is sent; nil for the system's own.
    var limit: Int?
    /// TCP: what arrives with less is not taken (RFC 5082; IP_MINTTL, IPV6_MINHOPCOUNT of ip(7) and linux/in6.h). That needs no
    /// right, and so measures the hop limit of a reset, which no socket option tells.
    var leastOfAnswers: Int?
    /// Errors are to tell the hop limit with which they came.
    var asksForAnswers = false
}

extension OwnedSocket {
    func apply(_ hops: HopSettings, _ family: IPAddress.Family) throws(SystemCallFailure) {
        let level = Int32(family == .v4 ? IPPROTO_IP : IPPROTO_IPV6)
        if let limit = hops.limit {
            try set(level, family == .v4 ? IP_TTL : IPV6_UNICAST_HOPS, to: Int32(clamping: limit))
        }
        if let least = hops.leastOfAnswers {
            try set(level, family == .v4 ? Self.leastTTL : Self.leastHopCount, to: Int32(clamping: least))
        }
        // Sandboxes without these still answer: then the hop limit is unknown.
        if hops.asksForAnswers { try? set(level, family == .v4 ? IP_RECVTTL : IPV6_RECVHOPLIMIT, to: 1) }
    }

    // linux/in.h and linux/in6.h; the C library of some systems lacks them.
    private static let leastTTL: Int32 = 21
    private static let leastHopCount: Int32 = 73
}
