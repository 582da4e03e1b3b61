import NetValues
import Observations

/// ICMP echo over a ping socket, or a raw socket where those are not allowed.
package protocol EchoOpening: Sendable {
    /// - Throws: `.unable` with the exact fix where neither kind of socket is permitted.
    func open(
        to address: IPAddress, source: IPAddress?, settings: EchoSettings
    ) async throws(ProbeInterruption) -> any EchoSession
}

package struct EchoSettings: Hashable, Sendable {
    /// Bytes of payload after the ICMP header.
    package var size: Int
    package var hopLimit: Int?
    package var dontFragment: Bool

    package init(size: Int = 56, hopLimit: Int? = nil, dontFragment: Bool = false) {
        self.size = size
        self.hopLimit = hopLimit
        self.dontFragment = dontFragment
    }
}

/// One series of echo requests to one address.
package protocol EchoSession: Sendable {
    /// Sends and receives as the course has it, until it is over. To be called once.
    func run(_ course: any EchoCourse) async throws(ProbeInterruption)
    func close() async
}

/// What a session asks and tells the series that it runs: one call after another on the session's own thread, so that no change
/// of tasks stands between a request and its reply.
package protocol EchoCourse: AnyObject, Sendable {
    /// The sequence number of a request that is to leave now; nil when none is due.
    func sequenceDue(at now: Instant) -> UInt16?
    /// What the requests carry by which their replies are known, before the first of them leaves.
    func begin(identifier: UInt16)
    /// The request did not leave.
    func refuse(_ sequence: UInt16, _ failure: SocketFailure, at now: Instant)
    func receive(_ event: EchoEvent, at now: Instant)
    /// What had come by then was handed in. Answers when something is due next, whatever comes; nil when the course is over.
    func settle(at instant: Instant) -> Instant?
}

extension EchoCourse {
    package func begin(identifier: UInt16) {}
}

package enum EchoEvent: Hashable, Sendable {
    /// A reply to our request: the round trip by kernel stamps where there are any.
    case reply(sequence: UInt16, roundTrip: Duration, hopLimit: Int?, isKernelStamped: Bool)
    /// An ICMP error that quotes our request.
    case error(sequence: UInt16?, SocketFailure)
    /// A reply with our identifier that is not ours by content.
    case foreign
}
