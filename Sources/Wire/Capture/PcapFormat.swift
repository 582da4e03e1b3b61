/// What the header of a pcap file says of its records.
struct PcapFormat: Sendable {
    static let headerLength = 24

    private let order: ByteOrder
    private let recordHeaderLength: Int
    private let nanosecondsPerTick: Int64
    private let linkType: LinkType
    private let largestRecord: Int
    /// Before 2.3 the two lengths stood the other way round; 2.3 was written both ways (libpcap, sf-pcap.c).
    private let minorVersion: UInt16

    private static let microseconds: UInt32 = 0xa1b2_c3d4
    private static let nanoseconds: UInt32 = 0xa1b2_3c4d
    /// Alexey Kuznetzov's patch of 1999: eight more bytes a record.
    private static let modified: UInt32 = 0xa1b2_cd34

    static func isMagic(_ bytes: Span<UInt8>, at start: Int) -> Bool {
        order(bytes, at: start) != nil
    }

    private static func order(_ bytes: Span<UInt8>, at start: Int) -> ByteOrder? {
        [.little, .big].first { (order: ByteOrder) in
            [microseconds, nanoseconds, modified].contains(order.uint32(bytes, start))
        }
    }

    /// - Parameter start: where `headerLength` bytes are at hand.
    init(_ bytes: Span<UInt8>, at start: Int) throws(CaptureFault) {
        guard let order = Self.order(bytes, at: start) else { throw .foreign }
        let magic = order.uint32(bytes, start)
        let major = order.uint16(bytes, start + 4)
        guard major == 2 else { throw CaptureFault("pcap of version \(major), and only version 2 is known") }
        self.order = order
        minorVersion = order.uint16(bytes, start + 6)
        recordHeaderLength = magic == Self.modified ? 24 : 16
        nanosecondsPerTick = magic == Self.nanoseconds ? 1 : 1000
        largestRecord = CaptureLimits.record(snapLength: order.uint32(bytes, start + 16))
        // The upper bits say whether frames end with their checksum.
        linkType = LinkType(inFile: order.uint32(bytes, start + 20) & 0x03ff_ffff)
    }

    @inline(__always)
    func step(_ bytes: Span<UInt8>, at start: Int) throws(CaptureFault) -> CaptureStep {
        let available = bytes.count &- start
        guard available >= recordHeaderLength else { return .more(recordHeaderLength) }
        var captured = Int(order.uint32(bytes, start &+ 8))
        var length = Int(order.uint32(bytes, start &+ 12))
        if minorVersion < 3 || (minorVersion == 3 && captured > length) { swap(&captured, &length) }
        guard captured <= largestRecord else {
            throw CaptureFault("a record that claims to hold \(captured) bytes (at most \(largestRecord))")
        }
        guard available >= recordHeaderLength &+ captured else { return .more(recordHeaderLength &+ captured) }
        let seconds = Int64(order.uint32(bytes, start))
        let ticks = Int64(order.uint32(bytes, start &+ 4))
        let dataOffset = start &+ recordHeaderLength
        return .record(
            CaptureRecord(
                time: seconds &* 1_000_000_000 &+ ticks &* nanosecondsPerTick, length: max(length, captured),
                linkType: linkType, interface: 0, dataOffset: dataOffset, dataLength: captured,
                end: dataOffset &+ captured))
    }
}

extension LinkType {
    /// Raw IP is 101 in a file; some programs write the numbers that it has within libpcap on Linux and OpenBSD.
    init(inFile number: UInt32) {
        self = number == 12 || number == 14 ? .raw : LinkType(rawValue: number)
    }
}
