import Wire

/// A pcap file in memory (https://www.tcpdump.org/manpages/pcap-savefile.5.html).
package struct CaptureBytes {
    package private(set) var bytes: [UInt8] = []
    private let isNanosecond: Bool
    private let isBigEndian: Bool
    private let snapLength: Int

    package init(
        linkType: LinkType = .ethernet, isNanosecond: Bool = true, isBigEndian: Bool = false, snapLength: Int = 262_144
    ) {
        self.isNanosecond = isNanosecond
        self.isBigEndian = isBigEndian
        self.snapLength = snapLength
        append(isNanosecond ? 0xa1b2_3c4d : 0xa1b2_c3d4)
        append(isBigEndian ? 0x0002_0004 : 0x0004_0002)
        append(0)
        append(0)
        append(UInt32(snapLength))
        append(linkType.rawValue)
    }

    /// - Parameters:
    ///   - time: nanoseconds since 1970.
    ///   - length: on the wire; nil as long as the frame is.
    package mutating func add(_ frame: [UInt8], at time: Int64, length: Int? = nil) {
        let captured = min(frame.count, snapLength)
        append(UInt32(truncatingIfNeeded: time / 1_000_000_000))
        append(UInt32(truncatingIfNeeded: time % 1_000_000_000 / (isNanosecond ? 1 : 1000)))
        append(UInt32(captured))
        append(UInt32(length ?? frame.count))
        bytes += frame[..<captured]
    }

    /// What was made so far, and forgets it: for files larger than memory.
    package mutating func take() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    private mutating func append(_ value: UInt32) {
        let inOrder = isBigEndian ? value : value.byteSwapped
        bytes.append(uint32: inOrder)
    }
}
