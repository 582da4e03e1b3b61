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
            "latency is above its limit, and more than half of it is waiting for the first byte after a quick connect",
            "in a capture: half of a server's first answers come later than 2 s, with nothing sent again and a quick round trip",
        ],
        lookalikes: ["latency-high-p95: the time goes into resolving, connecting or transferring"],
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
                return finding(
                    target, checks: members.map(\.check.name), confidence: worst.confidence,
                    summary:
                        "\(target) answers late: the server itself takes \(worst.stages[0].time.spoken) of \(worst.seen.spoken).",
                    evidence: SlowCheck.lines(of: members),
                    cause:
                        "Name resolution, connect and TLS are quick; the time passes between the request and the first byte of the answer."
                )
            } + captured(evidence)
    }
}
