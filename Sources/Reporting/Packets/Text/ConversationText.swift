import NetValues
import Observations
import Wire

/// Who talks with whom: a line for each conversation, the largest first.
enum ConversationText {
    private static let normalLimit = 10
    private static let verboseLimit = 50

    static func write(_ summary: PacketSummary, top: Int?, to page: inout TextPage) {
        guard !summary.flows.isEmpty else { return }
        let isVerbose = page.style.verbosity == .verbose
        let limit = top ?? (isVerbose ? Self.verboseLimit : Self.normalLimit)
        let count = summary.flows.count
        page.section(
            count > limit
                ? "Conversations (the \(grouped(limit)) largest of \(grouped(count)); --flows lists all)"
                : "Conversations")
        write(summary.flows.prefix(limit), to: &page)
    }

    /// All of them, for `--flows`.
    static func writeAll(_ summary: PacketSummary, top: Int?, to page: inout TextPage) {
        page.section(heading("Conversations", summary.flows.count, top: top))
        if summary.flows.isEmpty { return page.entry("none") }
        write(summary.flows.prefix(top ?? .max), to: &page)
    }

    /// A client's port tells the least: it goes first where the page is narrow.
    private static func write(_ flows: ArraySlice<FlowRecord>, to page: inout TextPage) {
        var table = table(flows) { $0.text(of: $0.a) }
        if !table.fits(page) { table = self.table(flows) { $0.a.address.description } }
        let isVerbose = page.style.verbosity == .verbose
        table.write(to: &page) { isVerbose ? ConversationDetails.lines(flows[flows.startIndex + $0]) : [] }
    }

    private static func table(_ flows: ArraySlice<FlowRecord>, client: (FlowRecord) -> String) -> TextTable {
        TextTable(
            [
                .init("from", least: 15), .init("to", least: 21), .init("what", worth: 6),
                .init("packets →", .right, worth: 1), .init("←", .right, worth: 1), .init("bytes →", .right, worth: 8),
                .init("bytes ←", .right, worth: 8), .init("RTT", .right, worth: 4), .init("again", .right, worth: 5),
                .init("state", worth: 7), .init("name", worth: 3, least: 16), .init("within", worth: 2),
            ], rows: flows.map { cells($0, client: client($0)) })
    }

    private static func cells(_ flow: FlowRecord, client: String) -> [TextPage.Run] {
        let state = state(of: flow)
        let again = Int(flow.tcp?.counters.retransmission ?? 0)
        return [
            TextPage.Run(client), TextPage.Run(flow.text(of: flow.b)),
            TextPage.Run(what(flow)), TextPage.Run(amount(flow.fromA.packets, grouped)),
            TextPage.Run(amount(flow.fromB.packets, grouped)),
            TextPage.Run(amount(flow.fromA.bytes, { spoken(bytes: $0) })),
            TextPage.Run(amount(flow.fromB.bytes, { spoken(bytes: $0) })),
            TextPage.Run(flow.tcp?.initialRTT?.spoken ?? ""),
            TextPage.Run(again > 0 ? grouped(again) : "", again > 0 ? .doubtful : .plain),
            TextPage.Run(state.word, state.paint), TextPage.Run(flow.name ?? ""), TextPage.Run(carrier(flow)),
        ]
    }

    private static func amount(_ count: Int, _ text: (Int) -> String) -> String { count > 0 ? text(count) : "-" }

    private static func what(_ flow: FlowRecord) -> String {
        flow.application?.rawValue ?? IPProtocol.name(flow.protocolNumber)
    }

    private static func state(of flow: FlowRecord) -> (word: String, paint: Paint) {
        if let state = flow.tcp?.state { return (state.word, state.paint) }
        return flow.icmpErrors.isEmpty ? ("", .plain) : ("ICMP error", .doubtful)
    }

    /// `vxlan 42`, `vlan 7`
    private static func carrier(_ flow: FlowRecord) -> String {
        let tunnel = flow.tunnel.map { tunnel in
            tunnel.kind.rawValue + (tunnel.identifier.map { " \($0)" } ?? "")
        }
        return [flow.vlan.map { "vlan \($0)" }, tunnel].compactMap { $0 }.joined(separator: " ")
    }
}

/// `DNS (230)`, `DNS (the first 10 of 230)`
func heading(_ title: String, _ count: Int, top: Int?) -> String {
    guard let top, top < count else { return "\(title) (\(grouped(count)))" }
    return "\(title) (the first \(grouped(top)) of \(grouped(count)))"
}
