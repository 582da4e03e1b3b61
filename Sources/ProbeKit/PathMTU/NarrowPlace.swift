import NetValues
import Observations

/// Where packets of a size vanish: sent with one hop limit after the other, beside small ones. A router looks at the hop limit before
/// it looks at the size (ip_forward), so that the last one that answers for a large packet is the one behind which, or in whose own way
/// out, the limit stands.
struct NarrowPlace {
    let session: any PathSession
    /// What vanishes, and what does not.
    let size: Int
    let small: Int
    let patience: Duration
    let time: any TimeSource
    let deadline: Instant

    private static let mostHops = 30
    /// Few at once, since routers ration what they answer (icmp_ratelimit): two of each limit.
    private static let breadth = 4
    /// After so many limits at which not even small packets are answered nothing more is expected.
    private static let longestSilence = 8

    private struct Pair {
        let large: PathHop
        let small: PathHop
    }

    func find() async throws(ProbeInterruption) -> (last: PathHop?, beyond: PathHop?) {
        var pairs: [Pair] = []
        var next = 1
        while next <= Self.mostHops, time.now() < deadline {
            let limits = Array(next..<(next + Self.breadth))
            pairs += try await round(limits)
            if pairs.contains(where: \.small.outcome.isEnd) { break }
            if pairs.suffix(Self.longestSilence).allSatisfy({ $0.small.outcome == .silent }),
                pairs.count >= Self.longestSilence
            {
                break
            }
            next += Self.breadth
        }
        let last = pairs.last { if case .expired = $0.large.outcome { true } else { false } }?.large
        let beyond = pairs.first { $0.small.limit > (last?.limit ?? 0) && $0.small.outcome != .silent }?.small
        guard let beyond, try await isGone(at: beyond.limit) else { return (last, nil) }
        return (last, beyond)
    }

    private func round(_ limits: [Int]) async throws(ProbeInterruption) -> [Pair] {
        let end = min(deadline, time.now() + patience)
        let session = session
        let sizes = [size, small]
        let hops = try await concurrently(limits.flatMap { limit in sizes.map { (limit, $0) } }) {
            (packet) throws(ProbeInterruption) in
            try await session.hop(packet.0, packet.1, until: end)
        }
        return limits.indices.compactMap { index in
            guard hops.indices.contains(index * 2 + 1) else { return nil }
            return Pair(large: hops[index * 2], small: hops[index * 2 + 1])
        }
    }

    /// Once more the large packet, and a small one after it: the silence may have been a ration that was used up.
    private func isGone(at limit: Int) async throws(ProbeInterruption) -> Bool {
        guard time.now() < deadline else { return true }
        let large = try await session.hop(limit, size, until: min(deadline, time.now() + patience))
        guard large.outcome == .silent else { return false }
        return true
    }
}

extension PathSession {
    fileprivate func hop(_ limit: Int, _ size: Int, until end: Instant) async throws(ProbeInterruption) -> PathHop {
        let reply = try await send(PathPacket(limit: limit, size: size, dontFragment: true), deadline: end)
        return PathHop(
            limit: limit, outcome: reply.outcome, roundTrip: reply.roundTrip, isKernelStamped: reply.isKernelStamped,
            replyHopLimit: reply.replyHopLimit)
    }
}
