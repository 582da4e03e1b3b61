import NetValues
import Observations
import Planning

/// Something lets through only so much in a time (catalogue section 8).
enum RateLimited: Rule {
    static let layer = Layer.http
    static let explanation = FindingExplanation(
        id: "rate-limited", severity: .warning, title: "A rate is limited",
        signals: [
            "HTTP status 429, or 503 with Retry-After or x-envoy-ratelimited beside answers that are as expected",
            "of a series of pings answers come at an even rate after a first few, or all are answered only at a lower rate",
            "of many connections the first come about, further ones are dropped or refused, and with time more come about though the others are still held (probe flows)",
        ],
        lookalikes: [
            "mesh-circuit-open: Envoy refuses by concurrency (x-envoy-overloaded)",
            "snat-port-exhaustion: a number at one time is limited; nothing more comes about until connections are closed",
            "listen-backlog-overflow: a server that accepts slowly lets connections in with time as well; its own counters tell",
            "packet-loss: chance decides, from the first connection on",
            "lb-dead-backend: as many fail at the beginning as later",
        ],
        traps: [
            "the probe must not become the attack: it stops with its count",
            "a limit may be meant: then this shows that it works",
            "503 with Retry-After for every request is maintenance",
        ],
        remedy: [
            "slow down: spread requests, honour Retry-After, cache, reuse connections",
            "or have the limit raised for this client: at the ingress, API gateway, web application firewall or mesh",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        requests(in: evidence) + FlowsTrial.all(in: evidence).compactMap { connections($0, evidence) }
            + EchoRateLimit.all(in: evidence).map(echoes)
    }

    // MARK: Requests

    /// The sample did not bring what was expected since a rate is limited; by the last answer it has.
    /// - Parameter isMixed: other samples of the check were as expected.
    static func limit(on sample: Sample, isMixed: Bool) -> HTTPFact? {
        guard sample.comparisons.contains(where: { $0.key == "status" && !$0.isMet }) else { return nil }
        var last: HTTPFact?
        for case .http(let fact) in sample.facts where fact.response != nil { last = fact }
        guard let last, let response = last.response, response.header("x-envoy-overloaded") == nil else { return nil }
        switch response.status {
        case 429: return last
        case 503:
            let isNamed = response.header("x-envoy-ratelimited") != nil
            return isNamed || (isMixed && response.header("retry-after") != nil) ? last : nil
        default: return nil
        }
    }

    private static func requests(in evidence: Evidence) -> [Finding] {
        let limited = evidence.checks.compactMap { check -> LimitedRequests? in LimitedRequests(check) }
        return grouped(limited, by: \.first.url).map { url, members in
            let total = members.reduce(0) { $0 + $1.total }
            let stopped = members.reduce(0) { $0 + $1.limited }
            let status = members[0].first.response?.status ?? 0
            let isAll = members.allSatisfy { $0.limited == $0.total }
            return finding(
                url.description, checks: members.map(\.check.name), severity: isAll ? .error : nil,
                confidence: members.allSatisfy(\.isNamed) ? .certain : .likely,
                summary:
                    "\(url) limits the rate of requests: \(stopped) of \(counted(total, "request")) got \(status).",
                evidence: members.flatMap(\.lines),
                cause:
                    "The server, or a gateway in front of it, counts the requests of this client and turns away those above its limit."
            )
        }
    }

    // MARK: Pings

    private static func echoes(_ limit: EchoRateLimit) -> Finding {
        finding(
            limit.subject, checks: [limit.check.name], severity: limit.isAgainstPlan ? .warning : .info,
            confidence: limit.isICMPOnly ? .certain : .likely, summary: limit.summary, evidence: limit.lines,
            cause: limit.isICMPOnly
                ? "The target or a device on the way answers so many pings in a time and no more; TCP is not touched by it."
                : "The target, or a router or firewall on the way, lets through so many pings in a time and no more. That is a limit for ICMP as a rule, and no loss of the path; a policer for all traffic would look alike from here.",
            remedy: [
                "ask more slowly (--interval) to see the path's own loss",
                "to tell a limit for ICMP from a policer for all traffic, connect to an open port of it: leadsman tcp HOST:PORT --samples 50",
                "where the limit is in the way: net.ipv4.icmp_ratelimit and icmp_ratemask on a Linux target, control-plane policing on a router",
            ])
    }

    // MARK: Connections

    private static func connections(_ trial: FlowsTrial, _ evidence: Evidence) -> Finding? {
        guard trial.isShort, trial.voice != .silent, trial.surroundings != .fail, trial.surroundings != .mixed,
            !trial.overflowsHere(evidence)
        else { return nil }
        let isInTime = trial.isByTime
        switch trial.recovery {
        case .whole: guard isInTime || (trial.isByNumber && !trial.isSilent) else { return nil }
        // A low rate lets in some of the single ones.
        case .partial: guard isInTime, trial.surroundings == .work else { return nil }
        case .none, .untried: return nil
        }
        let summary =
            "New connections to \(trial.subject) are limited: \(trial.connected) of \(trial.fact.attempts.count) came about, \(trial.isSilent ? "the others stayed silent" : "the others were refused")."
        return finding(
            trial.subject, checks: [trial.check.name], confidence: isInTime && !trial.isSilent ? .likely : .possible,
            summary: summary, evidence: trial.lines,
            cause: trial.isSilent
                ? "A filter on the way or at the server lets through so many new connections in a time; or the server's queue is full since it accepts slowly: from here these look alike."
                : isInTime
                    ? "A filter on the way or at the server refuses new connections above a rate."
                    : "A filter on the way or at the server refuses new connections above a rate or above a number; what was tried does not tell which.",
            remedy: [
                "repeat at a lower rate (--rate): if then all come about, it is the rate",
                trial.isSilent
                    ? "on the server: nstat -az TcpExtListenOverflows tells whether its queue overflows" : nil,
            ].compactMap(\.self) + explanation.remedy)
    }
}

/// Requests of one check that were turned away for their rate.
private struct LimitedRequests {
    let check: CheckEvidence
    let first: HTTPFact
    let limited: Int
    let total: Int
    /// By a status or header that means nothing else.
    let isNamed: Bool
    private let place: Int

    init?(_ check: CheckEvidence) {
        guard check.hasExchanges, check.check.expectation.word == .reachable else { return nil }
        let isMixed = check.failures < check.finals.count
        let hits = check.finals.enumerated().compactMap { index, sample in
            RateLimited.limit(on: sample, isMixed: isMixed).map { (index, $0) }
        }
        guard let (index, fact) = hits.first else { return nil }
        self.check = check
        first = fact
        limited = hits.count
        total = check.finals.count
        place = index + 1
        isNamed = hits.allSatisfy {
            $0.1.response?.status == 429 || $0.1.response?.header("x-envoy-ratelimited") != nil
        }
    }

    var lines: [String] {
        guard let response = first.response else { return [] }
        var lines = [
            "\(first.method) \(first.url) at \(first.endpoint): \(response.status) \(response.reason.escaped(limit: 60)), \(limited) of \(total), the first time at number \(place)"
        ]
        for name in ["retry-after", "x-envoy-ratelimited", "x-ratelimit-limit", "ratelimit", "server", "via"] {
            if let value = response.header(name) { lines.append("header \(name): \(value.escaped(limit: 120))") }
        }
        return lines
    }
}
