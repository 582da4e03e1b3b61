import NetValues

/// One request in a UDP service's own protocol, and what came back.
package struct ServiceFact: Sendable {
    package indirect enum Outcome: Hashable, Sendable {
        /// An answer of the protocol, in few words (`version 4 stratum 2`), escaped.
        case answered(String)
        /// Something came that is no answer of the protocol: why, and its first bytes.
        case malformed(reason: String, bytes: [UInt8])
        /// Neither a datagram nor an ICMP error: open and silent, filtered or lost look the same.
        case silent
        case failed(SocketFailure)
    }

    package let endpoint: Endpoint
    /// Where it left from; nil where it did not.
    package let source: Endpoint?
    /// `dns`, `ntp`, `quic`, `sip`, `echo`
    package let service: String
    /// Datagrams sent until the answer or the end.
    package let attempts: Int
    package let elapsed: Duration
    package let outcome: Outcome
    /// Of a time server that is synchronised itself: how far its clock is ahead of ours.
    package let clockOffset: Duration?

    package init(
        endpoint: Endpoint, source: Endpoint?, service: String, attempts: Int, elapsed: Duration, outcome: Outcome,
        clockOffset: Duration? = nil
    ) {
        self.endpoint = endpoint
        self.source = source
        self.service = service
        self.attempts = attempts
        self.elapsed = elapsed
        self.outcome = outcome
        self.clockOffset = clockOffset
    }
}
