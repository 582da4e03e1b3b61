import Connectivity
import Manifests
import NetValues

/// Who may talk to whom, for people: a block for each source.
struct ConnectivityText {
    private static let arrow = Array("  → ".utf8)

    private let report: ConnectivityReport

    init(_ report: ConnectivityReport) {
        self.report = report
    }

    func write<Failure: Error>(to write: ([UInt8]) throws(Failure) -> Void) throws(Failure) {
        let state = report.evaluation.state
        var names = EndNames(shown: state) { $0 }
        var heads = EndNames(shown: state) { "\n\(bold($0))\n" }
        var ports = PortsText { Array("  \($0)\n".utf8) }
        var text = Array(head.utf8)
        var source: ConnectivityEnd?
        var pairs = 0
        try report.rows.forEach { row throws(Failure) in
            pairs += 1
            if row.from != source {
                source = row.from
                heads.append(row.from, to: &text)
            }
            text.append(contentsOf: Self.arrow)
            names.append(row.to, to: &text)
            ports.append(row.ports, to: &text)
            guard text.count >= ConnectivityReport.blockSize else { return }
            try write(text)
            text.removeAll(keepingCapacity: true)
        }
        var page = TextPage(style: report.style)
        page.blank()
        page.paragraph(pairs == 0 ? "No pair may talk." : "\(counted(pairs, "pair")) may talk; no other.")
        text.append(contentsOf: page.text.utf8)
        try write(text)
    }

    private func bold(_ text: String) -> String { Paint.bold.applied(to: text, color: report.style.color) }

    private var head: String {
        var page = TextPage(style: report.style)
        let evaluation = report.evaluation
        let places = evaluation.state.workloads.indices
        let count = evaluation.state.policies.count
        let policies = "\(grouped(count)) \(count == 1 ? "policy" : "policies")"
        let isolated = NetworkPolicy.Direction.allCases.map { direction in
            "\(direction.rawValue) of \(grouped(places.count { evaluation.isIsolated($0, direction) }))"
        }
        page.paragraph(
            "\(counted(places.count, "workload")), \(policies): \(isolated.joined(separator: " and ")) isolated.",
            .bold)
        Self.writeRest("Left out", report.leftOut, to: &page)
        Self.writeRest("Not evaluated, and may forbid more or allow more", report.foreign, to: &page)
        return page.text
    }

    static func writeRest(_ title: String, _ lines: [String], to page: inout TextPage) {
        guard !lines.isEmpty else { return }
        page.blank()
        page.paragraph(title, .bold)
        for line in lines { page.paragraph(line, indent: 2, lead: [TextPage.Run("- ")]) }
    }

    /// "10.0.0.0/8 except 10.1.0.0/16"
    static func name(_ end: ConnectivityEnd, _ state: DeclaredState) -> String {
        let except = end.except.map(\.description).joined(separator: ", ")
        return end.name(in: state).escaped(limit: 600) + (except.isEmpty ? "" : " except \(except)")
    }
}
