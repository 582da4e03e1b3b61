import NetValues
import Wire

/// Who on the own link claims an address: one ARP request or neighbour solicitation of ours, and every answer to it. Needs
/// CAP_NET_RAW.
package struct NeighbourFact: Sendable {
    package let address: IPAddress
    package let interface: String
    /// Each hardware address that answered, in order, once.
    package let claimants: [LinkAddress]
    /// What the kernel's table held before we asked.
    package let cached: NeighbourState?
    package let elapsed: Duration

    package init(
        address: IPAddress, interface: String, claimants: [LinkAddress], cached: NeighbourState?, elapsed: Duration
    ) {
        self.address = address
        self.interface = interface
        self.claimants = claimants
        self.cached = cached
        self.elapsed = elapsed
    }
}
