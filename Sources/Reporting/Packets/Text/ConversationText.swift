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
        table(summary.flows.prefix(limit)).write(to: &page)
    }

    /// All of them, for `--flows`.
    static func writeAll(_ summary: PacketSummary, top: Int?, to page: inout TextPage) {
        page.section(heading("Conversations", summary.flows.count, top: top))
        if summary.flows.isEmpty { return page.entry("none") }
        table(summary.flows.prefix(top ?? .max)).write(to: &page)
    }

    private static func table(_ flows: ArraySlice<FlowRecord>) -> TextTable {
        TextTable(
            [
                .init("from", least: 9), .init("to", least: 9), .init("what", worth: 5),
                .init("packets →", .right, worth: 1), .init("←", .right, worth: 1), .init("bytes →", .right, worth: 8),
                .init("bytes ←", .right, worth: 8), .init("RTT", .right, worth: 4), .init("again", .right, worth: 6),
                .init("state", worth: 7), .init("name", worth: 3, least: 8), .init("within", worth: 2),
            ], rows: flows.map(cells))
    }

    private static func cells(_ flow: FlowRecord) -> [TextPage.Run] {
        let state = state(of: flow)
        let again = Int(flow.tcp?.counters.retransmission ?? 0)
        return [
            TextPage.Run(flow.text(of: flow.a)), TextPage.Run(flow.text(of: flow.b)),
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
