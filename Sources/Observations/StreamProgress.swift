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
    package let pathMTU: Int

    package init(
        acknowledgedBytes: Int, receivedBytes: Int, unacknowledgedSegments: Int, unsentBytes: Int, retransmits: Int,
        segmentBytes: Int = 0, pathMTU: Int = 0
    ) {
        self.segmentBytes = segmentBytes
        self.pathMTU = pathMTU
        self.acknowledgedBytes = acknowledgedBytes
        self.receivedBytes = receivedBytes
        self.unacknowledgedSegments = unacknowledgedSegments
        self.unsentBytes = unsentBytes
        self.retransmits = retransmits
    }

    package var isAllAcknowledged: Bool { unacknowledgedSegments == 0 && unsentBytes == 0 }
    /// Not even the first bytes were, though they were sent again.
    package var isNoneAcknowledged: Bool { acknowledgedBytes == 0 && unacknowledgedSegments > 0 && retransmits > 0 }
    /// Some were, and what came after them was sent again in vain.
    package var isCutShort: Bool { acknowledgedBytes > 0 && unacknowledgedSegments > 0 && retransmits > 0 }
}
