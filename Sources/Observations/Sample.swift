import NetValues
import Planning

/// One taking of a check's measurement: its facts, its latency, and how it compares with what was expected.
package struct Sample: Sendable {
    package enum Outcome: Hashable, Sendable {
        /// The exchange of the kind completed (an answer came, whatever it says).
        case answered
        /// The network or the peer did not let it complete, at this stage; the facts say how.
        case failed(Stage)
    }

    /// Position in the series, from 0.
    package let index: Int
    /// 0 for the first try, more for retries that the plan asked for.
    package var attempt: Int
    /// Since the start of the run.
    package let startedAt: Duration
    /// From its start until it was recorded; nil where a series records samples together.
    package var elapsed: Duration?
    package let outcome: Outcome
    /// How long this process stood still within it: so much less the latency may have been. Found when it is judged.
    package var stalled = Duration.zero
    /// Of the kind's own measure (`ProbeDescription.latency`); nil when there was nothing to measure.
    package var latency: Duration?
    package var phases: Phases
    package var facts: [Fact]
    package let comparisons: [Comparison]

    package init(
        index: Int, attempt: Int = 0, startedAt: Duration, outcome: Outcome, latency: Duration?,
        phases: Phases = Phases(),
        facts: [Fact], comparisons: [Comparison] = []
    ) {
        self.index = index
        self.attempt = attempt
        self.startedAt = startedAt
        self.outcome = outcome
        self.latency = latency
        self.phases = phases
        self.facts = facts
        self.comparisons = comparisons
    }

    /// Answered, and all that was expected of the answer holds.
    package var isGood: Bool { outcome == .answered && comparisons.allSatisfy(\.isMet) }
}

package enum Stage: String, Hashable, Sendable, CaseIterable {
    case resolve, connect, banner, tls, request, response, echo, query
    /// A proxy was reached, and did not let it through.
    case proxy
    /// Hops towards the target, or sizes.
    case path
    /// A transfer with a peer that takes part in it.
    case exchange
}

/// Where the time of a sample went; the sum explains the total. Only stages that happened are set.
package struct Phases: Hashable, Sendable {
    package var resolve: Duration?
    package var connect: Duration?
    package var tls: Duration?
    package var firstByte: Duration?
    package var transfer: Duration?

    package init(
        resolve: Duration? = nil, connect: Duration? = nil, tls: Duration? = nil, firstByte: Duration? = nil,
        transfer: Duration? = nil
    ) {
        self.resolve = resolve
        self.connect = connect
        self.tls = tls
        self.firstByte = firstByte
        self.transfer = transfer
    }
}

/// Something expected beside something seen. The probe compares, since it alone knows its protocol; what an unmet
/// expectation means is judged elsewhere.
package struct Comparison: Hashable, Sendable {
    /// `status`, `certificate`, `answers`: the key under `expect`, or the kind's own unwritten demand.
    package let key: String
    package let expected: String
    package let seen: String
    package let isMet: Bool
    /// Written in the plan, or the kind's own demand.
    package let isDeclared: Bool

    package init(key: String, expected: String, seen: String, isMet: Bool, isDeclared: Bool) {
        self.key = key
        self.expected = expected
        self.seen = seen
        self.isMet = isMet
        self.isDeclared = isDeclared
    }
}

/// All that became known about one check.
package struct CheckRecord: Sendable {
    package enum Ending: Hashable, Sendable {
        case measured
        /// A check that it needs did not pass.
        case skipped(because: String)
        /// We could not do our work.
        case unmeasured(Inability)
        /// The run was stopped before the check was done; the samples taken so far stand.
        case interrupted
    }

    package let check: Check
    package var samples: [Sample]
    package var ending: Ending
    package var startedAt: Duration
    /// Nil without `--evidence`, or where we have no right to capture.
    package var packets: CheckPackets?

    package init(
        check: Check, samples: [Sample], ending: Ending, startedAt: Duration, packets: CheckPackets? = nil
    ) {
        self.check = check
        self.samples = samples
        self.ending = ending
        self.startedAt = startedAt
        self.packets = packets
    }

    package var facts: some Sequence<Fact> { samples.lazy.flatMap(\.facts) }
}
