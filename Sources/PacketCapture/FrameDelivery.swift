import CPcap
import Wire

/// What the callback of libpcap needs at hand for each frame.
final class FrameDelivery {
    let linkType: LinkType
    var taker: (any FrameTaking)?
    private(set) var frames = 0
    private let fraction: Int64

    init(linkType: LinkType, isNanoseconds: Bool) {
        self.linkType = linkType
        fraction = isNanoseconds ? 1 : 1000
    }

    fileprivate func take(_ header: pcap_pkthdr, _ bytes: Span<UInt8>) {
        frames += 1
        let time = Int64(header.ts.tv_sec) &* 1_000_000_000 &+ Int64(header.ts.tv_usec) &* fraction
        taker?.take(
            CapturedFrame(
                number: frames, time: time, length: Int(header.len), linkType: linkType, interface: interface(of: bytes)
            ),
            bytes)
    }

    /// Linux cooked v2 begins with protocol (2 bytes), reserved (2) and interface index (4).
    private func interface(of bytes: Span<UInt8>) -> Int {
        guard linkType == .linuxCooked2, bytes.count >= 8 else { return 0 }
        return Int(bytes[4]) << 24 | Int(bytes[5]) << 16 | Int(bytes[6]) << 8 | Int(bytes[7])
    }
}

/// As `pcap_handler`.
func deliverFrame(
    _ user: UnsafeMutablePointer<UInt8>?, _ header: UnsafePointer<pcap_pkthdr>?, _ bytes: UnsafePointer<UInt8>?
) {
    guard let user, let header, let bytes else { return }
    // SAFETY: `LiveCapture.take` holds the delivery as long as pcap_dispatch runs; libpcap has `caplen` bytes there until this
    // returns.
    Unmanaged<FrameDelivery>.fromOpaque(user)._withUnsafeGuaranteedRef { delivery in
        let frame = UnsafeBufferPointer(start: bytes, count: Int(header.pointee.caplen))
        delivery.take(header.pointee, frame.span)
    }
}
