import NetValues
import Observations

/// TCP connections whose segments make packets of at most a size, ours and the peer's: both ends go by the maximum segment size that
/// each announces (RFC 9293 section 3.7.1), and nothing is fragmented.
package protocol SegmentConnecting: Sendable {
    /// Closing such a stream resets the connection: what it has not got across is not sent again.
    /// - Parameter largestPacket: bytes of the whole IP packet; nil for what the system takes for right.
    func connect(
        to endpoint: Endpoint, source: IPAddress?, largestPacket: Int?, deadline: Instant
    ) async throws(ProbeInterruption) -> ConnectAttempt
}

/// Where nobody offers it.
package struct NoSegmentConnecting: SegmentConnecting {
    package init() {}

    package func connect(
        to endpoint: Endpoint, source: IPAddress?, largestPacket: Int?, deadline: Instant
    ) async throws(ProbeInterruption) -> ConnectAttempt {
        throw .unable(
            Inability(
                .internalFault, action: "connect to \(endpoint) with segments of a size",
                reason: "this run has no way to do so", fix: "please report this with the command line"))
    }
}
