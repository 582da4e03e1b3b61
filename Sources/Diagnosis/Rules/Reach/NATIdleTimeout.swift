import NetValues
import Observations
import Planning
import Wire

/// A device on the way forgot a connection that was silent for long (catalogue section 5).
enum NATIdleTimeout: Rule {
    static let layer = Layer.beside
    static let explanation = FindingExplanation(
        id: "nat-idle-timeout", severity: .warning, title: "Idle connections are forgotten on the way",
        signals: [
            "in a capture: a connection is silent for long, and what is then sent is never acknowledged, or is answered by a reset",
            "probe idle: connections that are used after a short silence are answered, and none after a long one",
        ],
        lookalikes: [
            "a server that closes idle connections: by a FIN, and mostly before the client speaks again",
            "keep-alives: each is answered",
            "a peer that went away: nothing was silent for long before",
        ],
        traps: [
            "one case shows no rule: the idle times that were survived, and those that were not, give the limit",
            "a server that resets idle connections of its own accord looks the same, but its TTL is the usual one",
        ],
        remedy: [
            "have the client or server send keep-alives well below this time (TCP_KEEPIDLE, net.ipv4.tcp_keepalive_time)",
            "or raise the idle timeout of the NAT, firewall or load balancer (Azure: 4 minutes by default)",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        evidence.captures.flatMap { capture in
            capture.targets.filter { $0.count(.idleDeath) > 0 }.map { judge($0, capture) }
        } + evidence.measured.flatMap(IdleLimit.all).map(judge)
    }

    private static func judge(_ limit: IdleLimit) -> Finding {
        let span =
            limit.isReset
            ? "reset after \(limit.shortestDead.spoken) of silence"
            : limit.longestAlive > .zero
                ? "forgotten between \(limit.longestAlive.spoken) and \(limit.shortestDead.spoken) of silence"
                : "forgotten within \(limit.shortestDead.spoken) of silence"
        let keepAlive =
            limit.longestAlive > .zero
            ? "send keep-alives more often than every \(limit.longestAlive.spoken) (TCP_KEEPIDLE, net.ipv4.tcp_keepalive_time, or the application's own)"
            : explanation.remedy[0]
        return finding(
            limit.subject, checks: [limit.check], confidence: limit.isRepeated && !limit.isReset ? .likely : .possible,
            summary: "Connections to \(limit.subject) are \(span).", evidence: limit.lines,
            cause: limit.cause, remedy: [keepAlive] + explanation.remedy.dropFirst())
    }

    private static func judge(_ target: PacketTarget, _ capture: CaptureEvidence) -> Finding {
        let flows = target.flows(in: .idleDeath)
        let shortest = flows.map(\.tcp.longestIdle).min() ?? .zero
        let isForged = flows.contains { flow in flow.tcp.resets.contains { flow.record.isForged($0) } }
        let isLong = shortest >= .seconds(60) || target.count(.idleDeath) >= 2
        let name = capture.subject(of: target.server)
        return finding(
            name, checks: capture.checkNames,
            confidence: isForged || isLong ? capture.confidence(.likely) : .possible,
            summary: "Connections to \(name) are dead after \(shortest.spoken) without traffic.",
            evidence: target.lines(.idleDeath, words) + capture.caution,
            cause: isForged
                ? "A device on the way forgot the connection and answers in the peer's name: the reset has another TTL."
                : "A NAT, firewall or load balancer on the way forgot the connection while it was silent; or one side did."
        )
    }

    private static func words(_ flow: TroubledFlow) -> String? {
        let idle = "\(flow.names): silent for \(flow.tcp.longestIdle.spoken), then "
        guard flow.tcp.afterIdle == .reset, let reset = flow.tcp.resets.last else {
            return idle + "what was sent was not acknowledged any more"
        }
        return idle + "reset: " + flow.words(of: reset, usual: nil)
    }
}
