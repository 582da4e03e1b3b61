import NetValues
import Observations
import Planning

/// Something other than the target answers in its place (catalogue section 21).
enum ProxyInPath: Rule {
    static let layer = Layer.notice
    static let explainsFailure = false
    static let explanation = FindingExplanation(
        id: "proxy-in-path", severity: .info, title: "A proxy answers in the target's place",
        signals: [
            "an HTTP answer says so: Via, Server: envoy, X-Envoy-…",
            "targets of at least three unrelated operators are not reached directly, and one is reached through the named proxy",
            "TCP connects to an address of which a router says that no host has it",
            "TCP connects much faster than an echo of the same address takes, or after fewer hops than other packets travel",
        ],
        lookalikes: [
            "a reverse proxy or load balancer of the target's own: the same, and as it should be",
            "egress-blocked-internet: the proxy does not reach the targets either, or there is none",
            "icmp that is slowed down by the target: routers and hosts may delay echoes; a few times is not enough",
            "echoes that all waited for one address resolution: only replies spread over more than 1.5 s are compared",
        ],
        traps: [
            "an accepted connection then proves nothing about the target: ask in its protocol (tls, http)",
            "only an answer that names the proxy is certain",
            "where a proxy is the only way, programs that know none (DNS, NTP, databases) still do not get out",
        ],
        remedy: [
            "nothing needs doing where the proxy is meant; else find it by the address or name that it gives",
            "judge the target by an exchange of its own protocol, not by the connection alone",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        // Echoes alone have no connection to be compared with, and a flood of them is long.
        let hasConnects = evidence.measured.contains { !$0.connects.isEmpty }
        let echoes = hasConnects ? Dictionary(grouping: evidence.checks.flatMap(replies), by: \.address) : [:]
        let others = evidence.checks.flatMap(\.waySoundings).filter { $0.carrier != .tcp }
        // A proxy that the check itself names is where it should be.
        let direct = evidence.measured.filter { $0.check.proxy == nil }
        let seen = direct.compactMap { check -> (check: CheckEvidence, signs: [Sign])? in
            let signs = headers(check) + vacant(check, evidence) + quick(check, echoes) + near(check, others)
            return signs.isEmpty ? nil : (check, signs)
        }
        return onlyWay(in: evidence)
            + grouped(seen, by: \.check.subject).map { subject, members in
                let signs = members.flatMap(\.signs)
                let isNamed = signs.contains(where: \.isNamed)
                return finding(
                    subject, checks: members.map(\.check.name), confidence: isNamed ? .certain : .likely,
                    summary: "A proxy answers for \(subject).",
                    evidence: evidenceLines(signs.map(\.words)),
                    cause: isNamed
                        ? "The answers came through a proxy, which says so itself: one of the target's own, a sidecar, or one on the way."
                        : "Something on the way accepts connections in the target's place: a transparent proxy, a firewall that relays TCP, or a load balancer."
                )
            }
    }

    private struct Sign {
        let words: String
        /// The proxy says so itself.
        var isNamed = false
    }

    private static func headers(_ check: CheckEvidence) -> [Sign] {
        check.exchanges.compactMap { exchange in
            guard let response = exchange.response else { return nil }
            if let via = response.header("via") { return named("Via", via, exchange) }
            if let server = response.header("server"), server.lowercasedASCII() == "envoy" {
                return named("Server", server, exchange)
            }
            let envoy = response.headers.first { $0.name.lowercasedASCII().hasPrefix("x-envoy-") }
            return envoy.map { named($0.name, $0.value, exchange) }
        }
    }

    private static func named(_ name: String, _ value: String, _ exchange: HTTPFact) -> Sign {
        Sign(
            words:
                "\(exchange.url) at \(exchange.endpoint): header \(name.escaped(limit: 40)): \(value.escaped(limit: 80))",
            isNamed: true)
    }

    private static func vacant(_ check: CheckEvidence, _ evidence: Evidence) -> [Sign] {
        check.connects.compactMap { connect in
            guard connect.outcome == .connected, let flow = evidence.vacantAddresses[connect.endpoint.address] else {
                return nil
            }
            return Sign(words: "TCP to \(connect.endpoint) connects, and no host has the address: \(flow.words)")
        }
    }

    private struct Reply {
        let address: IPAddress
        let roundTrip: Duration
        /// Since the start of the run.
        let arrival: Duration
    }

    private static func replies(_ check: CheckEvidence) -> [Reply] {
        check.samples.flatMap { sample in
            sample.facts.compactMap { fact in
                guard case .echo(let echo) = fact, echo.outcome == .replied, let trip = echo.roundTrip else {
                    return nil
                }
                return Reply(address: echo.address, roundTrip: trip, arrival: sample.startedAt + trip)
            }
        }
    }

    /// Replies that arrive together may have waited for the same thing, as for the address of a neighbour (ARP asks once a second).
    private static let leastSpread = Duration.milliseconds(1500)

    /// Against the quickest of several echoes, and far from what queues and a host's own pace make.
    private static func quick(_ check: CheckEvidence, _ echoes: [IPAddress: [Reply]]) -> [Sign] {
        check.connects.compactMap { connect in
            let replies = echoes[connect.endpoint.address] ?? []
            let arrivals = replies.map(\.arrival)
            guard let first = arrivals.min(), let last = arrivals.max(), last - first > leastSpread else { return nil }
            let trips = replies.map(\.roundTrip)
            let trip = connect.tcp?.rtt ?? connect.elapsed
            guard connect.outcome == .connected, trips.count >= 3, let echo = trips.min(), echo >= .milliseconds(5),
                trip * 4 < echo
            else { return nil }
            return Sign(
                words:
                    "TCP to \(connect.endpoint) connects in \(trip.spoken), and the quickest of \(trips.count) echoes of the same address takes \(echo.spoken)"
            )
        }
    }

    /// TCP is answered by somebody nearer than routers that other packets to the address pass.
    private static func near(_ check: CheckEvidence, _ others: [SoundingFact]) -> [Sign] {
        check.waySoundings.filter { $0.carrier == .tcp }.compactMap { sounding in
            guard let answer = sounding.hops.first(where: { $0.outcome == .answered }) else { return nil }
            let passed = others.filter { $0.endpoint.address == sounding.endpoint.address }.flatMap(\.hops).filter {
                if case .expired = $0.outcome { $0.limit >= answer.limit } else { false }
            }
            guard let router = passed.first, case .expired(let address) = router.outcome else { return nil }
            return Sign(
                words:
                    "TCP to \(sounding.endpoint) is answered at hop \(answer.limit), where other packets to the same address are still on their way (\(address) at hop \(router.limit))"
            )
        }
    }
}
