import NetValues
import Observations
import Planning

/// The way to a target changed while it was watched (catalogue section 21).
enum PathChanged: Rule {
    static let layer = Layer.notice
    static let explainsFailure = false
    static let explanation = FindingExplanation(
        id: "path-changed", severity: .info, title: "The way to the target changed during the run",
        signals: [
            "rounds of one trace: from some round on other routers answer the packets of the same flow, and they go on doing so to the end"
        ],
        lookalikes: [
            "packets of a flow that are spread over several ways: the routers alternate from the first round on",
            "flows that differ: each has its own way, and only rounds of the same flow are compared",
            "a hop that falls silent, or begins to answer: the way may be the same",
            "a way that flaps and comes back: it is not told as a change",
        ],
        traps: [
            "a few rounds show no change: as many answers before and after are asked for as chance does not give (seven and seven)",
            "a router may answer from another of its addresses when only its own way back changed",
        ],
        remedy: [
            "nothing needs doing where it is meant: compare the moment with changes of routing, failovers and maintenance",
            "where latency or loss came with it: ask whoever runs the routers at which the two ways part",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let changed = evidence.measured.flatMap { check in
            check.paths.compactMap { PathChange.all(in: $0).first }.map { (check: check, change: $0) }
        }
        return changed.map { check, change in
            let subject = check.check.target.host?.description ?? check.subject
            let rounds = change.series.summary.rounds
            return finding(
                subject, checks: [check.name], confidence: change.series.summary.carrier == .tcp ? .likely : .certain,
                summary:
                    "The way to \(subject) changed during the run, \(change.at.spoken) into it: \(words(change)).",
                evidence: change.hops.map(line)
                    + [
                        "round \(change.round) of \(rounds) is the first that went the new way",
                        latency(change),
                    ].compactMap(\.self),
                cause:
                    "Routing changed: a link or router failed or came back, or somebody changed a route. \(change.series.summary.carrier == .tcp ? "That load balancing looks like this by chance is less likely than one in a hundred." : "The packets are all of one flow, so that no load balancing explains it.")"
            )
        }
    }

    /// "198.18.3.2 in place of 198.18.2.2 at hop 2"
    private static func words(_ change: PathChange) -> String {
        guard let first = change.hops.first(where: { $0.before != nil && $0.after != nil && $0.before != $0.after }),
            let before = first.before, let after = first.after
        else { return "other routers answer" }
        let more = change.hops.count { $0.before != $0.after && $0.limit > first.limit }
        return
            "\(after) in place of \(before) at hop \(first.limit)\(more > 0 ? ", and \(counted(more, "hop")) behind it" : "")"
    }

    private static func line(_ hop: PathChange.Hop) -> String {
        let names = [hop.before, hop.after].map { $0?.description ?? "(silence)" }
        return names[0] == names[1]
            ? "hop \(hop.limit): \(names[0]), before and after"
            : "hop \(hop.limit): \(names[0]) before, \(names[1]) after"
    }

    /// Medians that differ by a fifth and a millisecond have moved.
    private static func latency(_ change: PathChange) -> String? {
        guard let before = change.before, let after = change.after else { return nil }
        let step = after < before ? before - after : after - before
        return step >= .milliseconds(1) && step * 5 >= before
            ? "the median round trip to the target was \(before.spoken) before and \(after.spoken) after"
            : "the round trip to the target stayed as it was (median \(before.spoken) before, \(after.spoken) after)"
    }
}
