import NetValues
import Observations
import Planning

/// What one endpoint of a range did, in one word: for the table of the range.
package enum EndpointState: String, Hashable, Sendable, CaseIterable {
    /// It answers.
    case open
    /// The target itself says no.
    case closed
    /// Nothing came back at all.
    case silent
    /// A device, or the target's own filter, says that this is forbidden.
    case rejected
    /// Nobody has the address, or no way leads there.
    case unreachable
    /// Nothing left this host.
    case unmeasured

    init(_ check: CheckEvidence) {
        let outcomes = check.decisiveFlows.map(\.outcome)
        let states = Set(outcomes.map(Self.init))
        self = Self.allCases.first { states.contains($0) } ?? .unmeasured
    }

    private init(_ outcome: Flow.Outcome) {
        self =
            switch outcome {
            case .answered: .open
            case .refused: .closed
            case .silent: .silent
            case .rejected: .rejected
            case .unreachable, .expired, .neighbourUnresolved: .unreachable
            case .noRoute, .deniedLocally, .exhaustedLocally, .other: .unmeasured
            }
    }
}
