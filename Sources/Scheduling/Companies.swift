import Planning

/// Checks that run beside others (`during`), and who waits for whom.
struct Companies {
    /// The others of each leader, by place in the plan.
    private var followers: [Int: [Int]] = [:]
    private var leaders: [Int: [Int]] = [:]
    private var left: [Int: Int] = [:]
    private var alone: [Int] = []
    private var begun: Set<Int> = []
    /// Leaders that may start.
    var ready: [Int] = []

    init(_ checks: [Check]) {
        guard checks.contains(where: { !$0.during.isEmpty }) else { return }
        let byName = Dictionary(checks.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        for (index, check) in checks.enumerated() where !check.during.isEmpty {
            // Unknown names were refused before.
            let others = Set(check.during).compactMap { byName[$0] }.filter { $0 != index }.sorted()
            followers[index] = others
            left[index] = others.count
            for other in others { leaders[other, default: []].append(index) }
            if others.isEmpty { alone.append(index) }
        }
    }

    func isLeader(_ index: Int) -> Bool { followers[index] != nil }

    /// Those that wait for a leader, once for each that they wait for.
    var members: [Int] { followers.values.flatMap(\.self) }

    /// - Returns: those that wait for this leader to begin, the first time that it is told.
    mutating func begin(_ index: Int) -> [Int] {
        begun.insert(index).inserted ? followers[index] ?? [] : []
    }

    /// A check is over.
    mutating func leave(_ index: Int) {
        for leader in leaders.removeValue(forKey: index) ?? [] {
            left[leader, default: 1] -= 1
            if left[leader] == 0 { alone.append(leader) }
        }
    }

    mutating func takeAlone() -> [Int] {
        defer { alone = [] }
        return alone
    }
}
