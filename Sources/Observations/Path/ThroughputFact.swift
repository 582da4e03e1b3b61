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
        /// Nil where we are not the sender.
        package let retransmits: Int?
        /// Of the sender's TCP; nil where we are not the sender.
        package let roundTrip: Duration?

        package init(start: Duration, span: Duration, bytes: Int, retransmits: Int?, roundTrip: Duration?) {
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
    /// Received, or acknowledged where the receiver tells nothing.
    package let bytes: Int
    /// Of the receiver where it is known.
    package let span: Duration
    package let intervals: [Interval]
    /// Round trips to the same address before the transfer, and during it, by packets that take no part in it.
    package let idle: LatencySpread?
    package let loaded: LatencySpread?
    /// What these packets were.
    package var outside: Outside?
    /// Bits a second that the sender was told to keep to; nil for as many as go.
    package var requestedRate: Int?
    /// Of the sender's TCP, all streams together; nil where nobody tells.
    package var sender: SenderState?
    /// Over UDP.
    package var datagrams: DatagramCount?
    /// Of one processor, the share that this side's transfer used (1 is all of it), and the peer's process by its own word.
    package var ownProcessor: Double?
    package var peerProcessor: Double?
    /// Of the time, the share in which this side's transfer was ready and had no processor; nil where the system does not say.
    package var ownWait: Double?
    /// Shorter transfers behind the first, made to tell its limit from what looks like it.
    package var contrasts: [Contrast] = []
    /// Why there is no transfer, or why it ended early; nil when all went well.
    package var problem: Problem?
    /// It stopped at its number of bytes, not at its time.
    package var isCutByBytes = false

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

    /// Bits a second; 0 without a span.
    package var rate: Int { Self.rate(bytes, in: span) }

    package static func rate(_ bytes: Int, in span: Duration) -> Int {
        let seconds = Double(span.nanoseconds) / 1e9
        guard seconds > 0, bytes > 0 else { return 0 }
        return Int(min(Double(bytes) * 8 / seconds, 1e15))
    }
}

extension ThroughputFact {
    /// The packets beside the transfer whose round trips are told.
    package struct Outside: Hashable, Sendable {
        package enum Carrier: String, Hashable, Sendable {
            case echo
            /// TCP handshakes with the same port.
            case connect
        }

        package var carrier: Carrier
        package var idleSent: Int
        package var idleLost: Int
        package var loadedSent: Int
        package var loadedLost: Int

        package init(carrier: Carrier, idleSent: Int, idleLost: Int, loadedSent: Int, loadedLost: Int) {
            self.carrier = carrier
            self.idleSent = idleSent
            self.idleLost = idleLost
            self.loadedSent = loadedSent
            self.loadedLost = loadedLost
        }
    }

    /// What the sender's kernel says at the end (TCP_INFO, linux/tcp.h), sums over the streams where not said otherwise.
    package struct SenderState: Hashable, Sendable {
        /// Segments with data, those sent again among them; nil on kernels before 4.6 and of peers that do not tell.
        package var segments: Int?
        package var retransmits: Int
        /// Of the stream with the longest.
        package var roundTrip: Duration?
        /// Of the stream with the shortest.
        package var leastRoundTrip: Duration?
        /// Segments, and bytes in each of them.
        package var congestionWindow: Int?
        package var segmentSize: Int?
        /// How long there was something to send; of that, how long the receiver's window and the own send buffer were what held it up.
        package var busy: Duration?
        package var windowLimited: Duration?
        package var bufferLimited: Duration?
        /// Bits a second, as TCP estimates it.
        package var deliveryRate: Int?
        /// `cubic`, `bbr`
        package var congestionControl: String?

        package init(retransmits: Int) { self.retransmits = retransmits }
    }

    /// Datagrams as the receiver counted them by their numbers.
    package struct DatagramCount: Hashable, Sendable {
        package var sent: Int
        /// Nil where the receiver's count contradicts what it received: iperf3 takes copies of a datagram for others that are lost.
        package var lost: Int?
        /// Came after one with a higher number; nil where the receiver does not tell (iperf3).
        package var late: Int?
        /// Came again; nil where the receiver does not tell.
        package var copies: Int?
        /// Bits a second that the sender gave to its kernel; nil where it does not tell.
        package var sentRate: Int?
        /// RFC 1889's estimator.
        package var jitter: Duration

        package init(
            sent: Int, lost: Int?, late: Int?, copies: Int? = nil, sentRate: Int? = nil, jitter: Duration
        ) {
            self.sent = sent
            self.lost = lost
            self.late = late
            self.copies = copies
            self.sentRate = sentRate
            self.jitter = jitter
        }
    }

    /// A shorter transfer in the same direction, behind the first.
    package struct Contrast: Hashable, Sendable {
        package enum Kind: String, Hashable, Sendable {
            /// Kept below the rate that the first one came to: what is lost at any rate is lost here too, what a limit drops is not.
            case slower
            /// Several streams at once: what limits one flow does not limit them.
            case moreStreams
        }

        package var kind: Kind
        package var requestedRate: Int?
        package var streams: Int
        package var bytes: Int
        package var span: Duration
        /// Segments or datagrams.
        package var packets: Int
        /// Sent again (TCP), lost (UDP).
        package var lost: Int

        package init(
            kind: Kind, requestedRate: Int?, streams: Int, bytes: Int, span: Duration, packets: Int, lost: Int
        ) {
            self.kind = kind
            self.requestedRate = requestedRate
            self.streams = streams
            self.bytes = bytes
            self.span = span
            self.packets = packets
            self.lost = lost
        }

        package var rate: Int { ThroughputFact.rate(bytes, in: span) }
        package var lossShare: Double? { packets > 0 ? Double(lost) / Double(packets) : nil }
    }

    /// What went wrong with the peer. Words of the peer are bounded and not yet safe to show.
    package enum Problem: Hashable, Sendable {
        /// It runs the test of another client.
        case busy
        /// The server gave up: iperf3's own error number, and its errno.
        case serverError(Int, Int)
        /// The server ended the test.
        case terminated
        /// What came is not iperf3's protocol: what was expected, and the first of what came.
        case malformed(String, [UInt8])
        case closed(during: Step)
        case silent(during: Step)
        case failed(SocketFailure, during: Step)
        /// The streams stand, and next to nothing of what was sent has arrived.
        case stalled
        /// It wants to know who we are.
        case wantsAuthentication
    }

    package enum Step: String, Hashable, Sendable { case greeting, parameters, streams, transfer, results }
}
