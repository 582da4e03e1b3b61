import Connectivity
import JSON
import Manifests
import NetValues

/// The document `leadsman/connectivity/v1`: a row for each pair that may talk.
struct ConnectivityJSON {
    private static let first = Array("\n    {\"from\":".utf8)
    private static let next = Array(",\n    {\"from\":".utf8)
    private static let to = Array(",\"to\":".utf8)

    private let report: ConnectivityReport

    init(_ report: ConnectivityReport) {
        self.report = report
    }

    func write<Failure: Error>(to write: ([UInt8]) throws(Failure) -> Void) throws(Failure) {
        var names = EndNames(report.evaluation.state) { Array(Self.text(.string($0)).utf8) }
        var ports = PortsText { Array(",\"ports\":\(Self.text($0.json))}".utf8) }
        var head = JSONWriter()
        head.add("{")
        for (key, value) in self.head {
            head.add("\n  \(Self.text(.string(key))): ")
            head.add(value, layout: .rows, depth: 1)
            head.add(",")
        }
        head.add("\n  \"allowed\": [")
        try head.flush(to: write)
        var text: [UInt8] = []
        var isFirst = true
        try report.rows.forEach { row throws(Failure) in
            for from in names.parts(row.from) {
                for to in names.parts(row.to) {
                    text.append(contentsOf: isFirst ? Self.first : Self.next)
                    text.append(contentsOf: from)
                    text.append(contentsOf: Self.to)
                    text.append(contentsOf: to)
                    ports.append(row.ports, to: &text)
                    isFirst = false
                }
            }
            guard text.count >= ConnectivityReport.blockSize else { return }
            try write(text)
            text.removeAll(keepingCapacity: true)
        }
        text.append(contentsOf: (isFirst ? "]\n}\n" : "\n  ]\n}\n").utf8)
        try write(text)
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

    private static func text(_ value: JSONValue) -> String { JSONWriter.text(value, layout: .compact) }
}
