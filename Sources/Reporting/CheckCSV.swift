import Diagnosis
import JSON
import NetValues

/// The checks of a report as comma-separated values: a header line, then a line for each check. A cell is empty where there is nothing to
/// tell: not measured is no zero.
enum CheckCSV {
    private static let latencies = ["min", "p50", "p95", "p99", "max", "mean", "stddev"]

    static func text(_ report: Report) -> String {
        var text: [UInt8] = []
        CSVLine.append(
            ["name", "kind", "target", "status", "reason", "samples", "failures", "lossPercent", "duplicates"]
                + latencies.map { "latencyMs.\($0)" }, to: &text)
        for check in report.checks {
            let texts = [check.name, check.kind, check.target, check.status.rawValue, check.reason ?? ""]
            let echo = [
                check.echo.map { number($0.lossPercent) } ?? "", check.echo.map { String($0.duplicates) } ?? "",
            ]
            CSVLine.append(
                texts.map(CSVLine.text) + [String(check.samples), String(check.failures)] + echo
                    + latencies.map { check.latency?[$0].map(number) ?? "" }, to: &text)
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func number(_ value: Double) -> String { JSONWriter.text(.double(value), layout: .compact) }
}
