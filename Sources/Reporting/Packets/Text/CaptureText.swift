import NetValues
import Observations
import Wire

/// What the capture is: where from, when, how much, and what is missing in it.
enum CaptureText {
    private static let fileLimit = 4
    private static let problemLimit = 5
    private static let endpointLimit = 20

    static func write(_ summary: PacketSummary, to page: inout TextPage) {
        page.section("Capture")
        let isVerbose = page.style.verbosity == .verbose
        if !summary.files.isEmpty {
            page.entry(listed(summary.files, limit: isVerbose ? summary.files.count : Self.fileLimit))
        }
        if let interface = summary.interface {
            let filter = summary.filter.map { ", \($0.escaped(limit: 200))" } ?? ""
            page.entry("live on \(interface.escaped(limit: 40))\(filter)")
        }
        page.entry(amount(summary))
        if let firstAt = summary.firstAt, let lastAt = summary.lastAt { page.entry(period(firstAt, lastAt)) }
        if !summary.linkTypes.isEmpty {
            let types = listed(summary.linkTypes.map(\.description), limit: 8)
            page.entry("link type\(summary.linkTypes.count == 1 ? "" : "s") \(types)")
        }
        for line in gaps(summary) { page.entry(line, .doubtful) }
        for line in limits(summary.limits) { page.entry(line, .dim) }
        writeProtocols(summary, to: &page)
        if isVerbose { writeEndpoints(summary.endpoints, to: &page) }
    }

    private static func amount(_ summary: PacketSummary) -> String {
        var text = "\(counted(summary.packets, "packet")), \(spoken(bytes: summary.bytes))"
        if let span = summary.span, span > .zero {
            let rates = [spoken(packets: summary.packets, over: span), spoken(bytes: summary.bytes, over: span)]
            text += " in \(span.spoken): \(rates.compactMap { $0 }.joined(separator: ", "))"
        }
        return text
    }

    /// `2026-01-31 12:00:00.123 to 12:00:12.345 UTC`
    private static func period(_ first: WallTime, _ last: WallTime) -> String {
        let (from, to) = (first.rfc3339, last.rfc3339)
        func time(_ text: String) -> Substring { text.dropFirst(11).dropLast() }
        let day = from.prefix(10) == to.prefix(10) ? "" : "\(to.prefix(10)) "
        return "\(from.prefix(10)) \(time(from)) to \(day)\(time(to)) UTC"
    }

    /// What is not in the capture though it was on the wire, and what makes it doubtful.
    private static func gaps(_ summary: PacketSummary) -> [String] {
        var lines: [String] = []
        if summary.isTruncated, summary.problems.isEmpty {
            lines.append("a file ends before its end: what came before that counts")
        }
        lines += summary.problems.prefix(Self.problemLimit)
        let more = summary.problems.count - Self.problemLimit
        if more > 0 { lines.append("… \(counted(more, "further problem")) in the files (--format json tells all)") }
        if summary.drops.kernel > 0 {
            lines.append("\(counted(summary.drops.kernel, "packet")) lost by the capture (its buffer was full)")
        }
        if summary.drops.interface > 0 {
            lines.append("\(counted(summary.drops.interface, "packet")) dropped by the interface or its driver")
        }
        let cut = summary.bytes - summary.capturedBytes
        if cut > 0 { lines.append("\(spoken(bytes: cut)) of the packets cut off by the snapshot length") }
        if summary.backwardSteps > 0 {
            lines.append("the clock of the capture steps back \(counted(summary.backwardSteps, "time"))")
        }
        return lines
    }

    private static func limits(_ limits: AnalysisLimits) -> [String] {
        var lines: [String] = []
        if limits.evictedFlows > 0 {
            lines.append("\(counted(limits.evictedFlows, "conversation")) more than can be listed: in the totals only")
        }
        if limits.unlistedTransactions > 0 {
            lines.append("\(counted(limits.unlistedTransactions, "transaction")) counted and not listed")
        }
        if limits.abandonedDatagrams > 0 {
            lines.append("\(counted(limits.abandonedDatagrams, "datagram")) of which not every fragment was seen")
        }
        return lines
    }

    /// Packets of each, and its part of all bytes. Layers within each other count in each.
    private static func writeProtocols(_ summary: PacketSummary, to page: inout TextPage) {
        guard !summary.protocols.entries.isEmpty else { return }
        let all = summary.protocols.entries.map { entry in
            "\(entry.name) \(grouped(entry.packets)) (\(share(entry.bytes, of: summary.bytes)))"
        }
        page.section("Protocols (packets, and part of all bytes)")
        page.entry(listed(all, limit: page.style.verbosity == .verbose ? all.count : 16))
    }

    private static func writeEndpoints(_ endpoints: [EndpointTally], to page: inout TextPage) {
        guard !endpoints.isEmpty else { return }
        let shown = endpoints.prefix(Self.endpointLimit)
        page.section(
            shown.count < endpoints.count
                ? "Addresses (the \(shown.count) largest of \(grouped(endpoints.count)))" : "Addresses")
        let rows = shown.map { endpoint in
            [
                TextPage.Run(endpoint.address.description), TextPage.Run(grouped(endpoint.packetsSent)),
                TextPage.Run(spoken(bytes: endpoint.bytesSent)), TextPage.Run(grouped(endpoint.packetsReceived)),
                TextPage.Run(spoken(bytes: endpoint.bytesReceived)),
            ]
        }
        TextTable(
            [
                .init("address", least: 12), .init("packets sent", .right, worth: 1), .init("bytes sent", .right),
                .init("packets received", .right, worth: 1), .init("bytes received", .right, worth: 2),
            ], rows: rows
        ).write(to: &page)
    }
}
