import Connectivity
import Manifests
import NetValues

/// A graph for graphviz (https://graphviz.org/doc/info/lang.html): an arrow for each pair that may talk.
struct ConnectivityGraph {
    private let report: ConnectivityReport

    init(_ report: ConnectivityReport) {
        self.report = report
    }

    func write<Failure: Error>(to write: ([UInt8]) throws(Failure) -> Void) throws(Failure) {
        let state = report.evaluation.state
        var text = Array("digraph connectivity {\n  rankdir=LR;\n  node [shape=box];\n".utf8)
        try report.rows.forEach { row throws(Failure) in
            let label = row.ports.isEverything ? "all" : row.ports.description
            text.append(
                contentsOf:
                    "  \(Self.name(row.from, state)) -> \(Self.name(row.to, state)) [label=\(Self.quoted(label))];\n"
                    .utf8)
            guard text.count >= ConnectivityReport.blockSize else { return }
            try write(text)
            text.removeAll(keepingCapacity: true)
        }
        text.append(contentsOf: "}\n".utf8)
        try write(text)
    }

    private static func name(_ end: ConnectivityEnd, _ state: DeclaredState) -> String {
        quoted(ConnectivityText.name(end, state))
    }

    /// Within quotes only these two mean something; control characters are escaped before.
    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
