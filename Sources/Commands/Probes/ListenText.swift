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
            line += " \(parameters.isReverse ? "← here" : "→ here"), \(parameters.isUDP ? "udp" : "tcp"), \(streams)"
        }
        if let failure = report.failure { return "\(line): not completed: \(failure.escaped(limit: 200))" }
        guard let outcome = report.outcome else { return "\(line): no transfer" }
        let isReverse = report.parameters?.isReverse == true
        let bytes = isReverse ? report.results?.bytes ?? outcome.bytes : outcome.bytes
        let span = isReverse ? report.results?.span ?? outcome.span : outcome.span
        let seconds = span.milliseconds / 1000
        let rate = seconds > 0 ? Int(min(Double(bytes) * 8 / seconds, 1e15)) : 0
        line += ": \(BitRate(bitsPerSecond: rate)), \(gigabytes(bytes)) in \(span.spoken)"
        if report.parameters?.isUDP == true, !isReverse {
            let lost = outcome.streams.reduce(0) { $0 + $1.tally.lost }
            let sent = outcome.streams.reduce(0) { $0 + $1.tally.expected }
            line += ", \(lost) of \(sent) datagrams lost"
        } else if let sender = outcome.sender {
            line += ", \(sender.retransmits) segments sent again"
        }
        return line
    }

    private static func gigabytes(_ bytes: Int) -> String {
        let units = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)]
        for (unit, scale) in units where Double(bytes) >= scale {
            let tenths = Int((Double(bytes) / scale * 10).rounded())
            return tenths % 10 == 0 ? "\(tenths / 10) \(unit)" : "\(tenths / 10).\(tenths % 10) \(unit)"
        }
        return "\(bytes) bytes"
    }
}
