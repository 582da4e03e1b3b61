import NetValues

/// Which idle times are worth trying next, as a value: verdicts go in, spans come out. It knows no socket and no clock.
struct IdleSearch {
    enum Verdict: Hashable {
        case alive
        case dead
        /// It was reset, or closed by the server, at this very time, without being used.
        case ended
    }

    /// Spans that devices are known for: Linux closes FIN_WAIT after 60 s, Azure's load balancer forgets after 4 minutes, AKS after 30.
    private static let ladder: [Duration] = [1, 5, 15, 60, 240, 600, 1800, 7200].map { .seconds($0) }
    /// Connections of a round that narrows the limit.
    private static let steps = 8
    private static let mostRounds = 4

    private let longest: Duration
    private var rounds = 0
    private(set) var longestAlive: Duration = .zero
    private(set) var shortestDead: Duration?
    private var isOver = false

    init(longest: Duration) {
        self.longest = longest
    }

    mutating func note(_ idle: Duration, _ verdict: Verdict) {
        switch verdict {
        case .alive: longestAlive = max(longestAlive, idle)
        case .dead: shortestDead = min(shortestDead ?? idle, idle)
        case .ended: isOver = true
        }
    }

    /// In rising order; empty when the limit is known well enough, or cannot be found in the time that is left.
    mutating func nextRound(within left: Duration) -> [Duration] {
        defer { rounds += 1 }
        if rounds == 0 { return Self.ladder.filter { $0 < longest } + [longest] }
        guard !isOver, rounds < Self.mostRounds, let dead = shortestDead, dead > longestAlive else { return [] }
        let width = dead - longestAlive
        guard width > max(.seconds(1), longestAlive / 8), dead < left else { return [] }
        return (1..<Self.steps).map { longestAlive + width * $0 / Self.steps }
    }
}
