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
    /// Nil when the request left, otherwise why it did not.
    func send(sequence: UInt16) async throws(ProbeInterruption) -> SocketFailure?
    /// The next event before the deadline, nil at the deadline.
    func receive(deadline: Instant) async throws(ProbeInterruption) -> EchoEvent?
    func close() async
}

package enum EchoEvent: Hashable, Sendable {
    /// A reply to our request: the round trip by kernel stamps where there are any.
    case reply(sequence: UInt16, roundTrip: Duration, hopLimit: Int?, isKernelStamped: Bool)
    /// An ICMP error that quotes our request.
    case error(sequence: UInt16?, SocketFailure)
    /// A reply with our identifier that is not ours by content.
    case foreign
}
