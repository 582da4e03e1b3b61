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
            text.add(isFirst ? "\n    {\"from\":" : ",\n    {\"from\":")
            isFirst = false
            text.add(Self.name(row.from, titles))
            if !row.from.except.isEmpty { text.add(Self.holes("fromExcept", row.from)) }
            text.add(",\"to\":")
            text.add(Self.name(row.to, titles))
            if !row.to.except.isEmpty { text.add(Self.holes("toExcept", row.to)) }
            text.add(",\"ports\":")
            text.add(ports.1)
            text.add("}")
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

    private static func name(_ end: ConnectivityEnd, _ titles: [String]) -> String {
        switch end {
        case .workload(let index): titles[index]
        case .external: "\"external\""
        case .range(let range, _): "\"\(range)\""
        }
    }

    private static func holes(_ key: String, _ end: ConnectivityEnd) -> String {
        ",\"\(key)\":" + text(.strings(end.except.map(\.description)))
    }

    private static func text(_ value: JSONValue) -> String { JSONWriter.text(value, layout: .compact) }
}
