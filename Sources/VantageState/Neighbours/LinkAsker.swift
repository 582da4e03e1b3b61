import LinuxIO
import NetValues
import Observations
import ProbeKit
import Wire

/// How one address is asked for on a link, and who says that it has it.
protocol LinkQuestion: Sendable {
    var hop: NextHop { get }
    func open() throws(SystemCallFailure) -> OwnedSocket
    func send(from socket: OwnedSocket) throws(SystemCallFailure)
    /// Nil for all that is no answer.
    func claimant(_ bytes: [UInt8]) -> LinkAddress?
}

/// Asks on the own link who has an address: the kernel itself keeps one answer only, and asks no more while it believes to know.
package actor LinkAsker: NeighbourAsking {
    private nonisolated let reactor: Reactor

    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.unownedExecutor }

    package init(reactor: Reactor) {
        self.reactor = reactor
    }

    /// Machines on one link answer within milliseconds; two that have one address both do.
    private static let patience = Duration.milliseconds(300)
    private static let tries = 2
    /// Who sends more than that is no neighbour.
    private static let mostClaimants = 16
    private static let mostHeard = 256

    package func ask(towards target: IPAddress, deadline: Instant) async throws(ProbeInterruption) -> NeighbourFact? {
        guard let hop = NextHop(towards: target, NetworkLists()) else { return nil }
        let question: any LinkQuestion =
            switch hop.address.family {
            case .v4: ARPQuestion(hop: hop)
            case .v6: SolicitationQuestion(hop: hop)
            }
        do {
            return try await ask(question, deadline)
        } catch let failure as SystemCallFailure {
            throw .unable(failure.inability(to: "ask on the link for \(hop.address)"))
        } catch let interruption as ProbeInterruption {
            throw interruption
        } catch {
            throw .cancelled
        }
    }

    private func ask(_ question: any LinkQuestion, _ deadline: Instant) async throws -> NeighbourFact {
        let start = Instant.now
        let hop = question.hop
        let socket = try question.open()
        try await reactor.register(socket.descriptor)
        var claimants: [LinkAddress] = []
        do {
            for _ in 0..<Self.tries where claimants.isEmpty && Instant.now < deadline {
                try question.send(from: socket)
                let end = min(deadline, .now + Self.patience)
                repeat {
                    hear(question, socket, &claimants)
                } while try await reactor.wait(for: .readable, on: socket.descriptor, until: end)
                hear(question, socket, &claimants)
            }
        } catch {
            await reactor.unregister(socket.descriptor)
            throw error
        }
        await reactor.unregister(socket.descriptor)
        return NeighbourFact(
            address: hop.address, interface: hop.interface, claimants: claimants, cached: hop.cached,
            elapsed: .now - start)
    }

    private func hear(_ question: any LinkQuestion, _ socket: OwnedSocket, _ claimants: inout [LinkAddress]) {
        for _ in 0..<Self.mostHeard {
            let (bytes, code) = socket.receive(upTo: 256)
            guard code == 0, !bytes.isEmpty else { return }
            guard let link = question.claimant(bytes), !claimants.contains(link),
                claimants.count < Self.mostClaimants
            else { continue }
            claimants.append(link)
        }
    }
}
