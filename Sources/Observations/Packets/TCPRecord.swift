import NetValues
import Wire

/// What the analysis of a TCP conversation brought, by the definitions of tshark 4.0 (epan/dissectors/packet-tcp.c). A class:
/// it is large, and rules and reports take it in hand many times.
package final class TCPRecord: Sendable {
    package let fromA: TCPDirectionRecord
    package let fromB: TCPDirectionRecord
    /// From the SYN to the first ACK after it, as tshark's `tcp.analysis.initial_rtt`; nil without a handshake.
    package let initialRTT: Duration?
    package let state: ConnectionState
    /// The first few, in order.
    package let resets: [ResetRecord]
    /// From the last byte of the first request to the first byte of its answer; nil without.
    package let firstResponseTime: Duration?
    /// The longest time in which nothing was sent either way, and nobody waited to send something again.
    package let longestIdle: Duration
    /// What happened first after the longest idle time, when that was the end of it: a reset, or data that nobody acknowledged.
    package let afterIdle: AfterIdle?

    package enum AfterIdle: String, Hashable, Sendable { case continued, reset, unanswered }

    package init(
        fromA: TCPDirectionRecord, fromB: TCPDirectionRecord, initialRTT: Duration?, state: ConnectionState,
        resets: [ResetRecord] = [], firstResponseTime: Duration? = nil, longestIdle: Duration = .zero,
        afterIdle: AfterIdle? = nil
    ) {
        self.fromA = fromA
        self.fromB = fromB
        self.initialRTT = initialRTT
        self.state = state
        self.resets = resets
        self.firstResponseTime = firstResponseTime
        self.longestIdle = longestIdle
        self.afterIdle = afterIdle
    }

    package var counters: TCPCounters { fromA.counters + fromB.counters }
    package var synWithoutAnswer: Bool { state == .noAnswer }
}

/// How a connection began and ended, in the words of Zeek's `conn_state` (base/protocols/conn).
package enum ConnectionState: String, Hashable, Sendable, CaseIterable {
    /// SYN without any answer.
    case noAnswer = "S0"
    /// Established, not ended.
    case established = "S1"
    case closed = "SF"
    /// SYN answered by a reset.
    case rejected = "REJ"
    /// Established, closed by the one who began or by the other, without an answer to that.
    case closedByA = "S2"
    case closedByB = "S3"
    /// Established, then reset.
    case resetByA = "RSTO"
    case resetByB = "RSTR"
    /// SYN then reset by the same side, without a SYN-ACK in between.
    case abandoned = "RSTOS0"
    /// SYN-ACK then reset by the other side, without a SYN that we saw.
    case resetWithoutSYN = "RSTRH"
    case finWithoutAnswer = "SH"
    case finWithoutSYN = "SHR"
    /// Neither SYN seen: the capture began in the middle.
    case midstream = "OTH"
}

/// One direction of a TCP conversation. Kept small: there is one for each side of every connection of a capture.
package struct TCPDirectionRecord: Hashable, Sendable {
    package var counters = TCPCounters()
    /// Without second sights of one packet, as are `synAcks` and `fins`.
    @Small package var syns: Int
    @Small package var synAcks: Int
    @Small package var fins: Int
    @Small package var resets: Int
    /// Segments with payload.
    @Small package var dataSegments: Int
    /// New payload: without what was sent again.
    package var uniqueBytes = 0
    package var mss: UInt16?
    package var windowScale: UInt8?
    package var offersSACK = false
    package var offersTimestamps = false
    /// Scaled where the scale is known.
    @Small package var largestWindow: Int
    @Seldom package var smallestWindow: Int?
    @Small package var largestInFlight: Int
    @Small package var largestSegment: Int
    /// The largest segment that the other side acknowledged.
    @Small package var largestAcknowledged: Int
    /// The most often repeated segment: how often, and its size.
    @Small package var mostRepeats: Int
    @Small package var mostRepeatedSize: Int
    /// Round trips from segments to their acknowledgements, at the capturing place.
    @Seldom package var fastestRTT: Duration?
    @Seldom package var slowestRTT: Duration?
    @Seldom package var meanRTT: Duration?
    /// TTL or hop limit of the SYN or SYN-ACK; nil when none was seen.
    package var handshakeHopLimit: UInt8?
    /// Of the first packet that is no reset.
    package var usualHopLimit: UInt8?
    @Seldom package var firstDataAt: WallTime?
    @Seldom package var lastDataAt: WallTime?
    @Seldom package var firstSYNAt: WallTime?
    @Seldom package var lastSYNAt: WallTime?
    /// Segments that came after one with a later sequence number, without having been sent twice, and by how many at most.
    @Small package var furthestReordering: Int
    /// Of the segments out of order in `counters`: those that were sent again, as their IP identification says. They came within a
    /// round trip of the latest segment, as they do where losses are far from the capture and the stream is fast.
    @Small package var repairsTakenForDisorder: Int
    /// Of the retransmissions and the segments out of order in `counters`: those that are one packet seen twice (`secondSights` and
    /// `duplicates` of the flow's direction), and no sign of loss.
    @Small package var copiesTakenForLoss: Int
    /// Of the duplicate ACKs in `counters`, likewise.
    @Small package var copiesTakenForDuplicateAcks: Int

    package init() {}
}

