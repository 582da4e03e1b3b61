/// What a section of pcapng says of one of its interfaces.
struct PcapngInterface: Sendable {
    let linkType: LinkType
    /// 0 for none.
    let snapLength: UInt32
    private(set) var clock = PcapngClock()
    private(set) var drops: (kernel: UInt64, interface: UInt64)?

    /// - Parameter block: an interface description of at least eight bytes.
    init(_ block: PcapngBlock, _ bytes: Span<UInt8>) {
        let order = block.order
        linkType = LinkType(inFile: UInt32(order.uint16(bytes, block.body)))
        snapLength = order.uint32(bytes, block.body + 4)
        var resolution: UInt8 = 6
        var offset: Int64 = 0
        block.eachOption(from: 8, bytes) { code, at, length in
            switch (code, length) {
            case (Self.timeResolution, 1...): resolution = bytes[at]
            case (Self.timeOffset, 8...): offset = Int64(bitPattern: order.uint64(bytes, at))
            default: break
            }
        }
        clock = PcapngClock(resolution: resolution, offset: offset)
    }

    private static let timeResolution: UInt16 = 9
    private static let timeOffset: UInt16 = 14
    private static let interfaceDrops: UInt16 = 5
    private static let kernelDrops: UInt16 = 7

    /// Wireshark's dumpcap enters what the kernel dropped as dropped by the interface.
    mutating func takeStatistics(_ block: PcapngBlock, _ bytes: Span<UInt8>) {
        var found = drops
        block.eachOption(from: 12, bytes) { code, at, length in
            guard length >= 8, code == Self.interfaceDrops || code == Self.kernelDrops else { return }
            let count = block.order.uint64(bytes, at)
            let known = found ?? (0, 0)
            found = code == Self.kernelDrops ? (count, known.interface) : (known.kernel, count)
        }
        drops = found
    }
}

/// Turns the ticks of an interface into nanoseconds since 1970 (if_tsresol, if_tsoffset). What does not fit into 64 bits ends at
/// the end of the scale.
struct PcapngClock: Hashable, Sendable {
    private enum Unit: Hashable, Sendable {
        /// A tick is so many nanoseconds.
        case multiple(UInt64)
        /// So many ticks are a nanosecond.
        case part(UInt64)
        /// 2^n ticks are a second.
        case binary(UInt8)
    }

    private let unit: Unit
    private let offset: Int64

    /// Microseconds.
    init() {
        self.init(resolution: 6, offset: 0)
    }

    /// - Parameters:
    ///   - resolution: the value of if_tsresol: 10^-n, or with its highest bit set 2^-n.
    ///   - offset: seconds.
    init(resolution: UInt8, offset: Int64) {
        let exponent = resolution & 0x7f
        unit =
            if resolution & 0x80 != 0 {
                .binary(exponent)
            } else if exponent <= 9 {
                .multiple(Self.powerOfTen(9 - exponent))
            } else {
                .part(Self.powerOfTen(exponent - 9))
            }
        let (nanoseconds, overflow) = offset.multipliedReportingOverflow(by: 1_000_000_000)
        self.offset = overflow ? (offset < 0 ? .min : .max) : nanoseconds
    }

    @inline(__always)
    func nanoseconds(_ ticks: UInt64) -> Int64 {
        let (sum, overflow) = Int64(clamping: unscaled(ticks)).addingReportingOverflow(offset)
        return overflow ? (offset < 0 ? .min : .max) : sum
    }

    @inline(__always)
    private func unscaled(_ ticks: UInt64) -> UInt64 {
        switch unit {
        case .multiple(let factor):
            let (product, overflow) = ticks.multipliedReportingOverflow(by: factor)
            return overflow ? .max : product
        case .part(let divisor): return ticks / divisor
        case .binary(let exponent): return Self.binary(ticks, exponent)
        }
    }

    private static func binary(_ ticks: UInt64, _ exponent: UInt8) -> UInt64 {
        let (high, low) = ticks.multipliedFullWidth(by: 1_000_000_000)
        guard exponent < 64 else { return exponent >= 128 ? 0 : high >> UInt64(exponent - 64) }
        guard exponent > 0 else { return high == 0 ? low : .max }
        guard high >> UInt64(exponent) == 0 else { return .max }
        return high << UInt64(64 - exponent) | low >> UInt64(exponent)
    }

    /// 10^n, as far as it fits.
    private static func powerOfTen(_ exponent: UInt8) -> UInt64 {
        (0..<min(exponent, 19)).reduce(1) { power, _ in power * 10 }
    }
}
