import Connectivity
import Manifests
import NetValues

/// A graph for graphviz (https://graphviz.org/doc/info/lang.html): an arrow for each pair that may talk.
struct ConnectivityGraph {
    private static let indent = Array("  ".utf8)
    private static let arrow = Array(" -> ".utf8)

    private let report: ConnectivityReport

    init(_ report: ConnectivityReport) {
        self.report = report
    }

    func write<Failure: Error>(to write: ([UInt8]) throws(Failure) -> Void) throws(Failure) {
        let state = report.evaluation.state
        var text = Array("digraph connectivity {\n  rankdir=LR;\n  node [shape=box];\n".utf8)
        var names = EndNames(shown: state, written: Self.quoted)
        var ports = PortsText {
            Array(" [label=\(Self.quoted($0.isEverything ? "all" : $0.description))];\n".utf8)
        }
        try report.rows.forEach { row throws(Failure) in
            text.append(contentsOf: Self.indent)
            names.append(row.from, to: &text)
            text.append(contentsOf: Self.arrow)
            names.append(row.to, to: &text)
            ports.append(row.ports, to: &text)
            guard text.count >= ConnectivityReport.blockSize else { return }
            try write(text)
            text.removeAll(keepingCapacity: true)
        }
        text.append(contentsOf: "}\n".utf8)
        try write(text)
    }

    /// Within quotes only these two mean something; control characters are escaped before.
    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
