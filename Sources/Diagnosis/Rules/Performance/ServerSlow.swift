import NetValues
import Observations
import Planning

/// The network is quick, the answer is late (catalogue section 7).
enum ServerSlow: Rule {
    static let layer = Layer.performance
    static let explainsFailure = false
    static let explanation = FindingExplanation(
        id: "server-slow", severity: .warning, title: "The server takes long to answer",
        signals: [
            "latency is above its limit, and most of it, or more than the limit by itself, passes between the request and the first byte of the answer, beyond a round trip",
            "the server's system acknowledged the request at once (TCP_INFO): it had arrived",
            "in a capture: half of a server's first answers come later than 2 s, with nothing sent again and a quick round trip",
        ],
        lookalikes: [
            "latency-high-p95: the time goes into resolving, connecting or transferring",
            "a request of which parts were lost and sent again: the first byte is late, and the network is to blame",
            "a long way: the first byte comes a round trip after the request, however quick the server is",
        ],
        traps: [
            "a proxy between may answer the handshake: then it waits for its backend",
            "long polling and event streams are late on purpose",
        ],
        remedy: [
            "this is for the application's owner: look at its request log, database and queues",
            "if a proxy stands in front: measure the backend directly",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        grouped(evidence.slowChecks.filter(\.isServer), by: \.check.check.target.description)
            .map { target, members in
                let worst = members.max { $0.seen < $1.seen } ?? members[0]
                let own = worst.shares.time(.server)
                let others = worst.shares.main.filter { $0.part != .server }
                let beside =
                    others.isEmpty
                    ? "" : "; \(others.map { "\($0.part.words) take \($0.time.spoken)" }.joined(separator: ", ")) of it"
                return finding(
                    target, checks: members.map(\.check.name), confidence: worst.confidence,
                    summary:
                        "\(target) answers late: the server itself takes \(own.spoken) of \(worst.seen.spoken)\(beside).",
                    evidence: SlowCheck.lines(of: members, in: evidence),
                    cause: others.isEmpty
                        ? "Name resolution, connect and TLS are quick; the time passes between the request and the first byte of the answer."
                        : "The time passes between the request and the first byte of the answer, beyond what the network takes; the rest of it is not the server's."
                )
            } + captured(evidence)
    }
}
