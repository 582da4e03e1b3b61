import NetValues
import Observations

/// One UDP datagram and what the kernel's error queue says of it. Needs no right.
package protocol DatagramProbing: Sendable {
    func send(
        _ payload: [UInt8], to endpoint: Endpoint, source: IPAddress?, deadline: Instant
    ) async throws(ProbeInterruption) -> DatagramFact
}
