/// The blocks of a pcapng file: sections, each with its own byte order and interfaces.
struct PcapngSections: Sendable {
    static let sectionHeader: UInt32 = 0x0a0d_0d0a
    /// Of a section header without options.
    static let headerLength = 28
    private static let byteOrderMagic: UInt32 = 0x1a2b_3c4d

    private var order = ByteOrder.little
    /// Of the section.
    private var interfaces: [PcapngInterface] = []
    /// The number of the section's first interface over all sections.
    private var firstInterface = 0
    private var lastTime: Int64 = 0
    /// Of the sections before.
    private var earlierDrops: (kernel: UInt64, interface: UInt64)?

    /// The byte order of the section header that begins there, of which twelve bytes are at hand.
    static func order(_ bytes: Span<UInt8>, at start: Int) -> ByteOrder? {
        [.little, .big].first { (order: ByteOrder) in order.uint32(bytes, start + 8) == byteOrderMagic }
    }

    /// Counts of interface statistics run on from the start of the capture: the last ones count, those of sections add up.
    var drops: (kernel: UInt64, interface: UInt64)? {
        interfaces.reduce(earlierDrops) { sum, interface in
            guard let drops = interface.drops else { return sum }
            return ((sum?.kernel ?? 0).adding(drops.kernel), (sum?.interface ?? 0).adding(drops.interface))
        }
    }

    @inline(__always)
    mutating func step(_ bytes: Span<UInt8>, at start: Int) throws(CaptureFault) -> CaptureStep {
        let available = bytes.count &- start
        guard available >= 12 else { return .more(12) }
        let type = order.uint32(bytes, start)
        // Reads the same in either order, so that the order of its section can be learnt from it.
        guard type != Self.sectionHeader else { return try beginSection(bytes, at: start) }
        let length = Int(order.uint32(bytes, start &+ 4))
        guard length >= 12, length & 3 == 0 else {
            throw CaptureFault("a block of \(length) bytes, which no block has")
        }
        guard let largest = Self.largest(type) else { return .skip(length) }
        guard length <= largest else {
            throw CaptureFault("a block of type \(type) that claims \(length) bytes (at most \(largest))")
        }
        guard available >= length else { return .more(length) }
        guard Int(order.uint32(bytes, start &+ length &- 4)) == length else {
            throw CaptureFault("a block that gives its length as \(length) at its start only")
        }
        let block = PcapngBlock(order: order, start: start, end: start &+ length)
        return try take(type, block, bytes)
    }

    private static let interfaceDescription: UInt32 = 1
    private static let obsoletePacket: UInt32 = 2
    private static let simplePacket: UInt32 = 3
    private static let interfaceStatistics: UInt32 = 5
    private static let enhancedPacket: UInt32 = 6

    /// Nil for blocks that are skipped.
    @inline(__always)
    private static func largest(_ type: UInt32) -> Int? {
        switch type {
        case enhancedPacket, simplePacket, obsoletePacket:
            CaptureLimits.largestRecord + CaptureLimits.largestDescription
        case interfaceDescription, interfaceStatistics: CaptureLimits.largestDescription
        default: nil
        }
    }

    @inline(__always)
    private mutating func take(
        _ type: UInt32, _ block: PcapngBlock, _ bytes: Span<UInt8>
    ) throws(CaptureFault) -> CaptureStep {
        switch type {
        case Self.enhancedPacket: return .record(try enhancedPacket(block, bytes))
        case Self.simplePacket: return .record(try simplePacket(block, bytes))
        case Self.obsoletePacket: return .record(try obsoletePacket(block, bytes))
        case Self.interfaceDescription: try addInterface(block, bytes)
        default: addStatistics(block, bytes)
        }
        return .skip(block.end &- block.start)
    }

    private mutating func beginSection(_ bytes: Span<UInt8>, at start: Int) throws(CaptureFault) -> CaptureStep {
        guard let order = Self.order(bytes, at: start) else {
            throw CaptureFault("a section without its byte-order magic")
        }
        // Its fixed part first: what is wrong with it shall not depend on how much of the file is at hand.
        guard bytes.count - start >= Self.headerLength else { return .more(Self.headerLength) }
        let length = Int(order.uint32(bytes, start + 4))
        guard length >= Self.headerLength, length % 4 == 0, length <= CaptureLimits.largestDescription else {
            throw CaptureFault("a section header of \(length) bytes, which no section has")
        }
        let major = order.uint16(bytes, start + 12)
        guard major == 1 else { throw CaptureFault("pcapng of version \(major), and only version 1 is known") }
        guard bytes.count - start >= length else { return .more(length) }
        earlierDrops = drops
        firstInterface += interfaces.count
        interfaces.removeAll(keepingCapacity: true)
        self.order = order
        return .skip(length)
    }

