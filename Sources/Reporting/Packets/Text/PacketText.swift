import Diagnosis
import NetValues
import Observations

/// A capture for somebody at a terminal: the verdict, what is wrong and what to do, then what the capture holds.
enum PacketText {
    static func text(_ report: PacketReport, _ rendering: PacketRendering) -> String {
        let style = rendering.style
        var page = TextPage(style: style)
        writeVerdict(report, to: &page)
        let findings = FindingsText(report.findings.map(\.finding), style: style)
        if !rendering.tables.isEmpty {
            findings.writeLines(to: &page)
            for table in rendering.tables { table.write(report.summary, top: rendering.top, to: &page) }
        } else if style.verbosity == .quiet {
            findings.writeLines(to: &page)
        } else {
            findings.write(to: &page)
            PacketPage(report.summary, top: rendering.top).write(to: &page)
        }
        return page.text
    }

    private static func writeVerdict(_ report: PacketReport, to page: inout TextPage) {
        let verdict = TextPage.Run(report.verdict.word, report.verdict.paint)
        page.paragraph(sentence(report), lead: [verdict, TextPage.Run("  ")], hang: 2)
    }

    private static func sentence(_ report: PacketReport) -> String {
        let findings = report.findings.map(\.finding)
        let packets = counted(report.summary.packets, "packet") + (report.isInterrupted ? " (interrupted)" : "")
        guard report.summary.packets > 0 else { return "\(packets): there is nothing to judge" }
        guard let headline = VerdictLine.headline(findings) else {
            return "\(packets), and nothing wrong was found in them"
        }
        return "\(counted(findings.count, "finding")) in \(packets): \(headline)"
    }
}

/// What a capture holds, section by section; none for what is not in it.
struct PacketPage {
    let summary: PacketSummary
    let top: Int?

    init(_ summary: PacketSummary, top: Int?) {
        self.summary = summary
        self.top = top
    }

    func write(to page: inout TextPage) {
        CaptureText.write(summary, to: &page)
        let tcp = summary.flows.lazy.filter { $0.tcp != nil }
        TCPText.write(
            summary.tcp, secondSights: tcp.reduce(0) { $0 + $1.fromA.secondSights + $1.fromB.secondSights }, to: &page)
        ConversationText.write(summary, top: top, to: &page)
        NameText.write(summary.dns, to: &page)
        ApplicationText.write(summary.tls, to: &page)
        ApplicationText.write(summary.http, to: &page)
        ControlText.write(summary.icmp, to: &page)
        NeighbourText.write(summary.neighbours, to: &page)
        NeighbourText.write(summary.dhcp, to: &page)
        EgressText.write(summary.egress, top: top, to: &page)
    }
}

extension TextPage {
    mutating func section(_ title: String) {
        blank()
        paragraph(title, .bold)
    }

    /// A line of a section.
    mutating func entry(_ body: String, _ paint: Paint = .plain) {
        paragraph(body, paint, indent: 2, hang: 4)
    }
}

/// `NOERROR (200), NXDOMAIN (28)`: the most frequent first.
func tally(_ counts: [String: Int], limit: Int = 8) -> String {
    let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return listed(sorted.map { "\($0.key) (\(grouped($0.value)))" }, limit: limit)
}

extension LatencySpread {
    /// `median 0.30 ms, p95 1.2 ms, at most 40 ms`
    var words: String {
        count == 1
            ? min.spoken : "median \(p50.spoken), p95 \(p95.spoken), at most \(max.spoken)"
    }
}
