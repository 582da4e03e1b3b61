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
        var names = EndNames(report.evaluation.state) { CSVLine.cell(CSVLine.text($0)) }
        var known: (ports: AllowedPorts, lines: [[UInt8]])?
        var text: [UInt8] = []
        CSVLine.append(["from", "to", "protocol", "firstPort", "lastPort"], to: &text)
        try report.rows.forEach { row throws(Failure) in
            if known?.ports != row.ports { known = (row.ports, Self.endings(row.ports)) }
            for from in names.parts(row.from) {
                for to in names.parts(row.to) {
                    for ending in known?.lines ?? [] {
                        text.append(contentsOf: from)
                        text.append(UInt8(ascii: ","))
                        text.append(contentsOf: to)
                        text.append(contentsOf: ending)
                    }
                }
            }
            guard text.count >= ConnectivityReport.blockSize else { return }
            try write(text)
            text.removeAll(keepingCapacity: true)
        }
        try write(text)
    }

    /// Of the lines of a row, behind the names of its ends.
    private static func endings(_ ports: AllowedPorts) -> [[UInt8]] {
        if ports.isEverything { return [Array(",all,,\r\n".utf8)] }
        return ports.ranges.map {
            Array(",\($0.transport.rawValue),\($0.ports.lowerBound),\($0.ports.upperBound)\r\n".utf8)
        }
    }
}
