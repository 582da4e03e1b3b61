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
        CSVLine.append(["from", "to", "protocol", "firstPort", "lastPort", "fromExcept", "toExcept"], to: &text)
        try report.rows.forEach { row throws(Failure) in
            let ends = [Self.name(row.from, titles), Self.name(row.to, titles)]
            let holes = [Self.holes(row.from), Self.holes(row.to)]
            for ports in Self.cells(row.ports) { CSVLine.append(ends + ports + holes, to: &text) }
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

    private static func name(_ end: ConnectivityEnd, _ titles: [String]) -> String {
        switch end {
        case .workload(let index): titles[index]
        case .external: "external"
        case .range(let range, _): range.description
        }
    }

    private static func holes(_ end: ConnectivityEnd) -> String {
        end.except.map(\.description).joined(separator: " ")
    }
}
