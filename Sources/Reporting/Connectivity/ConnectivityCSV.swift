import Connectivity
import Manifests
import NetValues

/// A row for each range of ports of each pair that may talk; of a pair to which all is open the protocol is `all`.
struct ConnectivityCSV {
    private let report: ConnectivityReport

    init(_ report: ConnectivityReport) {
        self.report = report
    }

    func write<Failure: Error>(to write: ([UInt8]) throws(Failure) -> Void) throws(Failure) {
        let state = report.evaluation.state
        let titles = state.workloads.map { CSVLine.text($0.title) }
        var text: [UInt8] = []
        CSVLine.append(["from", "to", "protocol", "firstPort", "lastPort"], to: &text)
        try report.rows.forEach { row throws(Failure) in
            let cells = Self.cells(row.ports)
            for from in Self.names(row.from, titles) {
                for to in Self.names(row.to, titles) {
                    for ports in cells { CSVLine.append([from, to] + ports, to: &text) }
                }
            }
            guard text.count >= ConnectivityReport.blockSize else { return }
            try write(text)
            text.removeAll(keepingCapacity: true)
        }
        try write(text)
    }

    private static func cells(_ ports: AllowedPorts) -> [[String]] {
        if ports.isEverything { return [["all", "", ""]] }
        return ports.ranges.map { [$0.transport.rawValue, String($0.ports.lowerBound), String($0.ports.upperBound)] }
    }

    /// A range with exceptions is the ranges that are left.
    private static func names(_ end: ConnectivityEnd, _ titles: [String]) -> [String] {
        switch end {
        case .workload(let index): [titles[index]]
        case .external: ["external"]
        case .range(let range, let except): range.without(except).map(\.description)
        }
    }
}
