import NetValues

/// Between the largest size that passed and the smallest that did not: which sizes to try next. A value; it knows no network.
package struct SizeSearch: Sendable {
    /// What it never goes below, and beyond.
    package let floor: Int
    package private(set) var ceiling: Int
    package private(set) var passed: Int?
    package private(set) var refused: Int?
    /// Sizes that passed although a smaller one had not, or the reverse.
    package private(set) var contradictions = 0
    /// Path MTUs that somebody has named, the latest first: tried before all others.
    private var claims: [Int] = []

    /// So often the path may change its mind.
    private static let mostContradictions = 3
    private static let mostClaims = 8

    /// MTUs of links and tunnels that are met in practice: Ethernet with jumbo frames and what VXLAN leaves of it, FDDI, Ethernet, PPPoE, GRE and
    /// IPIP, VXLAN over IPv4 and IPv6, WireGuard, IPsec, IPv6's least, X.25 and IPv4's customary least (RFC 1191 section 7 for the old ones).
    static let customary = [
        65_535, 9216, 9001, 9000, 8951, 8950, 8930, 4352, 2002, 1500, 1492, 1480, 1476, 1460, 1450, 1440, 1430, 1420,
        1400, 1380, 1360,
        1300, 1280, 1006, 576,
    ]

    /// - Parameter hints: path MTUs that are likely, as one that another carrier found.
    package init(floor: Int, ceiling: Int, hints: [Int] = []) {
        self.floor = floor
        self.ceiling = max(floor, ceiling)
        for hint in hints.reversed() { claim(hint) }
    }

    /// The limit is known to the byte, or there is none.
    package var isOver: Bool {
        guard let passed else { return false }
        return refused.map { $0 <= passed + 1 } ?? (passed >= ceiling)
    }

    package var isUnsteady: Bool { contradictions >= Self.mostContradictions }

    // MARK: What came of a size

    package mutating func pass(_ size: Int) {
        if let refused, size >= refused {
            contradictions += 1
            self.refused = nil
        }
        passed = max(passed ?? size, size)
    }

    /// - Parameter claimed: the path MTU that came with the refusal, if any.
    package mutating func refuse(_ size: Int, claimed: Int? = nil) {
        if let passed, size <= passed {
            contradictions += 1
            self.passed = nil
        }
        refused = min(refused ?? size, size)
        // What is as large as the packet that it refused, or smaller than any link (RFC 791, RFC 8200), says nothing.
        if let claimed, claimed < size { claim(claimed) }
    }

    /// The own link takes no more.
    package mutating func lower(ceiling: Int) {
        self.ceiling = min(self.ceiling, max(floor, ceiling))
        if let refused, refused > self.ceiling { self.refused = nil }
    }

    private mutating func claim(_ size: Int) {
        guard (floor...ceiling).contains(size) else { return }
        claims.removeAll { $0 == size }
        claims.insert(size, at: 0)
        if claims.count > Self.mostClaims { claims.removeLast() }
    }

    // MARK: What to try

    /// - Parameter width: how many at once.
    /// - Returns: descending, each within the bounds that are open; empty when the search is over.
    package func next(width: Int) -> [Int] {
        guard !isOver else { return [] }
        guard let passed else { return first(width) }
        let gap = (passed + 1)...((refused ?? ceiling + 1) - 1)
        var sizes: [Int] = []
        func add(_ size: Int) {
            if gap.contains(size), sizes.count < max(1, width), !sizes.contains(size) { sizes.append(size) }
        }
        // Nothing was refused yet: most paths take all that the own link takes.
        if refused == nil { add(ceiling) }
        for claim in claims {
            add(claim)
            add(claim + 1)
        }
        // What passed is a limit that is met in practice: very likely the next byte is too many.
        if claims.contains(passed) || (Self.customary.contains(passed) && refused != nil) { add(passed + 1) }
        let candidates = Self.customary.filter(gap.contains)
        for index in Self.spread(candidates.count, over: max(1, width) - sizes.count) { add(candidates[index]) }
        let parts = max(1, width) - sizes.count + 1
        for part in stride(from: 1, to: parts, by: 1) { add(gap.lowerBound + (gap.count - 1) * part / parts) }
        return sizes.sorted(by: >)
    }

    private func first(_ width: Int) -> [Int] {
        // Of a path that refused everything so far.
        if let refused { return refused > floor ? [refused > Self.base && floor < Self.base ? Self.base : floor] : [] }
        return [claims.first ?? max(floor, min(ceiling, Self.base))]
    }

    /// What nearly every path takes (RFC 1191 section 5; RFC 8899 section 5.1.2 has 1200 for it).
    private static let base = 1200

    /// Indices of `count` things, `wanted` of them, spread evenly and the middle one first.
    private static func spread(_ count: Int, over wanted: Int) -> [Int] {
        guard count > 0, wanted > 0 else { return [] }
        if wanted >= count { return Array(0..<count) }
        return (1...wanted).map { $0 * count / (wanted + 1) }
    }
}
