import NetValues
import Wire

/// What a capture holds, from files or live: the evidence that rules and reports take from packets. Lists are bounded; what
/// did not fit is counted.
package struct PacketSummary: Sendable {
    package var files: [String] = []
    /// Of a live capture, with its filter; nil for files.
    package var interface: String?
    package var filter: String?
    package var packets = 0
    /// On the wire, link headers included.
    package var bytes = 0
    /// The bytes of frames that were captured, fewer where the snapshot length cut them.
    package var capturedBytes = 0
    package var firstAt: WallTime?
    package var lastAt: WallTime?
    /// In order of first appearance.
    package var linkTypes: [LinkType] = []
    /// A file ended within a record, or holds something that cannot be read: what came before it counts.
    package var isTruncated = false
    /// What was wrong with the files, each with its place, for people.
    package var problems: [String] = []
    package var drops = CaptureDrops()
    /// Frames whose time is before that of the frame before them in the same file.
    package var backwardSteps = 0
    package var protocols = ProtocolTally()
    package var endpoints: [EndpointTally] = []
    /// The largest first; those of tunnels beside those that carry them.
    package var flows: [FlowRecord] = []
    package var tcp = TCPTally()
    package var dns = DNSTally()
    package var icmp = ICMPTally()
    package var neighbours = NeighbourTally()
    package var dhcp = DHCPTally()
    package var tls = TLSTally()
    package var http = HTTPTally()
    package var egress = EgressTally()
    package var limits = AnalysisLimits()

    package init() {}
}

/// What the capture itself lost. Unknown in most files: then zero, and `isKnown` is false.
package struct CaptureDrops: Hashable, Sendable {
    /// The ring was full: our own limit.
    package var kernel: Int
    package var interface: Int
    package var isKnown: Bool

    package init(kernel: Int = 0, interface: Int = 0, isKnown: Bool = false) {
        self.kernel = kernel
        self.interface = interface
        self.isKnown = isKnown
    }
}

/// How much of what was seen is not in the lists: our own limits, which are told and never taken for silence.
package struct AnalysisLimits: Hashable, Sendable {
    /// Flows that are counted in the totals and are no longer listed one by one.
    package var evictedFlows = 0
    /// Flows counted with an address that had no room in the list of endpoints.
    package var unlistedEndpoints = 0
    /// Datagrams whose other fragments did not come in time or in the room that there is.
    package var abandonedDatagrams = 0
    /// Transactions (DNS, HTTP, TLS, ICMP, ARP …) that are counted and not listed.
    package var unlistedTransactions = 0

    package init() {}
}

/// Packets and bytes by what they are, as a person would name it (`IPv4`, `TCP`, `DNS`, `VXLAN`), in order of layers.
package struct ProtocolTally: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package let name: String
        package var packets: Int
        package var bytes: Int

        package init(name: String, packets: Int, bytes: Int) {
            self.name = name
            self.packets = packets
            self.bytes = bytes
        }
    }

    package var entries: [Entry] = []

    package init() {}
}

/// What one address sent and received.
package struct EndpointTally: Hashable, Sendable {
    package let address: PacketAddress
    package var packetsSent = 0
    package var packetsReceived = 0
    package var bytesSent = 0
    package var bytesReceived = 0

    package init(_ address: PacketAddress) {
        self.address = address
    }
}
