/// Reads capture files: pcap (https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-03.html) and pcapng
/// (https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-02.html), from whatever part of the file is at hand. Holds no bytes.
package struct CaptureParser: Sendable {
    private enum Format: Sendable {
        case undecided
        case pcap(PcapFormat)
        case pcapng
    }

    private var format = Format.undecided
    private var sections = PcapngSections()

    package init() {}

    /// What the capture itself lost, as far as pcapng says so; pcap never does.
    package var drops: (kernel: UInt64, interface: UInt64)? { sections.drops }

    package var hasBegun: Bool {
        if case .undecided = format { false } else { true }
    }

    package var formatName: String {
        switch format {
        case .undecided: "nothing"
        case .pcap: "pcap"
        case .pcapng: "pcapng"
        }
    }

    /// - Parameter start: where the next record or block begins in `bytes`.
    @inline(__always)
    package mutating func step(_ bytes: Span<UInt8>, at start: Int) throws(CaptureFault) -> CaptureStep {
        switch format {
        case .pcap(let format): try format.step(bytes, at: start)
        case .pcapng: try sections.step(bytes, at: start)
        case .undecided: try begin(bytes, at: start)
        }
    }

    private mutating func begin(_ bytes: Span<UInt8>, at start: Int) throws(CaptureFault) -> CaptureStep {
        guard bytes.count - start >= 4 else { return .more(4) }
        if ByteOrder.little.uint32(bytes, start) == PcapngSections.sectionHeader {
            // Four bytes say little: the byte-order magic proves it.
            guard bytes.count - start >= PcapngSections.headerLength else { return .more(PcapngSections.headerLength) }
            guard PcapngSections.order(bytes, at: start) != nil else { throw .foreign }
            format = .pcapng
            return try sections.step(bytes, at: start)
        }
        guard PcapFormat.isMagic(bytes, at: start) else { throw .foreign }
        guard bytes.count - start >= PcapFormat.headerLength else { return .more(PcapFormat.headerLength) }
        format = .pcap(try PcapFormat(bytes, at: start))
        return .skip(PcapFormat.headerLength)
    }
}
