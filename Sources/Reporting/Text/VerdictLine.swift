import Diagnosis
import Planning

/// The first line of a report: what the run comes to, and the one thing to know if nothing else is read.
enum VerdictLine {
    static func write(_ report: Report, to page: inout TextPage) {
        let verdict = TextPage.Run(report.verdict.word, report.verdict.paint)
        page.paragraph(sentence(report), indent: 0, lead: [verdict, TextPage.Run("  ")], hang: 2)
    }

    static func sentence(_ report: Report) -> String {
        let tally = Tally(report)
        let parts = [count(report.verdict, tally) + interruption(report), headline(report)]
        return parts.compactMap { $0?.isEmpty == false ? $0 : nil }.joined(separator: ": ")
    }

    private static func count(_ verdict: Judgement.Verdict, _ tally: Tally) -> String {
        guard tally.total > 0 else { return "nothing was checked" }
        switch verdict {
        case .healthy: return passed(tally)
        case .inconclusive:
            let open = tally.total - tally.passed - tally.warned - tally.failed
            return open == 0
                ? passed(tally) : tally.share(open, one: "could not be measured", many: "could not be measured")
        case .failing, .degraded:
            if tally.failed > 0 { return tally.share(tally.failed, one: "fails", many: "fail") }
            if tally.warned > 0 { return tally.share(tally.warned, one: "gives a warning", many: "give a warning") }
            return passed(tally)
        }
    }

    private static func passed(_ tally: Tally) -> String {
        var parts = [
            tally.passed == tally.total && tally.total > 1
                ? (tally.total == 2 ? "both checks passed" : "all \(grouped(tally.total)) checks passed")
                : tally.share(tally.passed, one: "passed", many: "passed")
        ]
        if tally.warned > 0 { parts.append("\(grouped(tally.warned)) with a warning") }
        if tally.skipped > 0 { parts.append("\(grouped(tally.skipped)) skipped") }
        if tally.unmeasured > 0 { parts.append("\(grouped(tally.unmeasured)) not measured") }
        return parts.joined(separator: ", ")
    }

    private static func interruption(_ report: Report) -> String {
        guard report.isInterrupted else { return "" }
        let open = report.checks.count { $0.isInterrupted }
        return " (interrupted, \(counted(open, "check")) not finished)"
    }

    /// The first finding that no other one explains, without its full stop.
    static func headline(_ findings: [Finding]) -> String? {
        let roots = findings.filter { $0.causedBy.isEmpty }
        return (roots.first { $0.severity > .info } ?? roots.first)?.summary.withoutFullStop
    }

    /// The first finding that no other one explains; of a run that could not measure, the reason; of searches for the path MTU what they found.
    private static func headline(_ report: Report) -> String? {
        if report.verdict == .healthy { return PathMTUSummary.headline(of: report) }
        if let root = headline(report.findings.map(\.finding)) { return root }
        return report.checks.first { $0.status == .unmeasured && !$0.isInterrupted }?.reason
    }
}

/// Checks by status.
private struct Tally {
    let total: Int
    let passed: Int
    let warned: Int
    let failed: Int
    let skipped: Int
    let unmeasured: Int

    init(_ report: Report) {
        func count(_ status: CheckJudgement.Status) -> Int { report.checks.count { $0.status == status } }
        total = report.checks.count
        passed = count(.passed)
        warned = count(.warned)
        failed = count(.failed)
        skipped = count(.skipped)
        unmeasured = count(.unmeasured)
    }

    func share(_ part: Int, one: String, many: String) -> String {
        if total == 1, part == 1 { return "the check \(one)" }
        return "\(grouped(part)) of \(counted(total, "check")) \(part == 1 ? one : many)"
    }
}

extension String {
    /// A sentence that stands behind a colon.
    var withoutFullStop: String { hasSuffix(".") ? String(dropLast()) : self }
}
