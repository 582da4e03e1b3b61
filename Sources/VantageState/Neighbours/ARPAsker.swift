import CLinux
import LinuxIO
import NetValues
import Observations
import ProbeKit
import Wire

/// Asks on the own link who has an address, by ARP (RFC 826) from a packet socket: the kernel itself keeps one answer only, and asks
/// no more while it believes to know. IPv4 only.
package actor ARPAsker: NeighbourAsking {
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
        guard let question = ARPQuestion(towards: target, NetworkLists()) else { return nil }
        let start = Instant.now
        let socket = try open(question)
        var claimants: [LinkAddress] = []
        do throws(ProbeInterruption) {
            try await register(socket)
            for _ in 0..<Self.tries where claimants.isEmpty && Instant.now < deadline {
                try send(question, socket)
                let end = min(deadline, .now + Self.patience)
                repeat {
                    hear(question, socket, &claimants)
                } while try await reactor.wait(
                    for: .readable, on: socket.descriptor, until: end)
                hear(question, socket, &claimants)
            }
            await reactor.unregister(socket.descriptor)
        } catch {
            await reactor.unregister(socket.descriptor)
            throw error
        }
        return NeighbourFact(
            address: question.address, interface: question.interface, claimants: claimants, cached: question.cached,
            elapsed: .now - start)
    }

    private func open(_ question: ARPQuestion) throws(ProbeInterruption) -> OwnedSocket {
        let descriptor = leadsman_arp_socket(Int32(clamping: question.index))
        guard descriptor >= 0 else {
            throw .unable(
                SystemCallFailure("socket", code: -descriptor).inability(to: "ask on the link for \(question.address)"))
        }
        return OwnedSocket(adopting: descriptor)
    }

    private func register(_ socket: OwnedSocket) async throws(ProbeInterruption) {
        do throws(SystemCallFailure) {
            try await reactor.register(socket.descriptor)
        } catch { throw .unable(error.inability(to: "watch a packet socket")) }
    }

    private func send(_ question: ARPQuestion, _ socket: OwnedSocket) throws(ProbeInterruption) {
        let packet = question.packet
        let code = leadsman_broadcast_arp(
            socket.descriptor, Int32(clamping: question.index), packet, UInt32(packet.count))
        guard code == 0 else {
            throw .unable(
                SystemCallFailure("sendto", code: -code).inability(to: "ask on the link for \(question.address)"))
        }
    }

    private func hear(_ question: ARPQuestion, _ socket: OwnedSocket, _ claimants: inout [LinkAddress]) {
        for _ in 0..<Self.mostHeard {
            let (bytes, code) = socket.receive(upTo: 128)
            guard code == 0, !bytes.isEmpty else { return }
            guard let link = question.claimant(bytes), !claimants.contains(link),
                claimants.count < Self.mostClaimants
            else { continue }
            claimants.append(link)
        }
    }
}
