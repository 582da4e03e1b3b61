import NetValues
import Observations
import ProbeKit
import Synchronization

/// Transfers that come to what a test says, each opening to the next outcome; the last one is used again.
package final class ScriptedBulk: BulkTransferring {
    private let outcomes: Mutex<[BulkOutcome]>
    private let opened = Mutex<[BulkForm]>([])
    private let problem: ThroughputFact.Problem?
    fileprivate let courses = Mutex<[BulkCourse]>([])

    package init(_ outcomes: [BulkOutcome], problem: ThroughputFact.Problem? = nil) {
        self.outcomes = Mutex(outcomes)
        self.problem = problem
    }

    package var forms: [BulkForm] { opened.withLock { $0 } }
    package var run: [BulkCourse] { courses.withLock { $0 } }

    package func open(_ form: BulkForm, deadline: Instant) async throws(ProbeInterruption) -> BulkOpening {
        opened.withLock { $0.append(form) }
        if let problem { return BulkOpening(connects: [], transfer: nil, problem: problem) }
        let outcome = outcomes.withLock { $0.count > 1 ? $0.removeFirst() : $0.first }
        return BulkOpening(connects: [], transfer: outcome.map { Transfer(outcome: $0, owner: self) })
    }

    private struct Transfer: BulkTransfer {
        let outcome: BulkOutcome
        let owner: ScriptedBulk

        func run(_ course: BulkCourse) async throws(ProbeInterruption) -> BulkOutcome {
            owner.courses.withLock { $0.append(course) }
            return outcome
        }

        func halt() {}
        func close() {}
    }
}

/// A host that may not send echo requests.
package struct ForbiddenEcho: EchoOpening {
    package init() {}

    package func open(
        to address: IPAddress, source: IPAddress?, settings: EchoSettings
    ) async throws(ProbeInterruption) -> any EchoSession {
        throw .unable(Inability(.notPermitted, action: "ping", reason: "not here", fix: "none"))
    }
}
