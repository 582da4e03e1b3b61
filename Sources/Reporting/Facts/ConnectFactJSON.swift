import JSON
import NetValues
import Observations

extension FactJSON {
    static func connect(_ fact: ConnectFact) -> JSONObject {
        var object = JSONObject([
            ("type", "connect"), ("endpoint", .string(fact.endpoint.description)),
            ("source", optional(fact.source?.description)), ("elapsedMs", .milliseconds(fact.elapsed)),
        ])
        switch fact.outcome {
        case .connected: object["outcome"] = "connected"
        case .timedOut: object["outcome"] = "timedOut"
        case .failed(let failure):
            object["outcome"] = "failed"
            object["failure"] = self.failure(failure)
        }
        object["tcp"] = fact.tcp.map(tcp)
        return object.followed(by: contrast(fact.isContrast))
    }

    /// Told only of what was done beside what was asked for.
    static func contrast(_ isContrast: Bool) -> JSONObject { JSONObject(isContrast ? [("contrast", true)] : []) }

    private static func tcp(_ facts: TCPFacts) -> JSONValue {
        .object(
            JSONObject([
                ("rttMs", optional(facts.rtt)), ("mss", .int(facts.mss)), ("pathMTU", .int(facts.pathMTU)),
                ("retransmits", .int(facts.retransmits)),
            ]))
    }

    static func datagram(_ fact: DatagramFact) -> JSONObject {
        var object = JSONObject([
            ("type", "datagram"), ("endpoint", .string(fact.endpoint.description)),
            ("elapsedMs", .milliseconds(fact.elapsed)),
        ])
        switch fact.outcome {
        case .silent: object["outcome"] = "silent"
        case .answered: object["outcome"] = "answered"
        case .failed(let failure):
            object["outcome"] = "failed"
            object["failure"] = self.failure(failure)
        }
        return object
    }

    static func banner(_ fact: BannerFact) -> JSONObject {
        let banner = JSONObject([
            ("type", "banner"), ("endpoint", .string(fact.endpoint.description)),
            ("elapsedMs", .milliseconds(fact.elapsed)), ("sentBytes", .int(fact.sentBytes)),
            ("bytes", .string(byteText(fact.bytes))),
        ])
        return banner.followed(by: JSONObject(end(fact.end))).followed(by: progress(fact.progress))
    }

    /// Of a connection that stood until the deadline.
    static func progress(_ progress: StreamProgress?) -> JSONObject {
        guard let progress else { return JSONObject([]) }
        return JSONObject([
            (
                "progress",
                .object(
                    JSONObject([
                        ("acknowledgedBytes", .int(progress.acknowledgedBytes)),
                        ("receivedBytes", .int(progress.receivedBytes)),
                        ("unacknowledgedSegments", .int(progress.unacknowledgedSegments)),
                        ("unsentBytes", .int(progress.unsentBytes)), ("retransmits", .int(progress.retransmits)),
                    ]))
            )
        ])
    }

    static func echo(_ fact: EchoFact) -> JSONObject {
        var object = JSONObject([
            ("type", "echo"), ("address", .string(fact.address.description)), ("sequence", .int(fact.sequence)),
            ("outcome", outcome(fact.outcome)), ("roundTripMs", optional(fact.roundTrip)),
            ("hopLimit", fact.hopLimit.map { .int($0) } ?? .null), ("duplicates", .int(fact.duplicates)),
            ("late", .bool(fact.isLate)), ("kernelStamped", .bool(fact.isKernelStamped)),
            ("foreignReplies", .int(fact.foreignReplies)),
        ])
        if case .failed(let failure) = fact.outcome { object["failure"] = self.failure(failure) }
        return object
    }

    private static func outcome(_ outcome: EchoFact.Outcome) -> JSONValue {
        switch outcome {
        case .replied: "replied"
        case .lost: "lost"
        case .failed: "failed"
        }
    }
}