    private mutating func addInterface(_ block: PcapngBlock, _ bytes: Span<UInt8>) throws(CaptureFault) {
        guard block.bodyLength >= 8 else { throw CaptureFault("an interface description that is cut short") }
        guard interfaces.count < CaptureLimits.mostInterfaces else {
            throw CaptureFault("a section of more than \(CaptureLimits.mostInterfaces) interfaces")
        }
        interfaces.append(PcapngInterface(block, bytes))
    }

    private mutating func addStatistics(_ block: PcapngBlock, _ bytes: Span<UInt8>) {
        guard block.bodyLength >= 12 else { return }
        let number = Int(order.uint32(bytes, block.body))
        guard number < interfaces.count else { return }
        interfaces[number].takeStatistics(block, bytes)
    }

    @inline(__always)
    private mutating func enhancedPacket(
        _ block: PcapngBlock, _ bytes: Span<UInt8>
    ) throws(CaptureFault) -> CaptureRecord {
        guard block.bodyLength >= 20 else { throw CaptureFault("a packet block that is cut short") }
        let body = block.body
        return try packet(
            of: Int(order.uint32(bytes, body)), high: order.uint32(bytes, body &+ 4),
            low: order.uint32(bytes, body &+ 8), captured: Int(order.uint32(bytes, body &+ 12)),
            length: Int(order.uint32(bytes, body &+ 16)), in: block)
    }

    private mutating func obsoletePacket(
        _ block: PcapngBlock, _ bytes: Span<UInt8>
    ) throws(CaptureFault) -> CaptureRecord {
        guard block.bodyLength >= 20 else { throw CaptureFault("a packet block that is cut short") }
        let body = block.body
        return try packet(
            of: Int(order.uint16(bytes, body)), high: order.uint32(bytes, body &+ 4),
            low: order.uint32(bytes, body &+ 8), captured: Int(order.uint32(bytes, body &+ 12)),
            length: Int(order.uint32(bytes, body &+ 16)), in: block)
    }

    @inline(__always)
    private mutating func packet(
        of interface: Int, high: UInt32, low: UInt32, captured: Int, length: Int, in block: PcapngBlock
    ) throws(CaptureFault) -> CaptureRecord {
        guard interface < interfaces.count else {
            throw CaptureFault("a packet of interface \(interface), which nothing describes")
        }
        guard captured <= block.bodyLength &- 20 else {
            throw CaptureFault("a packet of \(captured) bytes in a block of \(block.end &- block.start)")
        }
        lastTime = interfaces[interface].clock.nanoseconds(UInt64(high) << 32 | UInt64(low))
        return CaptureRecord(
            time: lastTime, length: max(length, captured), linkType: interfaces[interface].linkType,
            interface: firstInterface &+ interface, dataOffset: block.body &+ 20, dataLength: captured, end: block.end)
    }

    /// Belongs to the first interface, and holds as much as its snapshot length allows.
    private func simplePacket(_ block: PcapngBlock, _ bytes: Span<UInt8>) throws(CaptureFault) -> CaptureRecord {
        guard block.bodyLength >= 4 else { throw CaptureFault("a packet block that is cut short") }
        guard let interface = interfaces.first else {
            throw CaptureFault("a packet of interface 0, which nothing describes")
        }
        let length = Int(order.uint32(bytes, block.body))
        let limit = interface.snapLength == 0 ? length : min(length, Int(interface.snapLength))
        let captured = min(limit, block.bodyLength - 4)
        return CaptureRecord(
            time: lastTime, length: length, linkType: interface.linkType, interface: firstInterface,
            dataOffset: block.body + 4, dataLength: captured, end: block.end)
    }
}

/// A whole block that is at hand: `start` and `end` in the bytes.
struct PcapngBlock {
    let order: ByteOrder
    let start: Int
    let end: Int

    @inline(__always)
    var body: Int { start &+ 8 }
    @inline(__always)
    var bodyLength: Int { end &- start &- 12 }

    /// Calls `body` with the code of each option from `offset` of the block's body on, and where its value lies.
    func eachOption(
        from offset: Int, _ bytes: Span<UInt8>, _ take: (_ code: UInt16, _ at: Int, _ length: Int) -> Void
    ) {
        let limit = end - 4
        var at = body + offset
        while at + 4 <= limit {
            let code = order.uint16(bytes, at)
            let length = Int(order.uint16(bytes, at + 2))
            guard code != 0, at + 4 + length <= limit else { return }
            take(code, at + 4, length)
            at += 4 + (length + 3) / 4 * 4
        }
    }
}

extension UInt64 {
    func adding(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
