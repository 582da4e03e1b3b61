/// Takes frames apart from the link layer on, through tunnels, and puts fragments together. Nothing is allocated for a frame that
/// holds no fragment.
package struct FrameDecoder: ~Copyable {
    /// IP packets within one another that are visited: what is deeper stays payload.
    static let mostPackets: UInt8 = 4
    /// Headers around them that may follow one another: VLAN tags, label stacks, Ethernet within Ethernet.
    static let mostLayers: UInt8 = 16

    var fragments = FragmentTable()

    package init() {}

    /// Of which a fragment never came, or one was wrong.
    package var abandonedDatagrams: Int { fragments.abandoned }

    package mutating func decode(_ frame: CapturedFrame, _ bytes: Span<UInt8>, into visitor: inout some PacketVisitor) {
        let layer = FrameLayer(offset: 0, end: max(frame.length, bytes.count))
        switch frame.linkType {
        case .ethernet: ethernet(layer, frame, bytes, into: &visitor)
        case .linuxCooked: linuxCooked(layer, frame, bytes, into: &visitor)
        case .linuxCooked2: linuxCooked2(layer, frame, bytes, into: &visitor)
        case .raw: internet(layer, frame, bytes, into: &visitor)
        case .null, .loop: loopback(layer, frame, bytes, into: &visitor)
        case .ipv4: ipv4(layer, frame, bytes, into: &visitor)
        case .ipv6: ipv6(layer, frame, bytes, into: &visitor)
        default: visitor.visitOther(.linkType, in: frame)
        }
    }
}

/// How far a frame was taken apart.
struct FrameLayer {
    /// Where the next header begins.
    var offset: Int
    /// Where it must end by the length fields of what is around it; the captured bytes may end before.
    var end: Int
    var link = LinkHeader()
    var tunnel: Tunnel?
    /// IP packets around it.
    var depth: UInt8 = 0
    /// Headers that were taken off without an IP packet among them.
    var layers: UInt8 = 0

    /// By the length fields.
    var length: Int { end - offset }

    /// What is left behind a header.
    func behind(_ count: Int) -> FrameLayer {
        var inner = self
        inner.offset += count
        inner.layers += 1
        return inner
    }

    /// Whether a header of so many bytes is there, by what was captured and by the lengths around it.
    @inline(__always)
    func holds(_ count: Int, _ bytes: borrowing Span<UInt8>) -> Bool {
        count <= length && bytes.holds(count, at: offset)
    }
}
