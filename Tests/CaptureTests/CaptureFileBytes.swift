import Wire

/// Capture files byte by byte, as a machine of either byte order writes them.
struct CaptureFileBytes {
    var isBig = false
    private(set) var bytes: [UInt8] = []

    init(isBig: Bool = false) {
        self.isBig = isBig
    }

    mutating func add(_ more: [UInt8]) { bytes += more }

    mutating func add16(_ value: UInt16) {
        let low = [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
        bytes += isBig ? low.reversed() : low
    }

    mutating func add32(_ value: UInt32) {
        let low = (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
        bytes += isBig ? low.reversed() : low
    }

    mutating func add64(_ value: UInt64) {
        let low = (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
        bytes += isBig ? low.reversed() : low
    }

    // MARK: pcap

    mutating func addPcapHeader(
        magic: UInt32 = 0xa1b2_c3d4, version: UInt16 = 2, minor: UInt16 = 4, snapLength: UInt32 = 262_144,
        linkType: UInt32 = 1
    ) {
        add32(magic)
        add16(version)
        add16(minor)
        add32(0)
        add32(0)
        add32(snapLength)
        add32(linkType)
    }

    mutating func addRecord(
        seconds: UInt32, ticks: UInt32, captured: UInt32? = nil, length: UInt32? = nil, _ data: [UInt8]
    ) {
        add32(seconds)
        add32(ticks)
        add32(captured ?? UInt32(data.count))
        add32(length ?? UInt32(data.count))
        add(data)
    }

    // MARK: pcapng

    mutating func addBlock(_ type: UInt32, _ body: (inout CaptureFileBytes) -> Void) {
        var inner = CaptureFileBytes(isBig: isBig)
        body(&inner)
        while inner.bytes.count % 4 != 0 { inner.add([0]) }
        add32(type)
        add32(UInt32(inner.bytes.count + 12))
        add(inner.bytes)
        add32(UInt32(inner.bytes.count + 12))
    }

    mutating func addSection(version: UInt16 = 1) {
        addBlock(0x0a0d_0d0a) { body in
            body.add32(0x1a2b_3c4d)
            body.add16(version)
            body.add16(0)
            body.add64(.max)
        }
    }

    mutating func addOption(_ code: UInt16, _ value: [UInt8]) {
        add16(code)
        add16(UInt16(value.count))
        add(value)
        while bytes.count % 4 != 0 { add([0]) }
    }

    mutating func addInterface(
        linkType: UInt16 = 1, snapLength: UInt32 = 0, resolution: UInt8? = nil, offset: UInt64? = nil
    ) {
        addBlock(1) { body in
            body.add16(linkType)
            body.add16(0)
            body.add32(snapLength)
            if let resolution { body.addOption(9, [resolution]) }
            if let offset {
                body.add16(14)
                body.add16(8)
                body.add64(offset)
            }
            body.addOption(0, [])
        }
    }

    mutating func addPacket(interface: UInt32 = 0, ticks: UInt64, length: UInt32? = nil, _ data: [UInt8]) {
        addBlock(6) { body in
            body.add32(interface)
            body.add32(UInt32(truncatingIfNeeded: ticks >> 32))
            body.add32(UInt32(truncatingIfNeeded: ticks))
            body.add32(UInt32(data.count))
            body.add32(length ?? UInt32(data.count))
            body.add(data)
        }
    }

    mutating func addStatistics(interface: UInt32 = 0, interfaceDrops: UInt64, kernelDrops: UInt64) {
        addBlock(5) { body in
            body.add32(interface)
            body.add64(0)
            for (code, value) in [(UInt16(5), interfaceDrops), (7, kernelDrops)] {
                body.add16(code)
                body.add16(8)
                body.add64(value)
            }
        }
    }
}

/// What a reader handed out: a frame and its bytes.
struct ReadFrame: Hashable {
    let frame: CapturedFrame
    let bytes: [UInt8]
}

extension Span<UInt8> {
    func copied() -> [UInt8] { indices.map { self[$0] } }
}
