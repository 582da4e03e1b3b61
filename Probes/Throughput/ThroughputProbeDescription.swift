import NetValues
import Planning
import ProbeKit

extension ThroughputProbe {
    package static let description = ProbeDescription(
        kind: "throughput",
        summary: "moves as many bytes as go, within a time and a number, to a Leadsman that listens or an iperf3 server (opt-in: it is a load)",
        targetForm: .hostPort, latency: "the handshake of the control connection, before the load",
        parameters: [
            ParameterDescription(
                "server", .words(["leadsman", "iperf3"]), "what must be at the other end (either by default)"),
            ParameterDescription("direction", .words(["up", "down"]), "who sends: up is this side (the default)"),
            ParameterDescription("transport", .words(["tcp", "udp"]), "tcp by default"),
            ParameterDescription(
                "duration", .span, "how long at most (10s by default)",
                check: { value in
                    guard case .span(let span) = value,
                        span < .milliseconds(200) || span > ThroughputSettings.mostSpan
                    else { return nil }
                    return "expected a duration from 200ms to 300s"
                }),
            ParameterDescription(
                "bytes", .text, "how many bytes at most, such as 250MB (1GB by default)",
                check: { value in
                    guard case .text(let text) = value, Int(byteSize: text) == nil else { return nil }
                    return "expected a number of bytes, such as 250MB or 1GB"
                }),
            ParameterDescription(
                "streams", .number(1...ThroughputSettings.mostStreams), "how many streams at once (1 by default)"),
            ParameterDescription(
                "rate", .text, "bits a second, all streams together, such as 10Mbit (TCP: all that goes; UDP: 1Mbit)",
                check: rateProblem),
            ParameterDescription(
                "congestion", .text, "TCP's congestion control at the sender, such as cubic, reno or bbr (its host's own)",
                check: { value in
                    guard case .text(let text) = value,
                        text.isEmpty || text.utf8.count > 15
                            || !text.utf8.allSatisfy({ (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f })
                    else { return nil }
                    return "expected the name of a congestion control, such as cubic"
                }),
        ],
        expectations: [
            ParameterDescription(
                "min", .text, "the least rate, in bits a second: what the link is declared to carry, such as 100Mbit",
                check: rateProblem)
        ],
        rights: "none; without ping sockets (net.ipv4.ping_group_range) the round trip under load is taken by TCP handshakes",
        notes: """
            It speaks iperf3's own protocol on a control connection, so that any iperf3 server can be the other end; leadsman \
            throughput --listen is one that tells more. Beside the transfer small packets measure the round trip, before and \
            under load. Where packets are lost, a second, shorter transfer below the rate of the first shows whether they are lost \
            at any rate or only above one.
            """,
        risk: """
            It fills the path for as long as it lasts: calls stutter, others' transfers are slower, and metered links cost money. \
            It ends at its time or its number of bytes, whichever comes first. Ask who owns the path, begin with a short duration \
            and few bytes, and never run it at an interval on a link that others work over.
            """)

    private static let rateProblem: @Sendable (ParameterValue) -> String? = { value in
        guard case .text(let text) = value, BitRate(text) == nil else { return nil }
        return BitRate.expected
    }
}
