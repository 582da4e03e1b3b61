import NetValues
import Observations
import Planning

/// Of two questions that leave one port at the same time one is lost (catalogue section 3).
enum DNSSlow5sConntrackRace: Rule {
    static let layer = Layer.performance
    static let explanation = FindingExplanation(
        id: "dns-slow-5s-conntrack-race", severity: .warning, title: "One of two questions from one port is lost",
        signals: [
            "of A and AAAA pairs sent at once from one port one answer is missing, clearly more often than from two ports, one after the other and over TCP (exact test at 1 % against each; leadsman dns NAME --pairs 200)",
            "critical above 1 % of the pairs",
        ],
        lookalikes: [
            "packet-loss: the other manners over UDP lose as much",
            "dns-slow: the server leaves questions unanswered over TCP as well, or answers late",
            "dns-server-unreachable: a dead server answers in no manner",
            "vantage-throttled: this host itself stood still",
            "node CPU or disk stalls: they come in bursts and hit all manners",
        ],
        traps: [
            "the wait is the resolver's own: 5 s with glibc and Go, 2 s with c-ares",
            "counters inside the pod stay 0: insert_failed rises on the node (conntrack -S), and also where source ports run out",
            "fewer than four losses are never claimed: repeat with more pairs",
            "node-local caches, DNS over TCP and eBPF replacements of kube-proxy do away with the race, newer kernels with a part of it",
        ],
        remedy: [
            "use a cache on the node (NodeLocal DNSCache; AKS: LocalDNS), or DNS over TCP to the cluster DNS",
            "glibc: options single-request-reopen in the pod's dnsConfig; musl and Go have no such option",
            "confirm on the node: conntrack -S before and after, insert_failed rises",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        PairContrast.all(in: evidence).filter { $0.reading == .race }.map { contrast in
            let one = contrast.fact.tally(.samePort)
            let lost = one?.lost ?? 0
            let trials = max(1, one?.trials ?? 1)
            let share = Double(lost) / Double(trials)
            return finding(
                contrast.fact.server.description, checks: [contrast.check.name],
                severity: share > 0.01 ? .critical : .warning,
                confidence: contrast.worstProbability < 0.0001 ? .certain : .likely,
                summary:
                    "\((share * 100).decimals(share < 0.1 ? 1 : 0)) % of the pairs of A and AAAA questions to \(contrast.fact.server) that leave one port at once lose an answer (\(lost) of \(trials)); other manners do not.",
                evidence: contrast.lines,
                cause:
                    "Connection tracking with address translation on the way (a node's conntrack before the cluster DNS) drops the second of two packets of a new flow that arrive together: each such look-up waits for the resolver's time-out."
            )
        }
    }
}

/// What pairs show where it is no race.
extension PacketLoss {
    static func ofDatagrams(_ evidence: Evidence) -> [Finding] {
        PairContrast.all(in: evidence).filter { $0.reading == .datagrams }.map { contrast in
            let (lost, sent) = contrast.datagrams
            let share = Double(lost) / Double(max(1, sent))
            return finding(
                contrast.fact.server.address.description, checks: [contrast.check.name],
                severity: share > 0.05 ? .error : .warning, confidence: .likely,
                summary:
                    "One DNS datagram in \(Int((1 / share).rounded())) to \(contrast.fact.server) or back is lost, in whatever manner it is sent.",
                evidence: contrast.lines,
                cause:
                    "Packets are lost on the way, or the server drops questions over UDP alone; TCP, which repeats what is lost, brings all answers. It is no race of two questions: those from one port fare no worse.",
                remedy: [
                    "send a hundred echoes to the server (leadsman ping --samples 200): where they are lost as well, it is the way",
                    "look at the server's own receive drops (its socket buffer, UDP RcvbufErrors) and rate limits",
                ])
        }
    }
}

extension DNSSlow {
    static func ofPairs(_ evidence: Evidence) -> [Finding] {
        PairContrast.all(in: evidence).filter { $0.reading == .server }.map { contrast in
            let tallies = contrast.fact.tallies
            let lost = tallies.map { $0.oneLost + 2 * $0.bothLost }.reduce(0, +)
            let sent = tallies.map { 2 * $0.trials }.reduce(0, +)
            return finding(
                contrast.fact.server.description, checks: [contrast.check.name], confidence: .likely,
                summary:
                    "The DNS server \(contrast.fact.server) leaves one question in \(max(1, sent / max(1, lost))) unanswered, over TCP too.",
                evidence: contrast.lines,
                cause:
                    "The server takes questions and does not answer all of them: it is overloaded, limits clients, or one of several processes behind its address is dead. TCP repeats what the way loses, so it is not the way."
            )
        }
    }
}
