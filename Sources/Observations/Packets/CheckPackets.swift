import NetValues
import Wire

/// The packets of a check's own connections and datagrams, captured while it ran (`--evidence`).
package struct CheckPackets: Sendable {
    /// Joined by protocol and endpoints; each with its first packets as events.
    package var flows: [FlowRecord]
    /// ARP and neighbour discovery about addresses of the check, or the gateway's.
    package var neighbours: NeighbourTally
    /// Of the whole run so far: what the capture lost may be what is missing here.
    package var drops: CaptureDrops
    /// Where the packets were seen (`eth0`, `any`), for people.
    package var place: String
    /// The file that keeps them (`--evidence-dir`).
    package var file: String?

    package init(
        flows: [FlowRecord], neighbours: NeighbourTally = NeighbourTally(), drops: CaptureDrops = CaptureDrops(),
        place: String = "any", file: String? = nil
    ) {
        self.flows = flows
        self.neighbours = neighbours
        self.drops = drops
        self.place = place
        self.file = file
    }

    /// What is not here was not on the wire, rather than lost by us.
    package var isComplete: Bool { drops.kernel == 0 }
}
