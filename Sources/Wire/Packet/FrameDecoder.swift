/// Takes frames apart from the link layer on, through tunnels, and puts fragments together.
package struct FrameDecoder: ~Copyable {
    package init() {}

    package mutating func decode(_ frame: CapturedFrame, _ bytes: Span<UInt8>, into visitor: inout some PacketVisitor) {
        visitor.visitOther(.linkType, in: frame)
    }
}
