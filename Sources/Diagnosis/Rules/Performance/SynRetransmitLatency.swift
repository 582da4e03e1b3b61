import NetValues
import Observations
import Planning
import Wire

/// Connections come about late, by the whole seconds after which a SYN is sent again (catalogue section 7).
enum SynRetransmitLatency: Rule {
    static let layer = Layer.performance
    static let explanation = FindingExplanation(
        id: "syn-retransmit-latency", severity: .warning, title: "Connecting waits for SYNs that are sent again",
        signals: [
            "a connection came about only after its SYN was sent again (TCP_INFO), late by that whole number of seconds",
            "in a capture: the SYN or its answer was lost, and the connection came about a second or more later, when it was sent again",
            "at least two connections, and more than 1 % of those to the endpoint with 95 % confidence; or the only one",
        ],
        lookalikes: [
            "a long path: all connections take about as long",
            "listen-backlog-overflow: some get no answer at all, or late ones come in parallel while all else is fine",
            "packet-loss: the data that follows is lost as well, and the finding is that",
        ],
        traps: [
            "a single lost SYN among many is ordinary",
            "older kernels repeat after 1, 3 and 7 seconds, newer ones each second at first",
        ],
        remedy: [
            "find what drops SYNs: the server's queue of new connections (ss -ltn), a rate limit, a full connection table",
            "capture at the server as well: a SYN that arrives there and is not answered is the server's",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let captured = evidence.captures.flatMap { capture in
            capture.targets.filter { isLate($0) && !capture.loses($0.server.address) }.map { judge($0, capture) }
        }
        // What the packets of a check show is told by them.
        let told = Set(captured.flatMap(\.checks))
        return captured
            + RepeatedSYNs.all(in: evidence).filter { !told.isSuperset(of: $0.names) }.map { judge($0, evidence) }
    }

    private static func isLate(_ target: PacketTarget) -> Bool {
        let late = target.count(.lateConnect)
        guard late > 0, target.count(.silence) + target.count(.halfOpen) == 0 else { return false }
        return late * 2 > target.flows || late >= 2 && PacketLoss.lowerBound(lost: late, of: target.flows) > 0.01
    }

    private static func judge(_ repeated: RepeatedSYNs, _ evidence: Evidence) -> Finding {
        let late = repeated.late
        let longest = late.map(\.fact.elapsed).max() ?? .zero
        return finding(
            repeated.subject, checks: repeated.names, confidence: repeated.confidence,
            summary:
                "\(late.count) of \(counted(repeated.connects.count, "connection")) to \(repeated.subject) came about only when the SYN was sent again, up to \(longest.spoken) late.",
            evidence: repeated.lines(in: evidence),
            cause:
                "SYNs or their answers are dropped: by a full queue of new connections, a limit for their rate, or loss on the way. The kernel sends a SYN again only after a second.",
            remedy: explanation.remedy + ["measure loss to the same host: leadsman ping --samples 200"])
    }

    private static func judge(_ target: PacketTarget, _ capture: CaptureEvidence) -> Finding {
        let late = target.count(.lateConnect)
        let name = capture.subject(of: target.server)
        let longest = target.flows(in: .lateConnect).compactMap(\.tcp.synDelay).max() ?? .zero
        return finding(
            name, checks: capture.checkNames, confidence: late >= 2 ? capture.confidence(.likely) : .possible,
            summary:
                "\(late) of \(counted(target.flows, "connection")) to \(name) came about only when the SYN was sent again, up to \(longest.spoken) late.",
            evidence: target.lines(.lateConnect) { flow in
                flow.tcp.synDelay.map { delay in
                    let trip = flow.tcp.initialRTT.map { ", answered \($0.spoken) after the last" } ?? ""
                    return "\(flow.names): \(counted(flow.tcp.fromA.syns, "SYN")) in \(delay.spoken)\(trip)"
                }
            } + capture.caution,
            cause:
                "SYNs or their answers are dropped: by a full queue of new connections, a limit for their rate, or loss on the way."
        )
    }
}
