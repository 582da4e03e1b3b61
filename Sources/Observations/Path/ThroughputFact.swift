import NetValues

/// A transfer of a bounded time and number of bytes to a peer that takes part in it.
package struct ThroughputFact: Sendable {
    package enum Peer: String, Hashable, Sendable { case leadsman, iperf3 }
    package enum Transport: String, Hashable, Sendable { case tcp, udp }
    package enum Direction: String, Hashable, Sendable { case up, down }

    /// A part of the time, all streams together.
    package struct Interval: Hashable, Sendable {
        /// Since the transfer began.
        package let start: Duration
        package let span: Duration
        /// Received where the receiver is known, else acknowledged.
        package let bytes: Int
        package let retransmits: Int
        /// Of the sender's TCP; nil where we are not the sender.
        package let roundTrip: Duration?

        package init(start: Duration, span: Duration, bytes: Int, retransmits: Int, roundTrip: Duration?) {
            self.start = start
            self.span = span
            self.bytes = bytes
            self.retransmits = retransmits
            self.roundTrip = roundTrip
        }
    }

    package let endpoint: Endpoint
    package let peer: Peer
    package let transport: Transport
    package let direction: Direction
    package let streams: Int
    package let bytes: Int
    package let span: Duration
    package let intervals: [Interval]
    /// Round trips to the same address before the transfer, and during it, by packets that take no part in it.
    package let idle: LatencySpread?
    package let loaded: LatencySpread?

    package init(
        endpoint: Endpoint, peer: Peer, transport: Transport, direction: Direction, streams: Int, bytes: Int,
        span: Duration, intervals: [Interval], idle: LatencySpread? = nil, loaded: LatencySpread? = nil
    ) {
        self.endpoint = endpoint
        self.peer = peer
        self.transport = transport
        self.direction = direction
        self.streams = streams
        self.bytes = bytes
        self.span = span
        self.intervals = intervals
        self.idle = idle
        self.loaded = loaded
    }
}
