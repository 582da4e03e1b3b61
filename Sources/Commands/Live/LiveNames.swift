import LinuxIO
import NetValues
import Observations
import ProbeKit
import Synchronization
import Wire

/// Names of addresses by reverse DNS, for who looks: asked in the background, a few at a time, each address once. Nothing waits for
/// them.
final class LiveNames: Sendable {
    private struct State {
        var names: [IPAddress: String] = [:]
        var asked: Set<IPAddress> = []
        var waiting: [IPAddress] = []
        var inFlight = 0
    }

    private let instruments: Instruments
    private let state = Mutex(State())

    private static let patience = Duration.seconds(3)
    private static let mostInFlight = 8
    private static let mostAddresses = 1024

    init(_ instruments: Instruments) {
        self.instruments = instruments
    }

    /// Those that are known; the others are asked for.
    func names(of addresses: [IPAddress]) -> [IPAddress: String] {
        state.withLock { state in
            for address in addresses where state.asked.count < Self.mostAddresses {
                if state.asked.insert(address).inserted { state.waiting.append(address) }
            }
            while state.inFlight < Self.mostInFlight, let address = state.waiting.popLast() { ask(address, &state) }
            return state.names
        }
    }

    private func ask(_ address: IPAddress, _ state: inout State) {
        guard let name = address.reverseName, let server = instruments.capabilities.resolver.servers.first else {
            return
        }
        state.inFlight += 1
        Task(executorPreference: instruments.reactor.executor) { [self] in
            let inquiry = ServerInquiry(
                exchange: instruments.capabilities.dns, time: instruments.time, server: server, source: nil)
            let facts = try? await inquiry.ask(name, .ptr, deadline: instruments.time.now() + Self.patience)
            finish(address, facts?.lazy.compactMap(Self.name).first)
        }
    }

    private func finish(_ address: IPAddress, _ name: String?) {
        state.withLock { state in
            state.names[address] = name
            state.inFlight -= 1
            if let next = state.waiting.popLast() { ask(next, &state) }
        }
    }

    /// Without the dot at its end; nil for anything that is no name of a host.
    private static func name(_ fact: DNSFact) -> String? {
        for record in fact.message?.answers ?? [] {
            if case .name(let text) = record.data, let name = DomainName(text) { return name.relative.description }
        }
        return nil
    }
}
