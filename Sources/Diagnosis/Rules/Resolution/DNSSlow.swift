import NetValues
import Observations
import Planning

/// Each single question to a server is answered late (catalogue section 3).
enum DNSSlow: Rule {
    static let layer = Layer.performance
    static let explanation = FindingExplanation(
        id: "dns-slow", severity: .warning, title: "The DNS server answers slowly",
        signals: [
            "a question put at least three times takes longer than the limit in three of four repeats: the plan's limit for a dns check, otherwise 500 ms",
            "at a rate that the plan asks for: more than 1 % stay unanswered, or half of them take longer than 500 ms",
            "of pairs of questions (pairs: 200): some stay unanswered in every manner, over TCP too",
            "as a note: only the first of several look-ups of a name is slow, and the repeats come from the server's cache",
        ],
        lookalikes: [
            "dns-nxdomain-search-path: many quick questions for one name",
            "a lost datagram, or the race of two: most look-ups are quick, and single ones late by seconds",
            "latency-high-p95: the resolver is quick, and another stage takes the time",
            "one slow server of several: the finding names it, and the others' times",
        ],
        traps: [
            "a name that was looked up once only says nothing: the first look-up may wait for the server's upstream",
            "a long path delays every server behind it: a ping of the server tells",
        ],
        remedy: [
            "look at the load of the DNS server (CPU limits, number of replicas) and at its own upstream",
            "put a cache nearer to the clients (NodeLocal DNSCache), and let it keep answers",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let lookups = evidence.lookups
        let slow = grouped(lookups.slow, by: \.question.server)
        let trials = ofPairs(evidence) + underLoad(evidence)
        if slow.isEmpty { return slowAtFirst(lookups) + trials + captured(evidence) }
        return trials
            + grouped(slow) { path(to: $0.key.address, $0.members, evidence) }.map { path, servers in
                judge(servers.map(\.key), servers.flatMap(\.members), path, lookups)
            }
    }

    private static func judge(
        _ servers: [Endpoint], _ slow: [SlowLookups.History], _ path: Path, _ lookups: SlowLookups
    ) -> Finding {
        let isOne = servers.count == 1
        let median = LatencySummary(slow.map(\.median))?.p50 ?? .zero
        let limit = slow.flatMap(\.rounds).map(\.limit).min() ?? SlowLookups.defaultLimit
        let quick = lookups.histories.filter { $0.isQuick && servers.contains($0.question.server) }
        let others = grouped(lookups.histories.filter { !servers.contains($0.question.server) }, by: \.question.server)
        let names = listed(servers.map(\.description))
        let some = quick.isEmpty ? "" : " of some names"
        var lines = evidenceLines(slow.map(line)) + path.lines
        for other in others.prefix(3) {
            lines.append("\(other.key), asked as well: \(times(of: other.members).spoken)")
        }
        if let name = quick.first?.question {
            lines.append("the same server answers \(name.name) \(name.type) at once")
        }
        return finding(
            names, checks: slow.flatMap(\.rounds).filter(\.isSlow).map(\.check.name).unique(),
            confidence: path.isKnown && !path.isLong ? .certain : .likely,
            summary: isOne
                ? "The DNS server \(names) takes \(median.spoken) for a look-up\(some), limit \(limit.spoken)."
                : "The DNS servers \(names) take \(median.spoken) for a look-up\(some), limit \(limit.spoken).",
            evidence: lines, cause: cause(path, hasQuickNames: !quick.isEmpty))
    }

    private static func cause(_ path: Path, hasQuickNames: Bool) -> String {
        if path.isLong {
            return "The way to the server itself takes most of this time: distance or a queue, not the server."
        }
        if !path.isKnown, !hasQuickNames {
            return
                "The server is overloaded or asks a slow upstream for every question, or the way to it is long: nothing else in this run shows how far it is (a ping of it would)."
        }
        return hasQuickNames
            ? "The server is quick with other names: the zone or upstream of these is slow, and their answers are not kept in its cache."
            : "The server is overloaded or slowed down, or it asks a slow upstream for every question and keeps no answer."
    }

    private static func line(_ history: SlowLookups.History) -> String {
        let times = history.rounds.map(\.elapsed)
        let question = history.question
        return "\(question.server), \(question.name) \(question.type): \(counted(times.count, "look-up")), "
            + "\((times.min() ?? .zero).spoken) to \((times.max() ?? .zero).spoken), repeats too"
    }

    private static func times(of histories: [SlowLookups.History]) -> Duration {
        LatencySummary(histories.flatMap(\.rounds).map(\.elapsed))?.p50 ?? .zero
    }

    // MARK: The way there

    /// What else is known about the way to a server.
    private enum Path: Hashable {
        case unknown
        case short(IPAddress, Duration)
        case long(IPAddress, Duration)

        var isKnown: Bool { self != .unknown }
        var isLong: Bool { if case .long = self { true } else { false } }
        var lines: [String] {
            switch self {
            case .unknown: []
            case .short(let address, let span): ["\(address) itself is reached in \(span.spoken)"]
            case .long(let address, let span): ["\(address) is far away: a round trip without DNS takes \(span.spoken)"]
            }
        }
    }

    /// From connects and echoes of other checks to the same address.
    private static func path(
        to address: IPAddress, _ slow: [SlowLookups.History], _ evidence: Evidence
    ) -> Path {
        let median = LatencySummary(slow.map(\.median))?.p50 ?? .zero
        let trips = evidence.checks.flatMap(\.targetFlows)
            .filter { $0.destination == address && $0.outcome == .answered && $0.carrier != .udp }.map(\.elapsed)
        guard let best = trips.min() else { return .unknown }
        return best * 2 > median ? .long(address, best) : .short(address, best)
    }

    // MARK: Caches

    /// A note: nothing is wrong with the server, and who looks at the times may wonder.
    private static func slowAtFirst(_ lookups: SlowLookups) -> [Finding] {
        grouped(lookups.histories.filter(\.isSlowAtFirst), by: \.question.server).map { server, members in
            let first = members.compactMap { $0.rounds.first?.elapsed }.max() ?? .zero
            let names = members.map(\.question.name).unique()
            return finding(
                server.description, checks: members.flatMap(\.rounds).filter(\.isSlow).map(\.check.name).unique(),
                severity: .info, confidence: .likely,
                summary:
                    "The first look-up of \(listed(names)) at \(server) took \(first.spoken), the repeats were quick.",
                evidence: evidenceLines(members.map(firstAndRepeats)),
                cause:
                    "The server had to ask its upstream first, and then answered from its cache: the upstream is slow, not this server.",
                remedy: [
                    "look at the server's upstream if first look-ups matter, or let the cache fetch names before they expire"
                ])
        }
    }

    private static func firstAndRepeats(_ history: SlowLookups.History) -> String {
        let first = history.rounds.first?.elapsed ?? .zero
        return "\(history.question.name) \(history.question.type): first \(first.spoken), then \(history.median.spoken)"
    }
}
