import NetValues
import Observations

/// A UDP socket of its own for many datagrams to one peer: who opens two has two source ports.
package protocol DatagramFlowOpening: Sendable {
    /// - Throws: `.unable` where this host has no socket left or no such source address.
    func open(to peer: Endpoint, source: IPAddress?) async throws(ProbeInterruption) -> any DatagramFlow
}

package protocol DatagramFlow: Sendable {
    /// Hands the datagrams to the kernel, one behind the other without a pause.
    func send(_ datagrams: [[UInt8]]) async -> DatagramDispatch

    /// All that is there, waiting for the first until the deadline; nothing when none came until then. An error of the network
    /// ends the list.
    func receive(until deadline: Instant) async throws(ProbeInterruption) -> [DatagramEvent]

    /// - Returns: how many datagrams came for which the socket's own buffer had no room.
    func close() async -> Int
}

/// What became of a batch of datagrams at our own kernel.
package struct DatagramDispatch: Hashable, Sendable {
    /// How many it took, the first of the batch.
    package let taken: Int
    /// Why it did not take the next.
    package let failure: SocketFailure?

    package init(taken: Int, failure: SocketFailure? = nil) {
        self.taken = taken
        self.failure = failure
    }
}

package enum DatagramEvent: Hashable, Sendable {
    /// `at`: when the kernel had it, where it says so.
    case received([UInt8], at: Instant)
    /// ICMP, or our own host.
    case failed(SocketFailure)
}

/// For runs that open none.
package struct NoDatagramFlows: DatagramFlowOpening {
    package init() {}

    package func open(to peer: Endpoint, source: IPAddress?) async throws(ProbeInterruption) -> any DatagramFlow {
        throw .unable(
            Inability(
                .internalFault, action: "open a UDP socket to \(peer)", reason: "this run has no way to do so",
                fix: "please report this with the command line"))
    }
}
