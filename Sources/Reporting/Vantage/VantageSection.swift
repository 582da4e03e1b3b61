import NetValues
import Observations

/// What the vantage is like, a line for each thing and behind it why it matters.
package enum VantageSection {
    /// A page of its own.
    package static func text(_ lines: [VantageLine], style: TextStyle) -> String {
        var page = TextPage(style: style)
        write(lines, to: &page)
        return page.text
    }

    static func write(_ lines: [VantageLine], to page: inout TextPage) {
        for group in VantageLine.Group.allCases {
            let members = lines.filter { $0.group == group }
            guard !members.isEmpty else { continue }
            page.line(group.title, .bold)
            for line in members { write(line, to: &page) }
        }
    }

    private static func write(_ line: VantageLine, to page: inout TextPage) {
        page.paragraph(
            line.text, indent: 2,
            lead: [
                TextPage.Run(
                    "\(line.isRemarkable ? "! " : "")\(line.subject): ", line.isRemarkable ? .doubtful : .plain)
            ],
            hang: 4)
        page.paragraph(line.why, .dim, indent: 4)
    }
}

extension VantageLine.Group {
    fileprivate var title: String {
        switch self {
        case .interfaces: "Interfaces"
        case .routes: "Routes"
        case .neighbours: "Neighbours"
        case .resolver: "Resolver"
        case .cluster: "Cluster"
        case .cloud: "Cloud"
        case .proxy: "Proxy"
        case .outbound: "Outbound"
        case .limits: "Limits"
        case .rights: "Rights"
        case .processor: "Processor and memory"
        case .clock: "Clock"
        case .counters: "Counters of this network namespace, over the run"
        case .unread: "Not read"
        }
    }
}
