import LinuxIO
import NetValues
import Observations
import ProbeKit
import Wire

/// What the listening side of `throughput` says.
enum ListenText {
    static func head(_ endpoints: [Endpoint], _ limits: IperfServer.Limits) -> String {
        let places = endpoints.map(\.description).joined(separator: " and ")
        let who = limits.allowed.isEmpty ? "whoever can reach it" : "those that --allow names"
        return
            "Listening on \(places) for \(who): leadsman throughput, and iperf3 clients, one at a time, each at most \(limits.span.spoken) and \(gigabytes(limits.bytes))."
    }

    /// `198.18.1.2:40312 → here, tcp, 1 stream: 94.3 Mbit/s, 23.6 MB in 2.0 s`
    static func line(_ report: IperfServer.Report) -> String {
        var line = "\(report.peer)"
        if let parameters = report.parameters {
            let streams = parameters.streams == 1 ? "1 stream" : "\(parameters.streams) streams"
            let way = parameters.isBothWays ? "⇄ here" : parameters.isReverse ? "← here" : "→ here"
            line +=
                " \(way), \(parameters.isUDP ? "udp" : "tcp"), \(streams)\(parameters.isBothWays ? " each way" : "")"
        }
        if let failure = report.failure { return "\(line): not completed: \(failure.escaped(limit: 200))" }
        guard let outcome = report.outcome else { return "\(line): no transfer" }
        if let sent = report.sent { return line + bothWays(report, outcome, sent) }
        let isReverse = report.parameters?.isReverse == true
        let bytes = isReverse ? report.results?.bytes ?? outcome.bytes : outcome.bytes
        let span = isReverse ? report.results?.span ?? outcome.span : outcome.span
        line += ": \(amount(bytes, span))"
        if report.parameters?.isUDP == true, !isReverse {
            let lost = outcome.streams.reduce(0) { $0 + $1.tally.lost }
            let sent = outcome.streams.reduce(0) { $0 + $1.tally.expected }
            line += ", \(lost) of \(sent) datagrams lost"
        } else if let sender = outcome.sender {
            line += ", \(sender.retransmits) segments sent again"
        }
        return line
    }

    /// `: 94.3 Mbit/s, 23.6 MB in 2.0 s came; 80.1 Mbit/s, 20.0 MB in 2.0 s were sent`
    private static func bothWays(_ report: IperfServer.Report, _ received: BulkOutcome, _ sent: BulkOutcome) -> String {
        let there = report.results.map { $0.streams.dropFirst(received.streams.count).reduce(0) { $0 &+ $1.bytes } }
        return
            ": \(amount(received.bytes, received.span)) came; \(amount(there ?? sent.bytes, report.results?.span ?? sent.span)) were sent"
    }

    private static func amount(_ bytes: Int, _ span: Duration) -> String {
        "\(BitRate(bitsPerSecond: ThroughputFact.rate(bytes, in: span))), \(gigabytes(bytes)) in \(span.spoken)"
    }

    private static func gigabytes(_ bytes: Int) -> String {
        let units = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)]
        for (unit, scale) in units where Double(bytes) >= scale {
            let tenths = Int((Double(bytes) / scale * 10).rounded())
            return tenths % 10 == 0 ? "\(tenths / 10) \(unit)" : "\(tenths / 10).\(tenths % 10) \(unit)"
        }
        return bytes == 1 ? "1 byte" : "\(bytes) bytes"
    }
}
