import NetValues
import Observations
import Wire

/// Turns the frames of a capture, in order, into what they show. Memory is bounded by flows and lists, never by the number of
/// frames.
package struct PacketAnalyzer: ~Copyable {
    private var decoder = FrameDecoder()
    private var ledger: PacketLedger

    package init(_ settings: AnalysisSettings = AnalysisSettings()) {
        ledger = PacketLedger(settings)
    }

    /// - Parameter bytes: as captured, at most `frame.length`.
    package mutating func add(_ frame: CapturedFrame, _ bytes: Span<UInt8>) {
        ledger.count(frame, captured: bytes.count)
        decoder.decode(frame, bytes, into: &ledger)
    }

    /// What was seen so far. May be asked again and again, as a live display does.
    package func summary() -> PacketSummary { complete(ledger.summary()) }

    /// As `summary`, at the end: what is kept of the flows goes as their records come, so that both are never in memory at once.
    /// Nothing may be added afterwards.
    package mutating func finish() -> PacketSummary { complete(ledger.finish()) }

    private func complete(_ summary: PacketSummary) -> PacketSummary {
        var summary = summary
        summary.limits.abandonedDatagrams = decoder.abandonedDatagrams
        return summary
    }
}

/// What an analysis keeps, and what it knows beforehand.
package struct AnalysisSettings: Sendable {
    /// Flows in memory at once; the least recently used go first, and stay in the totals.
    package var mostFlows = 200_000
    /// Transactions listed of each kind.
    package var mostTransactions = 10_000
    /// TLS handshakes, and HTTP connections, that are followed at once; the oldest go first.
    package var mostConversations = 50_000
    /// Payload that is kept until the rest of a message comes, over all flows.
    package var mostPayloadBytes = 64 << 20
    /// The first packets of each flow are kept as events: for the few flows of probes.
    package var eventsPerFlow = 0
    /// Of pods and Services, as given; empty means guessed.
    package var podRanges: [AddressRange] = []
    package var serviceRanges: [AddressRange] = []
    /// The capturing host's own.
    package var ownAddresses: Set<PacketAddress> = []
    /// Reads the certificates of TLS 1.2 and older; without it they are left out.
    package var certificates: (any CertificateDescribing)?
    /// Opens QUIC's Initial packets; without it QUIC is recognised and has no name.
    package var quicInitials: (any QUICInitialOpening)?

    package init() {}
}
