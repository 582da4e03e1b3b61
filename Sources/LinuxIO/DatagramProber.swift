import Glibc
import NetValues
import Observations
import ProbeKit

/// Datagrams on a connected UDP socket: the kernel then gives us the errors of this peer alone, with the ICMP message
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
        let reply = try await exchange([payload], with: endpoint, source: source, deadline: deadline) { _ in true }
        let outcome: DatagramFact.Outcome =
            switch reply.outcome {
            case .answered: .answered
            case .silent: .silent
            case .failed(let failure): .failed(failure)
            }
        return DatagramFact(
            endpoint: endpoint, source: reply.source, elapsed: reply.endedAt - start, outcome: outcome)
    }

    package func exchange(
        _ requests: [[UInt8]], with endpoint: Endpoint, source: IPAddress?, deadline: Instant,
        isAnswer: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(ProbeInterruption) -> DatagramReply {
        let socket: OwnedSocket
        do {
            socket = try OwnedSocket.connecting(type: .datagram, to: endpoint, source: source)
            try await reactor.register(socket.descriptor)
        } catch  where error.code == EAFNOSUPPORT {
            let failure = SocketFailure(code: error.code, name: errnoName(error.code))
            return DatagramReply(source: nil, sentAt: [], endedAt: .now, outcome: .failed(failure))
        } catch {
            throw .unable(error.inability(to: "open a UDP socket to \(endpoint)"))
        }
        do throws(ProbeInterruption) {
            let refusal = socket.connect(to: endpoint)
            var talk = DatagramTalk(socket: socket, isAnswer: isAnswer)
            if refusal == 0 {
                try await hold(&talk, requests, deadline)
            } else {
                talk.end(with: .failed(socket.failure(refusal)))
            }
            await reactor.unregister(socket.descriptor)
            return talk.reply
        } catch {
            await reactor.unregister(socket.descriptor)
            throw error
        }
    }

    private func hold(
        _ talk: inout DatagramTalk, _ requests: [[UInt8]], _ deadline: Instant
    ) async throws(ProbeInterruption) {
        let start = Instant.now
        let share = (deadline - start) / max(1, requests.count)
        for (index, request) in requests.enumerated() where !talk.isOver {
            talk.send(request)
            let until = index == requests.count - 1 ? deadline : start + share * (index + 1)
            while !talk.isOver {
                if talk.receive() { continue }
                if talk.isOver { break }
                if try await !reactor.wait(for: .readable, on: talk.descriptor, until: until) {
                    talk.look()
                    break
                }
            }
        }
    }
}

/// One socket's requests and what has come of them so far.
private struct DatagramTalk {
    private let socket: OwnedSocket
    private let isAnswer: @Sendable ([UInt8]) -> Bool
    private var sentAt: [Instant] = []
    private var ending: (outcome: DatagramReply.Outcome, at: Instant)?
    private var stray: [UInt8]?
    /// A peer may send as much as it likes that is no answer.
    private var straysLeft = 256

    init(socket: OwnedSocket, isAnswer: @escaping @Sendable ([UInt8]) -> Bool) {
        self.socket = socket
        self.isAnswer = isAnswer
    }

    var descriptor: Int32 { socket.descriptor }
    var isOver: Bool { ending != nil }

    mutating func end(with outcome: DatagramReply.Outcome) {
        ending = (outcome, .now)
    }

    mutating func send(_ request: [UInt8]) {
        let instant = Instant.now
        let sent = socket.send(request[...])
        guard sent.code == 0 else { return end(with: .failed(socket.failure(sent.code))) }
        sentAt.append(instant)
    }

    /// Takes what is there; false when nothing is.
    mutating func receive() -> Bool {
        let answer = socket.receive(upTo: DatagramReply.mostBytes)
        switch answer.code {
        case 0: take(answer.bytes)
        case EINTR: break
        case EAGAIN: return false
        default: end(with: .failed(socket.failure(answer.code)))
        }
        return true
    }

    private mutating func take(_ bytes: [UInt8]) {
        guard !isAnswer(bytes) else { return end(with: .answered(bytes)) }
        stray = stray ?? Array(bytes.prefix(DatagramReply.mostStrayBytes))
        straysLeft -= 1
        if straysLeft == 0 { end(with: .silent) }
    }

    /// An error that did not wake anybody.
    mutating func look() {
        if let failure = socket.lateError { end(with: .failed(failure)) }
    }

    var reply: DatagramReply {
        let local = socket.localEndpoint.flatMap { $0.address.isUnspecified ? nil : $0 }
        return DatagramReply(
            source: local, sentAt: sentAt, endedAt: ending?.at ?? .now, outcome: ending?.outcome ?? .silent,
            stray: stray)
    }
}
