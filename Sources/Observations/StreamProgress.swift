/// How far the bytes of a connection had come when no more was waited for (TCP_INFO, linux/tcp.h): the peer's own system, or what
/// answers in its name, acknowledges what it has, whether or not a process reads it.
package struct StreamProgress: Hashable, Sendable {
    /// Of ours, without the SYN; over TLS these are its records.
    package let acknowledgedBytes: Int
    package let receivedBytes: Int
    /// Segments sent and not acknowledged, and bytes that wait behind them.
    package let unacknowledgedSegments: Int
    package let unsentBytes: Int
    /// Segments that were sent again, since the connection began.
    package let retransmits: Int
    /// Of a full segment of ours at present, and the path MTU that it was made for; 0 where that is not known.
    package let segmentBytes: Int
    /// The largest segment that came, as the kernel takes it to be (tcpi_rcv_mss); 0 where it is not known.
    package let receivedSegmentBytes: Int
    package let pathMTU: Int
    /// For how long something of ours had been sent and was not acknowledged, since the connection began, in ticks of the kernel (1 to
    /// 10 ms); nil where the kernel does not count it.
    package let busyTime: Duration?
    /// Segments of the peer that came before others that they follow, since the connection began; nil where they are not counted.
    package let outOfOrder: Int?

    package init(
        acknowledgedBytes: Int, receivedBytes: Int, unacknowledgedSegments: Int, unsentBytes: Int, retransmits: Int,
        segmentBytes: Int = 0, receivedSegmentBytes: Int = 0, pathMTU: Int = 0, busyTime: Duration? = nil,
        outOfOrder: Int? = nil
    ) {
        self.segmentBytes = segmentBytes
        self.receivedSegmentBytes = receivedSegmentBytes
        self.pathMTU = pathMTU
        self.busyTime = busyTime
        self.outOfOrder = outOfOrder
        self.acknowledgedBytes = acknowledgedBytes
        self.receivedBytes = receivedBytes
        self.unacknowledgedSegments = unacknowledgedSegments
        self.unsentBytes = unsentBytes
        self.retransmits = retransmits
    }

    /// What has become of the connection since an earlier look at it.
    package func pace(since earlier: StreamProgress) -> StreamPace {
        StreamPace(
            acknowledgedIn: busyTime.flatMap { now in earlier.busyTime.map { max(.zero, now - $0) } },
            retransmits: max(0, retransmits - earlier.retransmits),
            outOfOrder: outOfOrder.flatMap { now in earlier.outOfOrder.map { max(0, now - $0) } })
    }

    package var isAllAcknowledged: Bool { unacknowledgedSegments == 0 && unsentBytes == 0 }
    /// Not even the first bytes were, though they were sent again.
    package var isNoneAcknowledged: Bool { acknowledgedBytes == 0 && unacknowledgedSegments > 0 && retransmits > 0 }
    /// Some were, and what came after them was sent again in vain.
    package var isCutShort: Bool { acknowledgedBytes > 0 && unacknowledgedSegments > 0 && retransmits > 0 }
}

/// How the bytes of one request and its answer fared on the way: the network's part in how long it took.
package struct StreamPace: Hashable, Sendable {
    /// From handing over the request until the peer's system had acknowledged all of it (TCP_INFO busy time), whether or not a process
    /// read it; counted in ticks of the kernel, so 0 is less than 10 ms. Nil where that is not known.
    package let acknowledgedIn: Duration?
    /// Segments of ours that were sent again.
    package let retransmits: Int
    /// Segments of the answer that came before others that they follow: what is lost on the way shows like this.
    package let outOfOrder: Int?

    package init(acknowledgedIn: Duration?, retransmits: Int, outOfOrder: Int?) {
        self.acknowledgedIn = acknowledgedIn
        self.retransmits = retransmits
        self.outOfOrder = outOfOrder
    }
}
