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
    /// What a service at an endpoint says to a request, the how manieth of its exchange; nil for nothing.
    package typealias Service = @Sendable (_ request: [UInt8], _ attempt: Int) -> [UInt8]?
    private let services: [Endpoint: Service]
    private let time: ManualTime
    private let record = Mutex<[Datagram]>([])

    package init(
        _ outcomes: [Endpoint: DatagramFact.Outcome] = [:], services: [Endpoint: Service] = [:], time: ManualTime
    ) {
        self.services = services
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

    package func exchange(
        _ requests: [[UInt8]], with endpoint: Endpoint, source: IPAddress?, deadline: Instant,
        isAnswer: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(ProbeInterruption) -> DatagramReply {
        let start = time.now()
        let local = Endpoint("192.0.2.200:40000")
        var sentAt: [Instant] = []
        var stray: [UInt8]?
        for (attempt, request) in requests.enumerated() {
            if Task.isCancelled { throw .cancelled }
            record.withLock { $0.append(Datagram(endpoint: endpoint, payload: request)) }
            sentAt.append(time.now())
            if case .failed(let failure)? = outcomes[endpoint] {
                return DatagramReply(source: local, sentAt: sentAt, endedAt: time.now(), outcome: .failed(failure))
            }
            if let answer = services[endpoint]?(request, attempt) {
                time.advance(to: time.now() + .milliseconds(1))
                if isAnswer(answer) {
                    return DatagramReply(source: local, sentAt: sentAt, endedAt: time.now(), outcome: .answered(answer))
                }
                stray = answer
            }
            time.advance(to: start + (deadline - start) / requests.count * (attempt + 1))
            await Task.yield()
        }
        return DatagramReply(source: local, sentAt: sentAt, endedAt: time.now(), outcome: .silent, stray: stray)
    }
}
