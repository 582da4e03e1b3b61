import NetValues
import Observations

/// Streams for as many bytes as go. What passes over them is of no interest: it is made of nothing and thrown away.
package protocol BulkTransferring: Sendable {
    /// Opens the streams, one after the other, and says the greeting on each.
    func open(_ form: BulkForm, deadline: Instant) async throws(ProbeInterruption) -> BulkOpening
}

package struct BulkForm: Sendable {
    package var endpoint: Endpoint
    package var source: IPAddress?
    package var transport: ThroughputFact.Transport
    package var streams: Int
    package var greeting: [UInt8]
    /// What a datagram stream waits for behind its greeting; nil waits for nothing.
    package var isReply: (@Sendable ([UInt8]) -> Bool)?
    /// The sender's congestion control (tcp(7), TCP_CONGESTION); nil for the host's own.
    package var congestion: String?

    package init(
        endpoint: Endpoint, source: IPAddress? = nil, transport: ThroughputFact.Transport, streams: Int,
        greeting: [UInt8], isReply: (@Sendable ([UInt8]) -> Bool)? = nil, congestion: String? = nil
    ) {
        self.endpoint = endpoint
        self.source = source
        self.transport = transport
        self.streams = streams
        self.greeting = greeting
        self.isReply = isReply
        self.congestion = congestion
    }
}

package struct BulkOpening: Sendable {
    /// Of TCP streams, in their order, up to the first that failed.
    package let connects: [ConnectFact]
    /// Set when all streams stand; the caller closes it.
    package let transfer: (any BulkTransfer)?
    /// Why not all stand, where no `ConnectFact` says so; nil of a failure is silence.
    package let problem: ThroughputFact.Problem?

    package init(
        connects: [ConnectFact], transfer: (any BulkTransfer)?, problem: ThroughputFact.Problem? = nil
    ) {
        self.connects = connects
        self.transfer = transfer
        self.problem = problem
    }
}

package protocol BulkTransfer: Sendable {
    /// Sends or receives on a thread of its own until the course is over. To be called once. A receiver goes on taking what comes,
    /// uncounted, until it is closed: a sender that is not read blocks, and does not hear that the time is over.
    func run(_ course: BulkCourse) async throws(ProbeInterruption) -> BulkOutcome
    /// Ends `run` before its time.
    func halt()
    /// What is still in the send queue is thrown away, so that no load goes on behind the test.
    func close()
}

package struct BulkCourse: Sendable {
    package enum Role: Hashable, Sendable { case send, receive }

    package var role: Role
    /// From the first byte on.
    package var span: Duration
    /// All streams together; it ends with the first of the two.
    package var bytes: Int
    /// Bits a second, all streams together; nil for as many as go.
    package var rate: Int?
    /// Of a datagram, or of one write.
    package var length: Int
    /// Datagrams are numbered by 64 bits instead of 32.
    package var isWide: Bool
    package var interval: Duration
    /// A receiver waits so long for the first byte: the other end may be slower to begin than a short test lasts.
    package var patience: Duration { max(span, Self.leastPatience) }
    private static let leastPatience = Duration.seconds(4)
    /// Each interval as it is over, on the transfer's thread.
    package var told: @Sendable (ThroughputFact.Interval) -> Void

    package init(
        role: Role, span: Duration, bytes: Int, rate: Int? = nil, length: Int, isWide: Bool = false,
        interval: Duration = .milliseconds(500),
        told: @escaping @Sendable (ThroughputFact.Interval) -> Void = { _ in }
    ) {
        self.role = role
        self.span = span
        self.bytes = bytes
        self.rate = rate
        self.length = length
        self.isWide = isWide
        self.interval = interval
        self.told = told
    }
}

package struct BulkOutcome: Sendable {
    package enum End: Hashable, Sendable {
        case span, bytes, halted, closed
        case failed(SocketFailure)
    }

    /// One of the streams.
    package struct Stream: Sendable {
        /// Given to the kernel, or taken from it.
        package var bytes = 0
        package var retransmits: Int?
        package var tally = DatagramTally()

        package init(bytes: Int = 0, retransmits: Int? = nil, tally: DatagramTally = DatagramTally()) {
            self.bytes = bytes
            self.retransmits = retransmits
            self.tally = tally
        }
    }

    package var end: End
    package var span: Duration
    package var streams: [Stream]
    package var intervals: [ThroughputFact.Interval]
    /// Acknowledged by the receiver; nil where that is not known.
    package var acknowledged: Int?
    package var sender: ThroughputFact.SenderState?
    /// Of the transfer's thread.
    package var userTime: Duration
    package var systemTime: Duration
    /// How long that thread was ready and had no processor; nil where the system does not say.
    package var processorWait: Duration?

    package init(
        end: End, span: Duration, streams: [Stream], intervals: [ThroughputFact.Interval] = [],
        acknowledged: Int? = nil, sender: ThroughputFact.SenderState? = nil, userTime: Duration = .zero,
        systemTime: Duration = .zero, processorWait: Duration? = nil
    ) {
        self.processorWait = processorWait
        self.end = end
        self.span = span
        self.streams = streams
        self.intervals = intervals
        self.acknowledged = acknowledged
        self.sender = sender
        self.userTime = userTime
        self.systemTime = systemTime
    }

    package var bytes: Int { streams.reduce(0) { $0 + $1.bytes } }
    /// Of one processor.
    package var processor: Double { span > .zero ? (userTime + systemTime) / span : 0 }
    /// Of the time.
    package var waitShare: Double? { processorWait.map { span > .zero ? min(1, $0 / span) : 0 } }
}

/// Where nobody offers it.
package struct NoBulkTransferring: BulkTransferring {
    package init() {}

    package func open(_ form: BulkForm, deadline: Instant) async throws(ProbeInterruption) -> BulkOpening {
        throw .unable(
            Inability(
                .internalFault, action: "transfer to \(form.endpoint)", reason: "this run has no way to do so",
                fix: "please report this with the command line"))
    }
}
