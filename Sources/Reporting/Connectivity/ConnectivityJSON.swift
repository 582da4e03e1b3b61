import Connectivity
import JSON
import Manifests
import NetValues

/// The document `leadsman/connectivity/v1`: a row for each pair that may talk.
struct ConnectivityJSON {
    private let report: ConnectivityReport

    init(_ report: ConnectivityReport) {
        self.report = report
    }

    func write<Failure: Error>(to write: ([UInt8]) throws(Failure) -> Void) throws(Failure) {
        let state = report.evaluation.state
        let titles = state.workloads.map { Self.text(.string($0.title)) }
        var text = JSONWriter()
        text.add("{")
        for (key, value) in head {
            text.add("\n  \(Self.text(.string(key))): ")
            text.add(value, layout: .rows, depth: 1)
            text.add(",")
        }
        text.add("\n  \"allowed\": [")
        var isFirst = true
        var ports = (AllowedPorts.all, Self.text(AllowedPorts.all.json))
        try report.rows.forEach { row throws(Failure) in
            if row.ports != ports.0 { ports = (row.ports, Self.text(row.ports.json)) }
            for from in Self.names(row.from, titles) {
                for to in Self.names(row.to, titles) {
                    text.add("\(isFirst ? "" : ",")\n    {\"from\":\(from),\"to\":\(to),\"ports\":\(ports.1)}")
                    isFirst = false
                }
            }
            try text.flush(least: ConnectivityReport.blockSize, to: write)
        }
        text.add(isFirst ? "]\n}\n" : "\n  ]\n}\n")
        try text.flush(to: write)
    }

    private var head: [(String, JSONValue)] {
        [
            ("schema", .string(ConnectivityReport.schema)),
            (
                "tool",
                .object(JSONObject([("name", "leadsman"), ("version", .string(report.toolVersion))]))
            ),
            ("workloads", .int(report.evaluation.state.workloads.count)),
            ("policies", .int(report.evaluation.state.policies.count)), ("leftOut", .strings(report.leftOut)),
            ("notEvaluated", .strings(report.foreign)),
        ]
    }

    /// A range with exceptions is the ranges that are left, so that no reader takes an exception for allowed.
    private static func names(_ end: ConnectivityEnd, _ titles: [String]) -> [String] {
        switch end {
        case .workload(let index): [titles[index]]
        case .external: ["\"external\""]
        case .range(let range, let except): range.without(except).map { "\"\($0)\"" }
        }
    }

    private static func text(_ value: JSONValue) -> String { JSONWriter.text(value, layout: .compact) }
}
