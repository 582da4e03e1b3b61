import NetValues
import Wire

/// ICMP and ICMPv6.
package struct ICMPTally: Sendable {
    package var echoRequests = 0
    package var echoReplies = 0
    /// Requests without a reply.
    package var unanswered = 0
    /// Replies to no request that was seen.
    package var unsolicited = 0
    package var echoLatency: LatencySpread?
    /// By name (`host unreachable`).
    package var errors: [String: Int] = [:]
    /// Those that quote a flow, with the flow: bounded.
    package var quotes: [ICMPErrorRecord] = []
    /// Series of echoes, one for each pair and identifier: bounded.
    package var series: [EchoSeriesRecord] = []

    package init() {}
}

package struct ICMPErrorRecord: Hashable, Sendable {
    package let error: QuotedError
    /// `port unreachable`
    package let name: String
    package let protocolNumber: UInt8
    /// Of the packet that is quoted.
    package let source: PacketEndpoint
    package let destination: PacketEndpoint
    /// Of a redirect: the better way to the destination.
    package var gateway: PacketAddress?

    package init(
        error: QuotedError, name: String, protocolNumber: UInt8, source: PacketEndpoint, destination: PacketEndpoint,
        gateway: PacketAddress? = nil
    ) {
        self.error = error
        self.name = name
        self.protocolNumber = protocolNumber
        self.source = source
        self.destination = destination
        self.gateway = gateway
    }
}

package struct EchoSeriesRecord: Hashable, Sendable {
    package let source: PacketAddress
    package let destination: PacketAddress
    package let identifier: UInt16
    package var requests = 0
    package var replies = 0
    /// Replies to a request that had one already.
    package var duplicates = 0
    /// Replies that came after the reply to a later request.
    package var late = 0
    package var fastest: Duration?
    package var slowest: Duration?
    /// The most requests in a row that had no reply.
    package var longestSilence = 0

    package init(source: PacketAddress, destination: PacketAddress, identifier: UInt16) {
        self.source = source
        self.destination = destination
        self.identifier = identifier
    }
}

/// Who claims which address on the link: ARP (RFC 826) and neighbour discovery (RFC 4861).
package struct NeighbourTally: Sendable {
    package var arpRequests = 0
    package var arpReplies = 0
    package var gratuitous = 0
    /// Neighbour solicitations, advertisements, and router advertisements.
    package var solicitations = 0
    package var advertisements = 0
    package var routerAdvertisements = 0
    /// Bounded.
    package var claims: [NeighbourClaim] = []
    package var unanswered: [UnansweredNeighbour] = []

    package init() {}

    /// Addresses that more than one link address claims.
    package var conflicts: [NeighbourClaim] { claims.filter { $0.owners.count > 1 } }
}

/// An address and the link addresses that said they had it.
package struct NeighbourClaim: Hashable, Sendable {
    package struct Owner: Hashable, Sendable {
        package let link: LinkAddress
        package var claims: Int
        /// Of those, replies to somebody who asked: whoever only announces may be long gone.
        package var answers = 0
        /// Of those, advertisements without the override flag, as anycast and proxies send them (RFC 4861 section 7.2.7).
        package var overridable = 0
        /// How many addresses of this one's family it claims in the capture, this one included and link-local ones left out: many are
        /// a router or a proxy.
        package var addresses = 1
        package var firstFrame: Int
        package var firstAt: WallTime
        package var lastAt: WallTime

        package init(link: LinkAddress, claims: Int, firstFrame: Int, firstAt: WallTime, lastAt: WallTime) {
            self.link = link
            self.claims = claims
            self.firstFrame = firstFrame
            self.firstAt = firstAt
            self.lastAt = lastAt
        }
    }

    package let address: PacketAddress
    package var vlan: UInt16?
    package var owners: [Owner]
    package var gratuitous: Int
    /// How often the claim went from one link address to another: once is a fail-over, many times a fight.
    package var changes: Int
    /// A probe for duplicates (RFC 5227, RFC 4862) met an answer: the strongest sign.
    package var probesAnswered: Int
    /// Requests that two link addresses answered within a second of each other.
    package var doubleAnswers = 0
    /// Changes that gave the address back to an owner that had it before.
    package var returns = 0
    /// Of the capture: addresses of different links are different.
    package var interface = 0

    package init(
        address: PacketAddress, vlan: UInt16? = nil, owners: [Owner] = [], gratuitous: Int = 0, changes: Int = 0,
        probesAnswered: Int = 0
    ) {
        self.address = address
        self.vlan = vlan
        self.owners = owners
        self.gratuitous = gratuitous
        self.changes = changes
        self.probesAnswered = probesAnswered
    }
}

