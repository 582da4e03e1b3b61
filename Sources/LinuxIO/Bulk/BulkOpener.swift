import CLinux
import Glibc
import NetValues
import Observations
import ProbeKit

/// Opens the streams of a transfer.
package actor BulkOpener: BulkTransferring {
    private nonisolated let reactor: Reactor
    private nonisolated let connector: TCPConnector

    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.unownedExecutor }

    package init(reactor: Reactor, connector: TCPConnector) {
        self.reactor = reactor
        self.connector = connector
    }

    package func open(_ form: BulkForm, deadline: Instant) async throws(ProbeInterruption) -> BulkOpening {
        form.transport == .tcp
            ? try await openStreams(form, deadline) : try await openDatagramStreams(form, deadline)
    }

    private func openStreams(
        _ form: BulkForm, _ deadline: Instant
    ) async throws(ProbeInterruption) -> BulkOpening {
        var sockets: [OwnedSocket] = []
        var connects: [ConnectFact] = []
        for _ in 0..<form.streams {
            let attempt = try await connector.connect(to: form.endpoint, source: form.source, deadline: deadline)
            connects.append(attempt.fact)
            guard let stream = attempt.stream as? TCPStream else {
                return BulkOpening(connects: connects, transfer: nil)
            }
            if let end = try await stream.write(form.greeting, deadline: deadline) {
                await stream.close()
                let problem = IperfControl.Failure.end(end).problem(during: .streams)
                return BulkOpening(connects: connects, transfer: nil, problem: problem)
            }
            guard let socket = await stream.detach() else {
                return BulkOpening(connects: connects, transfer: nil, problem: .closed(during: .streams))
            }
            if let congestion = form.congestion { try choose(congestion, for: socket) }
            sockets.append(socket)
        }
        return BulkOpening(connects: connects, transfer: BulkSockets(sockets, .tcp))
    }

    private func choose(_ congestion: String, for socket: OwnedSocket) throws(ProbeInterruption) {
        do throws(SystemCallFailure) {
            try socket.setCongestionControl(congestion)
        } catch {
            throw .unable(
                Inability(
                    .notPermitted, action: "use the congestion control \(congestion.escaped(limit: 20))",
                    reason: error.description,
                    fix:
                        "choose one of those that this host has: sysctl net.ipv4.tcp_available_congestion_control, as an ordinary user net.ipv4.tcp_allowed_congestion_control"
                ))
        }
    }

    /// So long for an answer before the greeting is said again.
    private static let patience = Duration.seconds(1)

    private func openDatagramStreams(
        _ form: BulkForm, _ deadline: Instant
    ) async throws(ProbeInterruption) -> BulkOpening {
        var sockets: [OwnedSocket] = []
        for _ in 0..<form.streams {
            let socket: OwnedSocket
            do throws(SystemCallFailure) {
                socket = try OwnedSocket.connecting(type: .datagram, to: form.endpoint, source: form.source)
                let code = socket.connect(to: form.endpoint)
                guard code == 0 else {
                    return BulkOpening(
                        connects: [], transfer: nil, problem: .failed(socket.failure(code), during: .streams))
                }
                try reactor.executor.register(socket.descriptor)
            } catch {
                throw .unable(error.inability(to: "open a UDP socket to \(form.endpoint)"))
            }
            let problem: ThroughputFact.Problem?
            do throws(ProbeInterruption) {
                problem = try await greet(form, on: socket, deadline)
            } catch {
                reactor.executor.unregister(socket.descriptor)
                throw error
            }
            reactor.executor.unregister(socket.descriptor)
            if let problem { return BulkOpening(connects: [], transfer: nil, problem: problem) }
            sockets.append(socket)
        }
        return BulkOpening(connects: [], transfer: BulkSockets(sockets, .udp))
    }

    private func greet(
        _ form: BulkForm, on socket: OwnedSocket, _ deadline: Instant
    ) async throws(ProbeInterruption) -> ThroughputFact.Problem? {
        while Instant.now < deadline {
            let (_, refusal) = socket.send(form.greeting[...])
            if refusal != 0, refusal != EAGAIN { return .failed(socket.failure(refusal), during: .streams) }
            guard let isReply = form.isReply else { return nil }
            let patience = min(deadline, Instant.now + Self.patience)
            while try await reactor.wait(for: .readable, on: socket.descriptor, until: patience) {
                let (bytes, code) = socket.receive(upTo: 64)
                if code == 0 {
                    if isReply(bytes) { return nil }
                } else if code != EAGAIN, code != EINTR {
                    return .failed(socket.failure(code), during: .streams)
                }
            }
        }
        return .silent(during: .streams)
    }
}
