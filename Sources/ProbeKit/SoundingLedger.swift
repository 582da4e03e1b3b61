import NetValues
import Observations
import Synchronization

/// What was sounded lately: each sounding costs some tens of packets, and routers ration what they answer (icmp(7),
/// icmp_ratelimit), so that one too many spoils the next.
package final class SoundingLedger: Sendable {
    /// Before that nothing new is to be expected of the same endpoint.
    private static let memory = Duration.seconds(60)

    /// What was begun lately, each once.
    private struct Begun<Key: Hashable> {
        /// Within the memory: a plan of a thousand dead ports is told by the first of them.
        private static var most: Int { 16 }

        private var instants: [Key: Instant] = [:]

        /// True for who may begin.
        mutating func begin(_ key: Key, at now: Instant) -> Bool {
            instants = instants.filter { now - $0.value < SoundingLedger.memory }
            guard instants[key] == nil, instants.count < Self.most else { return false }
            instants[key] = now
            return true
        }

        mutating func giveBack(_ key: Key) { instants[key] = nil }
    }

    private struct State {
        var soundings = Begun<Endpoint>()
        var neighbours = Begun<IPAddress>()
        var services = Begun<ServiceName>()
        var sizes = Begun<IPAddress>()
        var references: [IPAddress: (fact: SoundingFact?, begun: Instant)] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// True for who may begin, once.
    package func mayBegin(_ endpoint: Endpoint, at now: Instant) -> Bool {
        state.withLock { $0.soundings.begin(endpoint, at: now) }
    }

    /// True for who may ask which ports a Service has, once.
    func mayAsk(_ service: ServiceName, at now: Instant) -> Bool {
        state.withLock { $0.services.begin(service, at: now) }
    }

    /// True for who may try how large packets to an address may be, once.
    func mayTryLargePackets(to address: IPAddress, at now: Instant) -> Bool {
        state.withLock { $0.sizes.begin(address, at: now) }
    }

    /// What was begun came to no end.
    func giveBackLargePackets(to address: IPAddress) {
        state.withLock { $0.sizes.giveBack(address) }
    }

    /// True for who may ask on the own link for the next hop towards an address, once.
    func mayAskNeighbours(of address: IPAddress, at now: Instant) -> Bool {
        state.withLock { $0.neighbours.begin(address, at: now) }
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
