import NetValues
import Observations

/// Who on the own link claims the address that packets to a target are given to: the target's own, or that of the gateway.
package protocol NeighbourAsking: Sendable {
    /// Nil where the next hop is on no link that has such addresses.
    /// - Throws: `.unable` without the right to ask (CAP_NET_RAW).
    func ask(towards target: IPAddress, deadline: Instant) async throws(ProbeInterruption) -> NeighbourFact?
}

/// Where nobody asks.
package struct NoNeighbourAsking: NeighbourAsking {
    package init() {}

    package func ask(towards target: IPAddress, deadline: Instant) async throws(ProbeInterruption) -> NeighbourFact? {
        nil
    }
}
