import NetValues
import Wire

/// DNS as packets showed it. Transactions by tshark's rules (epan/dissectors/packet-dns.c): one conversation and one id.
package struct DNSTally: Sendable {
    /// First questions: without those that were sent again.
    package var queries = 0
    /// First answers: without repeated and unsolicited ones.
    package var responses = 0
    package var unanswered = 0
    /// Of those, asked so shortly before the capture ended that the answer may have come after it.
    package var unansweredAtEnd = 0
    /// Questions sent again.
    package var retransmitted = 0
    /// Of those, within 10 ms of the one before: the capture saw one datagram at several places, no resolver lost its patience.
    package var copies = 0
    package var repeatedResponses = 0
    package var unsolicited = 0
    package var truncated = 0
    package var malformed = 0
    /// By name (`NOERROR`); of first answers.
    package var rcodes: [String: Int] = [:]
    package var latency: LatencySpread?
    package var servers: [DNSServerTally] = []
    /// The first of each kind that is worth a line: bounded.
    package var transactions: [DNSTransaction] = []
    /// Apart from the rest (RFC 6762).
    package var multicastQueries = 0
    package var multicastResponses = 0
    /// LLMNR (RFC 4795), apart from the rest too.
    package var linkLocalQueries = 0
    package var linkLocalResponses = 0

    package init() {}
}

package struct DNSServerTally: Hashable, Sendable {
    package let server: PacketEndpoint
    package var queries = 0
    package var unanswered = 0
    /// Answers with another code than NOERROR and NXDOMAIN.
    package var failures = 0
    package var latency: LatencySpread?

    package init(_ server: PacketEndpoint) {
        self.server = server
    }
}

package struct DNSTransaction: Hashable, Sendable {
    package enum Transport: String, Hashable, Sendable { case udp, tcp }

    package let frame: Int
    package let at: WallTime
    package let client: PacketEndpoint
    package let server: PacketEndpoint
    package let transport: Transport
    package let id: UInt16
    /// As text for people; empty when the question could not be read.
    package let name: String
    package let type: String
    /// How often the question was sent again, without copies that the capture made.
    package var repeats: Int
    /// Nil while unanswered.
    package var rcode: String?
    package var latency: Duration?
    package var isTruncated: Bool
    /// Addresses and names that the answer gave, the first few.
    package var answers: [String]

    package init(
        frame: Int, at: WallTime, client: PacketEndpoint, server: PacketEndpoint, transport: Transport, id: UInt16,
        name: String, type: String, repeats: Int = 0, rcode: String? = nil, latency: Duration? = nil,
        isTruncated: Bool = false, answers: [String] = []
    ) {
        self.frame = frame
        self.at = at
        self.client = client
        self.server = server
        self.transport = transport
        self.id = id
        self.name = name
        self.type = type
        self.repeats = repeats
        self.rcode = rcode
        self.latency = latency
        self.isTruncated = isTruncated
        self.answers = answers
    }
}
