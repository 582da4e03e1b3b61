import Wire

/// Segments that came before the first bytes of their direction, by which a conversation is recognised: kept for a few flows, so
/// that a hello in two segments that changed places is still read.
struct EarlySegments {
    private struct Segment {
        let isFromA: Bool
        let offset: UInt32
        let length: Int
        let moment: PacketMoment
        let bytes: [UInt8]
    }

    private static let mostFlows = 1024
    private static let mostSegments = 4
    /// Of the stream: what is further behind its start is of no use for a hello.
    private static let furthest: UInt32 = 16_384

    private var segments: [Int: [Segment]] = [:]

    /// - Returns: whether it is kept.
    mutating func keep(_ payload: Span<UInt8>, at place: StreamPosition, _ context: PayloadContext) -> Bool {
        guard place.followsHole, place.offset > 0, place.offset <= Self.furthest, payload.count == context.length,
            payload.count <= Int(Self.furthest)
        else { return false }
        let known = segments[context.flow]
        guard known.map({ $0.count < Self.mostSegments }) ?? (segments.count < Self.mostFlows) else { return false }
        let moment = PacketMoment(frame: context.frame.number, time: context.frame.time)
        segments[context.flow, default: []].append(
            Segment(
                isFromA: context.isFromA, offset: place.offset, length: context.length, moment: moment,
                bytes: payload.copy(0..<payload.count)))
        return true
    }

    /// Hands them to the conversation that its flow has become.
    mutating func release<Exchange>(_ flow: Int, into conversation: inout StreamConversation<Exchange>) {
        guard let kept = segments.removeValue(forKey: flow) else { return }
        for segment in kept {
            conversation.keep(
                segment.bytes.span, length: segment.length, at: segment.offset, segment.moment,
                isFromA: segment.isFromA)
        }
    }

    mutating func forget(_ flow: Int) {
        if !segments.isEmpty { segments[flow] = nil }
    }
}
