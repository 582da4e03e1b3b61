import NetValues
import Observations

/// UDP datagrams and what the kernel's error queue says of them. Needs no right.
package protocol DatagramProbing: Sendable {
    /// One datagram; whatever comes back is an answer.
    func send(
        _ payload: [UInt8], to endpoint: Endpoint, source: IPAddress?, deadline: Instant
    ) async throws(ProbeInterruption) -> DatagramFact

    /// Requests from one socket, spread evenly over the time until the deadline, until one is answered or an error comes.
    /// - Parameters:
    ///   - requests: at least one; the second is sent only when the first got no answer, and so on.
    ///   - isAnswer: tells an answer to any of them from what else a peer may send.
    func exchange(
        _ requests: [[UInt8]], with endpoint: Endpoint, source: IPAddress?, deadline: Instant,
        isAnswer: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(ProbeInterruption) -> DatagramReply
}

/// What came of requests over UDP.
package struct DatagramReply: Sendable {
    package enum Outcome: Hashable, Sendable {
        case answered([UInt8])
        case silent
        case failed(SocketFailure)
    }

    /// Where they left from; nil where they did not.
    package let source: Endpoint?
    /// When each was handed to the kernel.
    package let sentAt: [Instant]
    package let endedAt: Instant
    package let outcome: Outcome
    /// The beginning of the first datagram that was no answer.
    package let stray: [UInt8]?

    /// Of an answer: none is read further than this.
    package static let mostBytes = 4096
    package static let mostStrayBytes = 64

    package init(
        source: Endpoint?, sentAt: [Instant], endedAt: Instant, outcome: Outcome, stray: [UInt8]? = nil
    ) {
        self.source = source
        self.sentAt = sentAt
        self.endedAt = endedAt
        self.outcome = outcome
        self.stray = stray
    }
}
