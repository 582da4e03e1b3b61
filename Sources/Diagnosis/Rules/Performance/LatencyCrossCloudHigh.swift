import NetValues
import Observations
import Planning

/// The target is far away (catalogue section 7): even its quickest round trip takes more than half a second.
enum LatencyCrossCloudHigh: Rule {
    static let layer = Layer.performance
    static let explainsFailure = false
    static let explanation = FindingExplanation(
        id: "latency-cross-cloud-high", severity: .warning, title: "The target is far away",
        signals: [
            "the quickest TCP handshake with an address takes more than 0.5 s (the minimum, never the mean); where nothing connects, the quickest echo",
            "of a check with limits of its own only where it breaks them",
        ],
        lookalikes: [
            "a queue on the way: the quickest round trip is short and the p95 is long (latency-high-p95, then bandwidth-limited)",
            "server-slow: the handshake is quick and the answer late",
            "syn-retransmit-latency: a second or more is added to single handshakes",
        ],
        traps: [
            "ICMP may be treated as less important: the TCP round trip counts",
            "one direction alone may be long: a round trip does not tell which",
        ],
        remedy: [
            "use an endpoint of the service in this region, or move one of the two",
            "look for a detour on the way (leadsman trace), and for a direct link: peering, a private link, another region pair",
        ])

    /// The seed's number (catalogue section 2).
    static let limit = Duration.milliseconds(500)
    private static let window = Duration.seconds(300)

    private struct Distance {
        let address: IPAddress
        let checks: [CheckEvidence]
        let trips: LatencySummary
        let span: Duration
        let isOfConnects: Bool
    }

    static func checks(in evidence: Evidence) -> Set<String> {
        Set(distances(in: evidence).flatMap(\.checks).map(\.name))
    }

    static func findings(in evidence: Evidence) -> [Finding] {
        distances(in: evidence).map { judge($0, evidence) }
    }

    private static func distances(in evidence: Evidence) -> [Distance] {
        let slow = Set(evidence.slowChecks.map(\.check.name))
        let members = evidence.measured.filter { check in
            check.check.expectation.word == .reachable
                && (check.check.expectation.latency.isEmpty || slow.contains(check.name))
        }
        // Nearly always there is nothing that takes so long.
        guard members.contains(where: \.hasLongTrip) else { return [] }
        var trips: [IPAddress: [(check: CheckEvidence, time: Duration, start: Duration, isConnect: Bool)]] = [:]
        for check in members {
            for sample in check.samples {
                for fact in sample.facts {
                    guard let (address, isConnect) = fact.farEnd, let time = fact.plainRoundTrip else { continue }
                    trips[address, default: []].append((check, time, sample.startedAt, isConnect))
                }
            }
        }
        return trips.compactMap { address, all in
            let connects = all.filter(\.isConnect)
            let used = connects.isEmpty ? all : connects
            guard let summary = LatencySummary(used.map(\.time)), summary.min > limit else { return nil }
            let starts = used.map(\.start)
            return Distance(
                address: address, checks: grouped(used, by: { $0.check.name }).map { $0.members[0].check },
                trips: summary, span: (starts.max() ?? .zero) - (starts.min() ?? .zero), isOfConnects: !connects.isEmpty
            )
        }.sorted { $0.address.description < $1.address.description }
    }

    private static func judge(_ distance: Distance, _ evidence: Evidence) -> Finding {
        let trips = distance.trips
        let what = distance.isOfConnects ? "TCP handshake" : "echo"
        let lasting = distance.span >= window ? ", for \(distance.span.spoken)" : " in this run"
        let confidence: Finding.Confidence =
            trips.count < 3 ? .possible : trips.count >= 20 && distance.isOfConnects ? .certain : .likely
        return finding(
            distance.address.description, checks: distance.checks.map(\.name), confidence: confidence,
            summary:
                "\(distance.address) is far away: even the quickest of \(counted(trips.count, what)) takes \(trips.min.spoken), limit \(limit.spoken)\(lasting).",
            evidence: [
                "\(counted(trips.count, what)): min \(trips.min.spoken), median \(trips.p50.spoken), p95 \(trips.p95.spoken)",
                distance.span >= window
                    ? nil : "whether it lasts for \(window.spoken.withoutNoSeconds) shows only in a series that long",
                distance.isOfConnects ? nil : "by ICMP only, which may be treated as less important than TCP",
                hops(to: distance.address, evidence), others(than: distance, evidence),
            ].compactMap(\.self),
            cause:
                "The minimum is what the way itself takes: distance, a detour, or a satellite link. What is above the minimum (\((trips.p95 - trips.min).spoken) at the p95) would be queues."
        )
    }

    /// As far as a trace of the same run has come.
    private static func hops(to address: IPAddress, _ evidence: Evidence) -> String? {
        let facts = evidence.checks.filter { $0.check.kind == "trace" }.flatMap { Array($0.record.facts) }
        let traces = facts.compactMap { fact -> TraceFact? in
            if case .trace(let trace) = fact, trace.destination.address == address { trace } else { nil }
        }
        guard let summary = PathSummary(traces) else { return nil }
        return summary.end.map { "it is \($0) hops away" } ?? "\(summary.hops.count) hops of the way are known"
    }

    private static func others(than distance: Distance, _ evidence: Evidence) -> String? {
        let others = evidence.roundTrips.others(than: [distance.address])
        guard let quickest = others.min(by: { $0.value.min < $1.value.min }) else { return nil }
        return quickest.value.min > limit
            ? "all other addresses of this run are as far: the long part is common to them, and near this vantage"
            : "meanwhile \(quickest.key) was reached in \(quickest.value.min.spoken)"
    }
}

extension CheckEvidence {
    /// A round trip that is worth a look at the distance.
    var hasLongTrip: Bool {
        // By places: a copy of each of a hundred thousand samples costs more than looking at it.
        samples.indices.contains { place in
            (samples[place].elapsed ?? samples[place].latency ?? check.timeout) > LatencyCrossCloudHigh.limit
                && samples[place].facts.contains { ($0.plainRoundTrip ?? .zero) > LatencyCrossCloudHigh.limit }
        }
    }
}

extension Fact {
    /// The address that a round trip was to, and whether by TCP.
    fileprivate var farEnd: (IPAddress, Bool)? {
        switch self {
        case .connect(let connect): (connect.endpoint.address, true)
        case .echo(let echo): (echo.address, false)
        default: nil
        }
    }
}
