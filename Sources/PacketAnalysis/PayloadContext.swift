import Observations
import Wire

/// Whose payload it is, for what looks into payloads. `flow` is never used again for another flow.
struct PayloadContext {
    let frame: CapturedFrame
    let flow: Int
    let source: PacketEndpoint
    let destination: PacketEndpoint
    /// `a` of a flow sent its SYN, or its first packet.
    let isFromA: Bool
    /// By the length fields; the captured payload may be shorter.
    let length: Int
    /// TCP only.
    let stream: StreamPosition?
    /// What was around it: hop limit, tunnel, link.
    let packet: NetworkPacket
    /// The second sight of a packet that was there before: what it carries was handed on.
    let isCopy: Bool

    init(
        frame: CapturedFrame, flow: Int, source: PacketEndpoint, destination: PacketEndpoint, isFromA: Bool,
        length: Int, stream: StreamPosition? = nil, packet: NetworkPacket, isCopy: Bool = false
    ) {
        self.frame = frame
        self.flow = flow
        self.source = source
        self.destination = destination
        self.isFromA = isFromA
        self.length = length
        self.stream = stream
        self.packet = packet
        self.isCopy = isCopy
    }
}

/// Where a TCP payload stands in its direction's stream. Payloads are handed on in the order of their arrival.
struct StreamPosition: Hashable {
    /// Of its first byte, from the first byte of the stream that was seen, modulo 2^32.
    let offset: UInt32
    /// How much of the other direction's stream its sender has acknowledged, counted in the same way; 0 when nothing was seen of it.
    let acknowledged: UInt32
    /// So many leading bytes were seen before; all of them in a segment that was sent again.
    let repeated: Int
    /// Bytes before it have not been seen yet.
    let followsHole: Bool
    /// It came after segments that follow it in the stream.
    let fillsHole: Bool
}
