import NetValues
import Observations

/// Routers that pass the packets of one flow to each other until its hop limit is used up (catalogue id routing-loop).
struct Circle: Hashable {
    /// In the order of the way, each with the first limit at which it answered.
    let routers: [Router]
    /// So many hops later the same router answers again.
    let period: Int
    /// Others of it stay silent: one router alone comes again and again.
    let isBroken: Bool

    struct Router: Hashable {
        let limit: Int
        let address: IPAddress
    }

    /// Longer circles than this would not come round three times within the limits that are tried.
    private static let longestPeriod = 8
    /// One router that answers twice may stand on two ways; the packets of two flows are not told apart by some carriers.
    private static let leastTurns = 3

    /// Nil where anything but routers answered: then the packets get somewhere. A router that answers for all limits from its own on is
    /// a translator that puts its address on the errors of those behind it (RFC 5508 section 4.2), or one that passes on packets whose hop
    /// limit has run out.
    init?(_ hops: [SoundingFact.Hop]) {
        guard !hops.contains(where: \.outcome.isEnd) else { return nil }
        let heard = hops.compactMap { hop -> Router? in
            if case .expired(let address) = hop.outcome { Router(limit: hop.limit, address: address) } else { nil }
        }.sorted { $0.limit < $1.limit }
        let turning = Self.turning(heard)
        guard let period = turning.period, let first = turning.routers.first else { return nil }
        let distinct = grouped(turning.routers, by: \.address).map(\.members[0])
        // Behind the first of the circle, a silence of as many hops each time.
        let isBroken = distinct.count == 1
        if isBroken, !Self.isSilent(between: turning.routers, in: hops) { return nil }
        routers = isBroken ? [first] : distinct
        self.period = period
        self.isBroken = isBroken
    }

    /// The longest end of the way that repeats, with the least period in which it does.
    private static func turning(_ heard: [Router]) -> (routers: [Router], period: Int?) {
        for start in heard.indices {
            let rest = Array(heard[start...])
            for period in 2...longestPeriod where repeats(rest, every: period) { return (rest, period) }
        }
        return ([], nil)
    }

    /// Each router answers only at limits a multiple of the period apart, and the limits between are another's or nobody's. One of them
    /// comes three times at least, and each second one as well that is known.
    private static func repeats(_ routers: [Router], every period: Int) -> Bool {
        var places: [Int: IPAddress] = [:]
        var owners: [IPAddress: Int] = [:]
        var turns: [IPAddress: Int] = [:]
        for router in routers {
            let place = router.limit % period
            if let known = places[place], known != router.address { return false }
            if let known = owners[router.address], known != place { return false }
            places[place] = router.address
            owners[router.address] = place
            turns[router.address, default: 0] += 1
        }
        guard let most = turns.values.max(), most >= leastTurns else { return false }
        return turns.values.allSatisfy { $0 >= leastTurns - 1 }
    }

    private static func isSilent(between routers: [Router], in hops: [SoundingFact.Hop]) -> Bool {
        guard let first = routers.first?.limit, let last = routers.last?.limit else { return false }
        let heard = Set(routers.map(\.limit))
        let asked = Set(hops.filter { $0.limit > first && $0.limit < last }.map(\.limit))
        return !asked.subtracting(heard).isEmpty
    }

    /// "198.18.1.1 (hop 1) and 198.18.2.2 (hop 2)"
    var words: String { listed(routers.map { "\($0.address) (hop \($0.limit))" }, limit: 4) }
}
