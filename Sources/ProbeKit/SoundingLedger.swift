import NetValues
import Observations
import Synchronization

/// What was sounded lately: each sounding costs some tens of packets, and routers ration what they answer (icmp(7),
/// icmp_ratelimit), so that one too many spoils the next.
package final class SoundingLedger: Sendable {
    /// Before that nothing new is to be expected of the same endpoint.
    private static let memory = Duration.seconds(60)
    /// Within that time, over all endpoints: a plan of a thousand dead ports is told by the first of them.
    private static let most = 16

    private struct State {
        var begun: [Endpoint: Instant] = [:]
        var neighbours: [IPAddress: Instant] = [:]
        var services: [ServiceName: Instant] = [:]
        var references: [IPAddress: (fact: SoundingFact?, begun: Instant)] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// True for who may begin, once.
    package func mayBegin(_ endpoint: Endpoint, at now: Instant) -> Bool {
        state.withLock { state in
            state.begun = state.begun.filter { now - $0.value < Self.memory }
            guard state.begun[endpoint] == nil, state.begun.count < Self.most else { return false }
            state.begun[endpoint] = now
            return true
        }
    }

    /// True for who may ask which ports a Service has, once.
    func mayAsk(_ service: ServiceName, at now: Instant) -> Bool {
        state.withLock { state in
            state.services = state.services.filter { now - $0.value < Self.memory }
            guard state.services[service] == nil, state.services.count < Self.most else { return false }
            state.services[service] = now
            return true
        }
    }

    /// True for who may ask on the own link for the next hop towards an address, once.
    func mayAskNeighbours(of address: IPAddress, at now: Instant) -> Bool {
        state.withLock { state in
            state.neighbours = state.neighbours.filter { now - $0.value < Self.memory }
            guard state.neighbours[address] == nil, state.neighbours.count < Self.most else { return false }
            state.neighbours[address] = now
            return true
        }
    }

    /// What shows how far away an address is serves all of its ports.
    enum Reference: Sendable {
        case wanted
        /// Nil while it is being made.
        case made(SoundingFact?)
    }

    func reference(to address: IPAddress, at now: Instant) -> Reference {
        state.withLock { state in
            state.references = state.references.filter { now - $0.value.begun < Self.memory }
            if let known = state.references[address] { return .made(known.fact) }
            state.references[address] = (nil, now)
            return .wanted
        }
    }

    func keep(_ fact: SoundingFact, for address: IPAddress, at now: Instant) {
        state.withLock { $0.references[address] = (fact, now) }
    }
}
