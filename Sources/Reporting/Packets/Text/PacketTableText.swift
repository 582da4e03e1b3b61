import Observations

extension PacketTable {
    /// Whole, or its first `top` lines.
    func write(_ summary: PacketSummary, top: Int?, to page: inout TextPage) {
        switch self {
        case .flows: ConversationText.writeAll(summary, top: top, to: &page)
        case .dns: NameText.writeAll(summary.dns, top: top, to: &page)
        case .tls: ApplicationText.writeAll(summary.tls, top: top, to: &page)
        case .http: ApplicationText.writeAll(summary.http, top: top, to: &page)
        case .icmp: ControlText.writeAll(summary.icmp, top: top, to: &page)
        case .arp: NeighbourText.writeAll(summary.neighbours, top: top, to: &page)
        }
    }
}
