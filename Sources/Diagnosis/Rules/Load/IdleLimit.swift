import NetValues
import Observations
import Planning

/// What the connections of one check show of the longest silence that is survived.
struct IdleLimit {
    let check: String
    let subject: String
    let longestAlive: Duration
    let shortestDead: Duration
    /// The connections were reset while nobody spoke, and not when they were used.
    let isReset: Bool
    /// More than one connection was dead.
    let isRepeated: Bool
    let lines: [String]
    private let isSilent: Bool

    /// One for each endpoint where short silences are survived and long ones are not.
    static func all(of check: CheckEvidence) -> [IdleLimit] {
        grouped(check.idleTimes, by: \.endpoint).compactMap { IdleLimit(check, $0.members) }
    }

    private init?(_ check: CheckEvidence, _ facts: [IdleFact]) {
        let alive = facts.filter { $0.end == .satisfied }.map(\.idle)
        let dead = facts.filter(\.isForgotten)
        guard let longest = alive.max(), let shortest = dead.map(\.idle).min() else { return nil }
        // Where a longer silence was survived, the idle time is not what decides.
        guard longest < shortest else { return nil }
        self.check = check.name
        subject = check.subject
        longestAlive = longest
        shortestDead = shortest
        isReset = dead.allSatisfy(\.isWhileIdle)
        isRepeated = dead.count > 1
        isSilent = dead.allSatisfy { $0.end == .deadline || !$0.end.isReset }
        lines = facts.sorted { $0.idle < $1.idle }.suffix(10).map(\.words)
    }

    var cause: String {
        if isReset {
            return
                "Somebody resets connections that are silent for so long: a load balancer or firewall on the way (Azure's load balancer with TCP reset does), or the server itself."
        }
        return isSilent
            ? "A NAT, firewall or load balancer on the way forgets a connection that is silent, and drops what then comes of it without a word."
            : "A NAT, firewall or load balancer on the way forgets a connection that is silent, and what then comes of it is answered by a reset, as of an unknown one; a server that was restarted meanwhile resets too."
    }
}

extension IdleFact {
    /// The connection was gone when it was used, or was reset while nobody used it.
    fileprivate var isForgotten: Bool {
        switch end {
        case .deadline: true
        case .failed(let failure): failure.isReset || failure.name == "ETIMEDOUT"
        case .satisfied, .closed, .tlsFailed: false
        }
    }

    fileprivate var words: String {
        let idle = self.idle == .zero ? "used at once" : "silent for \(self.idle.spoken)"
        if isWhileIdle { return "\(idle): \(end.words), before it was used" }
        return switch end {
        case .satisfied: "\(idle): still works"
        case .deadline: "\(idle): what was then sent was not acknowledged in \(elapsed.spoken)"
        default: "\(idle): \(end.words) when it was used"
        }
    }
}
