import NetValues
import Observations
import ProbeKit
import Wire

/// One question on its way, from before its packet is sent until its asker goes on.
///
/// `@unchecked Sendable`: touched on the reactor's thread only; what cancels it hops there first.
final class OutstandingQuery: @unchecked Sendable {
    typealias Ending = Result<DNSReply, ProbeInterruption>

    let id: UInt16
    let question: DNSQuestion
    /// The size of answer that its OPT record offers; nil without one.
    let offeredSize: UInt16?
    let deadline: Instant
    unowned let channel: AresChannel
    /// Of the asker, once it waits.
    private var continuation: UnsafeContinuation<Void, Never>?
    private(set) var ending: Ending?
    private let begun: Instant
    /// When the packet was handed to the kernel; over TCP, when the connection was begun.
    var sentAt: Instant?
    /// Over TCP: the kernel took our question, so the connection had been accepted.
    var isConnected = false
    /// Of the socket by which it left.
    var source: Endpoint?
    /// The last thing that came in its place and is no answer.
    var stray: Stray?

    init(
        id: UInt16, question: DNSQuestion, offeredSize: UInt16?, deadline: Instant, channel: AresChannel, begun: Instant
    ) {
        self.id = id
        self.question = question
        self.offeredSize = offeredSize
        self.deadline = deadline
        self.channel = channel
        self.begun = begun
    }

    var isFinished: Bool { ending != nil }

    /// - Parameter continuation: resumed once, at the ending; at once when that was there first.
    func wait(_ continuation: UnsafeContinuation<Void, Never>) {
        if isFinished { continuation.resume() } else { self.continuation = continuation }
    }

    /// The first ending counts: what c-ares or the clock say later changes nothing.
    func finish(_ outcome: DNSFact.Outcome, at now: Instant) {
        end(.success(DNSReply(elapsed: now - (sentAt ?? begun), outcome: outcome, source: source, id: id)))
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
        guard !isFinished else { return }
        self.ending = ending
        channel.waiting -= 1
        continuation?.resume()
        continuation = nil
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
