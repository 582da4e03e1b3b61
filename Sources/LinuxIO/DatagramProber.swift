import Glibc
import NetValues
import Observations
import ProbeKit

/// One datagram on a connected UDP socket: the kernel then gives us the errors of this peer alone, with the ICMP message
/// behind them, and a local filter's refusal (EPERM) at once.
package actor UDPProber: DatagramProbing {
    private nonisolated let reactor: Reactor

    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.unownedExecutor }

    package init(reactor: Reactor) {
        self.reactor = reactor
    }

    package func send(
        _ payload: [UInt8], to endpoint: Endpoint, source: IPAddress?, deadline: Instant
    ) async throws(ProbeInterruption) -> DatagramFact {
        let start = Instant.now
        let (outcome, local) = try await exchange(payload, endpoint, source, deadline)
        return DatagramFact(endpoint: endpoint, source: local, elapsed: Instant.now - start, outcome: outcome)
    }

    private func exchange(
        _ payload: [UInt8], _ endpoint: Endpoint, _ source: IPAddress?, _ deadline: Instant
    ) async throws(ProbeInterruption) -> (DatagramFact.Outcome, source: Endpoint?) {
        let socket: OwnedSocket
        do {
            socket = try OwnedSocket.connecting(type: .datagram, to: endpoint, source: source)
            try await reactor.register(socket.descriptor)
        } catch  where error.code == EAFNOSUPPORT {
            return (.failed(SocketFailure(code: error.code, name: errnoName(error.code))), nil)
        } catch {
            throw .unable(error.inability(to: "open a UDP socket to \(endpoint)"))
        }
        do throws(ProbeInterruption) {
            let outcome = try await exchange(payload, endpoint, on: socket, deadline)
            await reactor.unregister(socket.descriptor)
            return (outcome, socket.localEndpoint.flatMap { $0.address.isUnspecified ? nil : $0 })
        } catch {
            await reactor.unregister(socket.descriptor)
            throw error
        }
    }

    private func exchange(
        _ payload: [UInt8], _ endpoint: Endpoint, on socket: OwnedSocket, _ deadline: Instant
    ) async throws(ProbeInterruption) -> DatagramFact.Outcome {
        let refusal = socket.connect(to: endpoint)
        guard refusal == 0 else { return .failed(socket.failure(refusal)) }
        let sent = socket.send(payload[...])
        guard sent.code == 0 else { return .failed(socket.failure(sent.code)) }
        while true {
            let answer = socket.receive(upTo: 2048)
            switch answer.code {
            case 0: return .answered
            case EAGAIN, EINTR: break
            default: return .failed(socket.failure(answer.code))
            }
            if try await !reactor.wait(for: .readable, on: socket.descriptor, until: deadline) {
                return socket.lateError.map { .failed($0) } ?? .silent
            }
        }
    }
}
