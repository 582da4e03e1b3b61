import NetValues
import Observations
import Planning
import Wire

/// How long each question took each time it was put, by server: the evidence behind dns-slow. A question that is never put
/// twice says nothing, since a first look-up may wait for the server's own upstream.
struct SlowLookups: Sendable {
    /// As much as DNSServerUnreachable takes for longer than any healthy server needs. The catalogue has no number.
    static let defaultLimit = Duration.milliseconds(500)

    struct Round: Sendable {
        let check: CheckEvidence
        let elapsed: Duration
        let limit: Duration
        var isSlow: Bool { elapsed > limit }
    }

    struct Question: Hashable, Sendable {
        let server: Endpoint
        let name: String
        let type: DNSType
    }

    /// One question with all its rounds, the earliest first.
    struct History: Sendable {
        let question: Question
        let rounds: [Round]

        private var repeats: ArraySlice<Round> { rounds.dropFirst() }
        /// Three of four repeats at least. Fewer are single late packets: loss, or a race of two.
        var isSlow: Bool { repeats.count >= 2 && repeats.count(where: \.isSlow) * 4 >= repeats.count * 3 }
        var isQuick: Bool { !rounds.isEmpty && !rounds.contains(where: \.isSlow) }
        /// What a cache does: the first waits for somebody else, the others do not.
        var isSlowAtFirst: Bool {
            rounds.first?.isSlow == true && repeats.count >= 2 && !repeats.contains(where: \.isSlow)
        }
        var median: Duration { LatencySummary(repeats.map(\.elapsed))?.p50 ?? .zero }
    }

    let histories: [History]

    init(_ checks: [CheckEvidence], strain: VantageStrain) {
        var lookups: [(question: Question, check: CheckEvidence, elapsed: Duration, startedAt: Duration)] = []
        var limits: [Question: Duration] = [:]
        for check in checks where !check.dns.isEmpty {
            let declared = Self.declaredLimit(of: check)
            // A series asks one name again and again.
            var last: (name: DomainName, canonical: String)?
            for sample in check.samples where sample.isTimed(under: strain) {
                for case .dns(let fact) in sample.facts where Self.counts(fact) {
                    let name = last?.name == fact.name ? last?.canonical : nil
                    let question = Question(server: fact.server, name: name ?? fact.name.canonical, type: fact.type)
                    last = (fact.name, question.name)
                    lookups.append((question, check, fact.elapsed, sample.startedAt))
                    if let declared { limits[question] = min(limits[question] ?? declared, declared) }
                }
            }
        }
        histories = grouped(lookups, by: \.question).map { question, members in
            let limit = limits[question] ?? Self.defaultLimit
            let rounds = members.sorted { $0.startedAt < $1.startedAt }.map {
                Round(check: $0.check, elapsed: $0.elapsed, limit: limit)
            }
            return History(question: question, rounds: rounds)
        }
    }

    /// An answer to a question proper, of any transport, that says something about a name. A SERVFAIL is late because of what
    /// it tells, and has a finding of its own.
    private static func counts(_ fact: DNSFact) -> Bool {
        guard let rcode = fact.rcode, !fact.step.isBeside else { return false }
        return rcode == .noError || rcode == .nxDomain
    }

    /// A dns check's own limit is one for look-ups, and so is that of another kind's stage; the rest is for all stages together.
    private static func declaredLimit(of check: CheckEvidence) -> Duration? {
        let isOfNames = check.check.kind == "dns"
        let declared = check.check.expectation.latency.filter { $0.stage == (isOfNames ? nil : .resolve) }
        return (declared.first { $0.quantile == .p50 } ?? declared.first)?.limit
    }

    var slow: [History] { histories.filter(\.isSlow) }

    /// Checks whose look-ups are slow each time.
    var slowChecks: Set<String> { Set(slow.flatMap(\.rounds).filter(\.isSlow).map(\.check.name)) }
}
