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

    init(_ check: CheckEvidence, in evidence: Evidence) {
        // The datagram beside a silent connection is another port's.
        let connects = check.connects.map(\.flow)
        let states = Set((connects.isEmpty ? check.decisiveFlows : connects).map { Self($0.outcome) })
        let state = Self.allCases.first { states.contains($0) } ?? .unmeasured
        self = state == .closed && evidence.isRefusedByDevice(check) ? .rejected : state
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
