import NetValues
import Observations
import Wire

/// TLS and HTTP of a capture for people.
enum ApplicationText {
    private static let nameLimit = 6

    static func write(_ tls: TLSTally, to page: inout TextPage) {
        guard tls.clientHellos + tls.serverHellos + tls.quicInitials > 0 else { return }
        page.section("TLS")
        var parts = [counted(tls.clientHellos, "handshake")]
        if tls.unanswered > 0 { parts.append("\(grouped(tls.unanswered)) unanswered") }
        if tls.quicInitials > 0 { parts.append("\(grouped(tls.quicInitials)) over QUIC") }
        let versions = [String: Int](tls.versions.map { ("TLS \($0.key)", $0.value) }, uniquingKeysWith: +)
        page.entry(parts.joined(separator: ", ") + (versions.isEmpty ? "" : ": \(tally(versions))"))
        if !tls.alerts.isEmpty { page.entry("alerts: \(tally(tls.alerts))", .doubtful) }
        var names: [String: Int] = [:]
        for handshake in tls.handshakes { if let name = handshake.serverName { names[name, default: 0] += 1 } }
        if !names.isEmpty { page.entry("to \(tally(names, limit: Self.nameLimit))") }
    }

    static func write(_ http: HTTPTally, to page: inout TextPage) {
        guard http.requests + http.responses > 0 else { return }
        page.section("HTTP in the clear")
        var parts = [counted(http.requests, "request"), counted(http.responses, "response")]
        if http.unanswered > 0 { parts.append("\(grouped(http.unanswered)) unanswered") }
        let statuses = [String: Int](http.statuses.map { (String($0.key), $0.value) }, uniquingKeysWith: +)
        page.entry(parts.joined(separator: ", ") + (statuses.isEmpty ? "" : ": \(tally(statuses))"))
        if let spread = http.latency { page.entry("answered in \(spread.words)") }
        let exposed = http.exchanges.count { $0.carriesCredentials }
        if exposed > 0 {
            page.entry("\(counted(exposed, "request")) with credentials that anybody can read", .doubtful)
        }
    }

    static func writeAll(_ tls: TLSTally, top: Int?, to page: inout TextPage) {
        page.section(heading("TLS handshakes", tls.handshakes.count, top: top))
        if tls.handshakes.isEmpty { return page.entry("none") }
        TextTable(
            [
                .init("at", worth: 2), .init("client", worth: 3, least: 15), .init("server", worth: 5, least: 21),
                .init("name", least: 16), .init("version", worth: 6), .init("ALPN", worth: 4),
                .init("time", .right, worth: 6), .init("alerts", worth: 7, least: 10),
                .init("certificate", worth: 1, least: 10),
            ], rows: tls.handshakes.prefix(top ?? .max).map(cells)
        ).write(to: &page)
    }

    private static func cells(_ handshake: TLSHandshakeRecord) -> [TextPage.Run] {
        let version = handshake.chosenVersion.map { handshake.isQUIC ? "\($0) QUIC" : $0 }
        let isOpen = version == nil && !handshake.isQUIC
        return [
            TextPage.Run(handshake.at.timeOfDay), TextPage.Run(handshake.client.description),
            TextPage.Run(handshake.server.description), TextPage.Run(handshake.serverName ?? "-"),
            TextPage.Run(version ?? (handshake.isQUIC ? "QUIC" : "no answer"), isOpen ? .bad : .plain),
            TextPage.Run(handshake.chosenALPN ?? ""), TextPage.Run(handshake.latency?.spoken ?? ""),
            TextPage.Run(handshake.alerts.joined(separator: ", "), .doubtful),
            TextPage.Run(handshake.certificate.map(certificate) ?? ""),
        ]
    }

    private static func certificate(_ certificate: CertificateSummary) -> String {
        certificate.subject + (certificate.notAfter.map { " until \($0.rfc3339.prefix(10))" } ?? "")
    }

    static func writeAll(_ http: HTTPTally, top: Int?, to page: inout TextPage) {
        page.section(heading("HTTP", http.exchanges.count, top: top))
        if http.exchanges.isEmpty { return page.entry("none") }
        TextTable(
            [
                .init("at", worth: 2), .init("client", worth: 1, least: 15), .init("server", worth: 3, least: 21),
                .init("method", worth: 5), .init("host", worth: 4, least: 12), .init("path", least: 16),
                .init("status", .right, worth: 7), .init("time", .right, worth: 6),
            ], rows: http.exchanges.prefix(top ?? .max).map(cells)
        ).write(to: &page)
    }

    private static func cells(_ exchange: HTTPTransaction) -> [TextPage.Run] {
        let status = exchange.status
        return [
            TextPage.Run(exchange.at.timeOfDay), TextPage.Run(exchange.client.description),
            TextPage.Run(exchange.server.description), TextPage.Run(exchange.method),
            TextPage.Run(exchange.host ?? "-"), TextPage.Run(exchange.path),
            TextPage.Run(status.map(String.init) ?? "-", status.map { $0 >= 400 ? .doubtful : .plain } ?? .bad),
            TextPage.Run(exchange.latency?.spoken ?? ""),
        ]
    }
}
