import NetValues
import Observations
import ProbeKit
import Wire

/// One question on its way, from before its packet is sent until its asker goes on. Touched on the reactor's thread only.
final class OutstandingQuery {
    typealias Ending = Result<DNSReply, ProbeInterruption>

    let id: UInt16
    let question: DNSQuestion
    let deadline: Instant
    unowned let channel: AresChannel
    private var continuation: CheckedContinuation<Ending, Never>?
    private let begun: Instant
    /// When the packet was handed to the kernel; over TCP, when the connection was begun.
    var sentAt: Instant?
    /// Over TCP: the kernel took our question, so the connection had been accepted.
    var isConnected = false
    /// The last thing that came in its place and is no answer.
    var stray: Stray?

    init(
        id: UInt16, question: DNSQuestion, deadline: Instant, channel: AresChannel, begun: Instant,
        continuation: CheckedContinuation<Ending, Never>
    ) {
        self.id = id
        self.question = question
        self.deadline = deadline
        self.channel = channel
        self.begun = begun
        self.continuation = continuation
    }

    var isFinished: Bool { continuation == nil }

    /// The first ending counts: what c-ares or the clock say later changes nothing.
    func finish(_ outcome: DNSFact.Outcome, at now: Instant) {
        end(.success(DNSReply(elapsed: now - (sentAt ?? begun), outcome: outcome)))
    }

    func interrupt(_ interruption: ProbeInterruption) {
        end(.failure(interruption))
    }

    /// The deadline has come: silence, unless something was there that is no answer.
    func expire(at now: Instant) {
        if let stray = stray ?? channel.stray(since: sentAt ?? begun) {
            finish(.malformed(reason: stray.reason, bytes: stray.bytes), at: now)
        } else {
            finish(isConnected ? .connected : .timedOut, at: now)
        }
    }

    private func end(_ ending: Ending) {
        guard let continuation else { return }
        self.continuation = nil
        channel.waiting -= 1
        continuation.resume(returning: ending)
    }
}

/// Bytes from the server's own address and port that answer nothing we asked.
struct Stray {
    let reason: String
    let bytes: [UInt8]
    let arrivedAt: Instant

    init(_ reason: String, _ bytes: [UInt8], at arrivedAt: Instant) {
        self.reason = reason
        self.bytes = Array(bytes.prefix(64))
        self.arrivedAt = arrivedAt
    }
}
