import NetValues
import Planning
import ProbeKit

extension IdleProbe {
    package static let description = ProbeDescription(
        kind: "idle",
        summary: "leaves connections idle and then uses them, to find after how long one is forgotten (takes its time)",
        targetForm: .hostPort, latency: "the TCP handshake of the first connection",
        stages: [.resolve, .connect],
        parameters: [
            ParameterDescription(
                "longest", .span, "the longest idle time that is tried (60s by default)",
                check: atMost(IdleSettings.longestOfAll)),
            ParameterDescription(
                "budget", .span, "the time for all of it (three times the longest by default)",
                check: atMost(IdleSettings.longestOfAll * 4)),
            ParameterDescription(
                "send", .text,
                "what is sent after the idle time (an HTTP HEAD on ports 80 and 8080; required on others)",
                check: SendText.problem),
        ],
        expectations: [
            ParameterDescription(
                "survives", .span, "the idle time that a connection must survive",
                check: atMost(IdleSettings.longestOfAll))
        ],
        rights: "none",
        notes: """
            Opens up to ten connections at once, says nothing on each for another span (1 s, 5 s, 15 s, 1 min, 4 min …), and \
            then sends the text once. An answer, or that TCP acknowledges the text, shows that the connection lives; silence or a \
            reset that somebody has forgotten it. Between the longest time survived and the shortest that was not it looks again, \
            seven connections at a time, until the limit is known to about a tenth or the budget is used up. A server that itself closes idle \
            connections in good order is told as that; it is no fault.
            """)

    private static func atMost(_ most: Duration) -> @Sendable (ParameterValue) -> String? {
        { value in
            guard case .span(let span) = value, span < .seconds(1) || span > most else { return nil }
            return "expected a duration from 1s to \(most.spoken)"
        }
    }
}