/// A RST: who sent it, and how it compares with what that side sent before.
package struct ResetRecord: Hashable, Sendable {
    package let frame: Int
    package let at: WallTime
    package let isFromA: Bool
    package let hopLimit: UInt8
    package let window: UInt16
    package let hasAck: Bool
    package let hasPayload: Bool
    /// Payload bytes that its sender, and the other side, had sent before.
    package let bytesFromSender: Int
    package let bytesFromOther: Int
    /// Since the packet before it, whoever sent that.
    package let sincePrevious: Duration
    /// The one before it, on its way through the host.
    package let isSecondSight: Bool

    package init(
        frame: Int, at: WallTime, isFromA: Bool, hopLimit: UInt8, window: UInt16, hasAck: Bool, hasPayload: Bool,
        bytesFromSender: Int, bytesFromOther: Int, sincePrevious: Duration, isSecondSight: Bool = false
    ) {
        self.isSecondSight = isSecondSight
        self.frame = frame
        self.at = at
        self.isFromA = isFromA
        self.hopLimit = hopLimit
        self.window = window
        self.hasAck = hasAck
        self.hasPayload = hasPayload
        self.bytesFromSender = bytesFromSender
        self.bytesFromOther = bytesFromOther
        self.sincePrevious = sincePrevious
    }
}

/// The flags of tshark's analysis (`tcp.analysis.*`), counted. `retransmission` includes fast and spurious ones.
package struct TCPCounters: Hashable, Sendable {
    package var retransmission: UInt32 = 0
    package var fastRetransmission: UInt32 = 0
    package var spuriousRetransmission: UInt32 = 0
    package var outOfOrder: UInt32 = 0
    package var duplicateAck: UInt32 = 0
    package var lostSegment: UInt32 = 0
    package var ackLostSegment: UInt32 = 0
    package var zeroWindow: UInt32 = 0
    package var zeroWindowProbe: UInt32 = 0
    package var zeroWindowProbeAck: UInt32 = 0
    package var windowFull: UInt32 = 0
    package var windowUpdate: UInt32 = 0
    package var keepAlive: UInt32 = 0
    package var keepAliveAck: UInt32 = 0
    package var reusedPorts: UInt32 = 0

    package init() {}

    package static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum += right
        return sum
    }

    package static func += (left: inout Self, right: Self) {
        left.retransmission += right.retransmission
        left.fastRetransmission += right.fastRetransmission
        left.spuriousRetransmission += right.spuriousRetransmission
        left.outOfOrder += right.outOfOrder
        left.duplicateAck += right.duplicateAck
        left.lostSegment += right.lostSegment
        left.ackLostSegment += right.ackLostSegment
        left.zeroWindow += right.zeroWindow
        left.zeroWindowProbe += right.zeroWindowProbe
        left.zeroWindowProbeAck += right.zeroWindowProbeAck
        left.windowFull += right.windowFull
        left.windowUpdate += right.windowUpdate
        left.keepAlive += right.keepAlive
        left.keepAliveAck += right.keepAliveAck
        left.reusedPorts += right.reusedPorts
    }
}

/// All TCP of a capture, evicted flows included.
package struct TCPTally: Hashable, Sendable {
    package var flows = 0
    package var segments = 0
    package var synWithoutAnswer = 0
    package var handshakesWithoutData = 0
    package var resets = 0
    package var counters = TCPCounters()
    package var states: [ConnectionState: Int] = [:]
    /// Distribution of the handshakes' initial RTT.
    package var handshakeRTT: LatencySpread?

    package init() {}
}

/// A distribution in a few numbers. Quantiles are within 2 % of a value that was seen.
package struct LatencySpread: Hashable, Sendable {
    package var count: Int
    package var min: Duration
    package var p50: Duration
    package var p95: Duration
    package var max: Duration

    package init(count: Int, min: Duration, p50: Duration, p95: Duration, max: Duration) {
        self.count = count
        self.min = min
        self.p50 = p50
        self.p95 = p95
        self.max = max
    }
}
