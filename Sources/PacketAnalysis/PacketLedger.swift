import NetValues
import Observations
import Wire

/// Where each packet is entered: its flow, and what looks into its payload.
struct PacketLedger: PacketVisitor {
    private let settings: AnalysisSettings
    private var totals = PacketSummary()

    init(_ settings: AnalysisSettings) {
        self.settings = settings
    }

    mutating func count(_ frame: CapturedFrame, captured: Int) {
        totals.packets += 1
        totals.bytes += frame.length
        totals.capturedBytes += captured
    }

    mutating func visit(_ packet: NetworkPacket, in frame: CapturedFrame, _ bytes: Span<UInt8>) {}

    mutating func visitARP(at offset: Int, link: LinkHeader, in frame: CapturedFrame, _ bytes: Span<UInt8>) {}

    mutating func visitOther(_ other: UndecodedFrame, in frame: CapturedFrame) {}

    func summary() -> PacketSummary { totals }
}

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
}
