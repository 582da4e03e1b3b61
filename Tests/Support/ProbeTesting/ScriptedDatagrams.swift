import NetValues
import Observations
import ProbeKit
import Synchronization

/// UDP by script: an outcome an endpoint; silence, to the deadline, where nothing else is said.
package final class ScriptedDatagrams: DatagramProbing {
    package struct Datagram: Hashable, Sendable {
        package let endpoint: Endpoint
        package let payload: [UInt8]
    }

    private let outcomes: [Endpoint: DatagramFact.Outcome]
    private let time: ManualTime
    private let record = Mutex<[Datagram]>([])

    package init(_ outcomes: [Endpoint: DatagramFact.Outcome] = [:], time: ManualTime) {
        self.outcomes = outcomes
        self.time = time
    }

    package var sent: [Datagram] { record.withLock { $0 } }

    package func send(
        _ payload: [UInt8], to endpoint: Endpoint, source: IPAddress?, deadline: Instant
    ) async throws(ProbeInterruption) -> DatagramFact {
        if Task.isCancelled { throw .cancelled }
        record.withLock { $0.append(Datagram(endpoint: endpoint, payload: payload)) }
        let outcome = outcomes[endpoint] ?? .silent
        let started = time.now()
        time.advance(to: outcome == .silent ? deadline : min(deadline, started + .milliseconds(1)))
        return DatagramFact(endpoint: endpoint, elapsed: time.now() - started, outcome: outcome)
    }
}
