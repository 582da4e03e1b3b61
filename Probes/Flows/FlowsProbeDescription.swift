import NetValues
import Planning
import ProbeKit

extension FlowsProbe {
    package static let description = ProbeDescription(
        kind: "flows",
        summary: "opens many connections to one port at once, to find what limits their number (opt-in: it is a load)",
        targetForm: .hostPort, latency: "the median handshake of the connections that came about",
        stages: [.resolve, .connect],
        parameters: [
            ParameterDescription(
                "count", .number(1...FlowsSettings.hardLimit),
                "how many connections (\(FlowsSettings.count) by default; above \(FlowsSettings.plainLimit) only with allowMore)"
            ),
            ParameterDescription("allowMore", .flag, "allow a count above \(FlowsSettings.plainLimit)"),
            ParameterDescription(
                "rate", .number(1...10_000),
                "connections started a second (\(FlowsSettings.startsPerSecond) by default)"),
            ParameterDescription(
                "hold", .span,
                "how long an unanswered connection is waited for while the others are held (2s by default)",
                check: { value in
                    guard case .span(let span) = value, span <= .zero || span > .seconds(60) else { return nil }
                    return "expected a duration of at most 60s"
                }),
            ParameterDescription(
                "beside", .list,
                "other destinations (HOST:PORT) that are tried one at a time before, and while the many are held",
                check: besideProblem),
            ParameterDescription(
                "send", .text,
                "text that the server answers, sent on the first and on the last connection (an HTTP HEAD on ports 80 and 8080)",
                check: SendText.problem),
        ],
        expectations: [
            ParameterDescription(
                "connected", .number(1...FlowsSettings.hardLimit), "how many must come about (all by default)")
        ],
        rights: "none; as many descriptors as connections (ulimit -n)",
        notes: """
            The first connection is opened alone; when it fails, no more are. The others follow at the rate and are held \
            until the last has come about or was waited for long enough. Meanwhile each destination of beside is tried, \
            then all are closed in good order and the target is tried again three times. What is short is told apart by what still \
            works: without beside it cannot be said whether only this destination is limited.
            """,
        risk: """
            It opens as many connections as count at once. Behind address translation (a NAT gateway, a Kubernetes node, a \
            home router) these take ports and table entries that other programs share, for up to some minutes after the end; \
            a small server may have no place left for its clients meanwhile, and a rate limit may lock this address out. Ask who \
            runs the target, begin with a small count, and never run it at an interval.
            """)

    private static let besideProblem: @Sendable (ParameterValue) -> String? = { value in
        let items: [String] =
            switch value {
            case .list(let list): list
            case .text(let text): [text]
            default: []
            }
        if items.count > FlowsSettings.mostBeside { return "expected at most \(FlowsSettings.mostBeside) destinations" }
        return items.first { HostPort($0) == nil }.map {
            "expected \(Target.Form.hostPort.syntax), found `\($0.escaped(limit: 60))`"
        }
    }
}
