import NetValues
import Observations
import Planning
import Wire

/// Nothing keeps the answers of a server (catalogue section 14).
enum CachingIneffective: Rule {
    static let layer = Layer.notice
    static let explanation = FindingExplanation(
        id: "caching-ineffective", severity: .info, title: "Answers are not kept: each question goes all the way",
        signals: [
            "one question, put at least eight times over at least two seconds, always has the same full TTL (a kept answer's TTL falls)"
        ],
        lookalikes: [
            "an authority for the zone always gives the full TTL: nothing is said about it",
            "records with a TTL below 5 s, which nobody need keep",
            "a server that sends kept answers out with a TTL of its own making (serve-expired)",
        ],
        traps: ["many caches behind one address: each is fresh at first, so fewer questions show nothing"],
        remedy: [
            "let the resolver keep answers (CoreDNS: the cache plugin; NodeLocal DNSCache on the nodes; dnsmasq: cache-size)"
        ])

    /// The catalogue has no numbers: eight fresh caches in a row are improbable with the few replicas of a cluster's DNS.
    private static let fewest = 8
    private static let shortestTTL: UInt32 = 5

    static func findings(in evidence: Evidence) -> [Finding] {
        let series = evidence.checks.filter { $0.check.kind == "dns" && $0.samples.count >= fewest }
        let full = series.flatMap { check in
            grouped(Self.answers(of: check)) {
                Question(server: $0.fact.server, name: $0.fact.name, type: $0.fact.type)
            }
            .map { (check: check, question: $0.key, answers: withinTTL($0.members)) }.filter { isNeverKept($0.answers) }
        }
        return grouped(full, by: \.question.server).map { server, members in
            let names = members.map(\.question.name.relative.description).unique()
            let ttl = members[0].answers[0].ttl
            let count = members.map(\.answers.count).max() ?? 0
            return finding(
                server.description, checks: members.map(\.check.name).unique(),
                confidence: count >= 20 ? .likely : .possible,
                summary:
                    "The DNS server \(server) gives \(listed(names)) its full TTL of \(ttl) s each time: no answer is kept.",
                evidence: evidenceLines(
                    members.map { member in
                        let span = (member.answers.last?.at ?? .zero) - (member.answers.first?.at ?? .zero)
                        return
                            "\(member.question.name) \(member.question.type): TTL \(member.answers[0].ttl) s in each of \(counted(member.answers.count, "answer")) over \(span.spoken)"
                    }),
                cause:
                    "Neither this server nor anything behind it that it asks keeps the answer: each look-up goes on to the zone's own servers."
            )
        }
    }

    private struct Question: Hashable {
        let server: Endpoint
        let name: DomainName
        let type: DNSType
    }

    private struct Answer {
        let fact: DNSFact
        let at: Duration
        let ttl: UInt32
    }

    private static func answers(of check: CheckEvidence) -> [Answer] {
        check.samples.flatMap { sample in
            sample.facts.compactMap { fact in
                guard case .dns(let dns) = fact, !dns.step.isBeside, !dns.isCut, let ttl = dns.data.map(\.ttl).min()
                else {
                    return nil
                }
                return Answer(fact: dns, at: sample.startedAt, ttl: ttl)
            }
        }
    }

    /// While an answer that was kept at the first question would still be kept.
    private static func withinTTL(_ answers: [Answer]) -> [Answer] {
        guard let first = answers.first else { return [] }
        return Array(answers.prefix { $0.at - first.at < .seconds(Int64(first.ttl)) })
    }

    private static func isNeverKept(_ answers: [Answer]) -> Bool {
        guard answers.count >= fewest, let first = answers.first, first.ttl >= shortestTTL,
            answers.allSatisfy({ $0.ttl == first.ttl && $0.fact.message?.isAuthoritative == false })
        else { return false }
        // A TTL falls by whole seconds.
        return (answers.last?.at ?? .zero) - first.at >= .milliseconds(2200)
    }
}
