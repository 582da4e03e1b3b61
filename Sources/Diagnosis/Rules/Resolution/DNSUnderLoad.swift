import NetValues
import Observations
import Planning
import Wire

/// What a rate of questions shows of a server beside the same question put once.
struct DNSUnderLoad {
    let check: CheckEvidence
    let fact: DNSRateFact

    static func all(in evidence: Evidence) -> [DNSUnderLoad] {
        evidence.checks.flatMap { check in check.rateTrials.map { DNSUnderLoad(check: check, fact: $0) } }
    }

    var load: String {
        let seconds = max(fact.span.milliseconds / 1000, 0.001)
        return "\((Double(fact.sent) / seconds).decimals(0)) questions/s"
    }

    func count(_ rcode: DNSRcode) -> Int { fact.rcodes[rcode.description] ?? 0 }

    /// A share of the answers that single questions do not have, and that is no accident.
    func isRaised(_ rcode: DNSRcode) -> Bool {
        let plain = check.dns.contains { $0.server == fact.server && !$0.step.isBeside && $0.rcode == rcode }
        return !plain && count(rcode) >= 4 && PacketLoss.lowerBound(lost: count(rcode), of: fact.answered) > 0.01
    }

    /// That neither came back nor was dropped by ourselves.
    var lost: Int { max(0, fact.sent - fact.answered - fact.ownDrops) }
    var isLossy: Bool {
        fact.answered > 0 && lost >= 4 && PacketLoss.lowerBound(lost: lost, of: fact.sent) > 0.01
    }

    /// Half of the questions take longer than any healthy server needs; what left late by our own doing is no reason, since each
    /// counts from when it left.
    var isSlow: Bool { (fact.latency?.p50 ?? .zero) > SlowLookups.defaultLimit }

    var lines: [String] {
        var lines = ["\(fact.sent) sent, \(fact.answered) answered, at \(load) for \(fact.span.spoken)"]
        if let latency = fact.latency {
            lines.append(
                "median \(latency.p50.spoken), p95 \(latency.p95.spoken), p99 \(latency.p99.spoken), max \(latency.max.spoken)"
            )
        }
        let rcodes = fact.rcodes.sorted { $0.value > $1.value }.prefix(4).map { "\($0.key) \($0.value) times" }
        if !rcodes.isEmpty { lines.append(rcodes.joined(separator: ", ")) }
        if fact.lateStarts > 0 {
            lines.append("\(fact.lateStarts) left late by our own doing, and count from when they left")
        }
        if fact.ownDrops > 0 { lines.append("\(fact.ownDrops) dropped by this host itself, and not counted as lost") }
        return lines
    }
}

extension DNSRefusedByPolicy {
    static func underLoad(_ evidence: Evidence) -> [Finding] {
        DNSUnderLoad.all(in: evidence).filter { $0.isRaised(.refused) }.map { load in
            finding(
                load.fact.server.description, checks: [load.check.name], severity: .warning, confidence: .certain,
                summary:
                    "The DNS server \(load.fact.server) refuses questions under load only: \(load.count(.refused)) of \(load.fact.answered) answers at \(load.load) are REFUSED.",
                evidence: load.lines,
                cause:
                    "A limit of the server on questions at a time or for each client: the same question alone is answered.",
                remedy: [
                    "raise the limit, if clients ask so much (CoreDNS: max_concurrent of forward; others: the rate limit for each client), or add replicas",
                    "let a cache on the node take the load (NodeLocal DNSCache)",
                ])
        }
    }
}

extension DNSServfailUpstream {
    static func underLoad(_ evidence: Evidence) -> [Finding] {
        DNSUnderLoad.all(in: evidence).filter { $0.isRaised(.servFail) }.map { load in
            finding(
                load.fact.server.description, checks: [load.check.name], severity: .warning, confidence: .certain,
                summary:
                    "The DNS server \(load.fact.server) answers SERVFAIL under load only: \(load.count(.servFail)) of \(load.fact.answered) answers at \(load.load).",
                evidence: load.lines,
                cause: "The server's own upstream does not keep up, or limits it: the same question alone is answered.",
                remedy: ["let the server keep answers (a cache), and look at the limits of its upstream"])
        }
    }
}

extension DNSSlow {
    static func underLoad(_ evidence: Evidence) -> [Finding] {
        DNSUnderLoad.all(in: evidence).filter { $0.isLossy || $0.isSlow }.map { load in
            let share = Double(load.lost) / Double(max(1, load.fact.sent))
            let what =
                load.isLossy
                ? "leaves \((share * 100).decimals(share < 0.1 ? 1 : 0)) % of the questions unanswered"
                : "takes \((load.fact.latency?.p50 ?? .zero).spoken) for a look-up"
            return finding(
                load.fact.server.description, checks: [load.check.name], confidence: .likely,
                summary: "The DNS server \(load.fact.server) \(what) at \(load.load).", evidence: load.lines,
                cause: load.isLossy
                    ? "The server is overloaded or limits the rate of clients, or packets are lost on the way; a lower rate tells: what the way loses is lost at any rate."
                    : "The server does not keep up with this rate, so that questions wait in its queue.",
                remedy: [
                    "repeat with a lower --rate until nothing is lost: that is what the server bears",
                    "add replicas or processor time to the server, or put a cache nearer to the clients (NodeLocal DNSCache)",
                ])
        }
    }
}