/// An address that somebody asked for again and again and nobody claimed. Replies go to the asker alone: where its own traffic does
/// not pass, as at another port of a switch, they are not seen.
package struct UnansweredNeighbour: Hashable, Sendable {
    package let address: PacketAddress
    package let asker: PacketAddress
    package var requests: Int
    package var firstAt: WallTime
    package var lastAt: WallTime
    package var vlan: UInt16?

    package init(
        address: PacketAddress, asker: PacketAddress, requests: Int, firstAt: WallTime, lastAt: WallTime? = nil,
        vlan: UInt16? = nil
    ) {
        self.address = address
        self.asker = asker
        self.requests = requests
        self.firstAt = firstAt
        self.lastAt = lastAt ?? firstAt
        self.vlan = vlan
    }
}

package struct DHCPTally: Sendable {
    /// By message type: `DISCOVER`, `ACK`; of DHCPv6 `SOLICIT`, `REPLY`.
    package var messages: [String: Int] = [:]
    package var servers: [PacketAddress] = []
    /// Bounded.
    package var leases: [DHCPLease] = []
    /// Clients that asked and got no answer.
    package var unansweredClients: [LinkAddress] = []

    package init() {}
}

package struct DHCPLease: Hashable, Sendable {
    package let client: LinkAddress
    package let address: PacketAddress
    package let server: PacketAddress?
    package let lease: Duration?

    package init(client: LinkAddress, address: PacketAddress, server: PacketAddress?, lease: Duration?) {
        self.client = client
        self.address = address
        self.server = server
        self.lease = lease
    }
}

/// Bytes by where they go, for cost and for destinations that nobody expected. Direction is that of the flow: from who began it.
package struct EgressTally: Sendable {
    /// `sameHost` is the capturing host itself, whoever sends. What a tunnel carries counts by its own addresses, the tunnel not again.
    package enum Class: String, Hashable, Sendable, CaseIterable {
        case sameHost, pod, service, `private`, linkLocal, metadata, multicast, internet
    }

    package struct Entry: Hashable, Sendable {
        package var flows = 0
        package var bytesOut = 0
        package var bytesIn = 0

        package init() {}
    }

    package var classes: [Class: Entry] = [:]
    /// Of those, flows that an address of the internet began towards one that is not: what comes in of them is sent out to it.
    package var fromInternet = Entry()
    /// The most bytes out first; bounded.
    package var talkers: [Talker] = []
    /// Those that are in the classes alone.
    package var unlistedTalkers = 0
    /// Where pod and service ranges are from: given on the command line, or guessed and from what.
    package var rangesSource: String?

    package struct Talker: Hashable, Sendable {
        package let source: PacketAddress
        package let destination: PacketAddress
        package let port: UInt16
        package let protocolNumber: UInt8
        package let destinationClass: Class
        package var flows: Int
        package var bytesOut: Int
        package var bytesIn: Int
        package var name: String?

        package init(
            source: PacketAddress, destination: PacketAddress, port: UInt16, protocolNumber: UInt8,
            destinationClass: Class, flows: Int, bytesOut: Int, bytesIn: Int, name: String? = nil
        ) {
            self.source = source
            self.destination = destination
            self.port = port
            self.protocolNumber = protocolNumber
            self.destinationClass = destinationClass
            self.flows = flows
            self.bytesOut = bytesOut
            self.bytesIn = bytesIn
            self.name = name
        }
    }

    package init() {}
}
