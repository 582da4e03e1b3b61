import NetValues
import Observations
import Planning

extension PMTUBlackHole {
    /// By packets of growing size, sent for that.
    static func searched(_ limit: PathLimit) -> Finding? {
        let proven = limit.silent
        let silent = proven.isEmpty ? limit.oneWay : proven
        guard !silent.contains(where: { $0.isFirstHop && !$0.hasLargeErrors }),
            let best = silent.first(where: { $0.ending == .found && $0.place != nil })
                ?? silent.first(where: { $0.ending == .found }) ?? silent.first,
            let least = limit.leastSilent
        else { return nil }
        let symptom = Symptom(limit, silent, best, isOneWay: proven.isEmpty)
        let holes = proven.isEmpty ? echoes(limit.address, best) : summary(limit, silent, best)
        return finding(
            limit.address.description, checks: (limit.checks + limit.explained).map(\.name), severity: symptom.severity,
            confidence: symptom.confidence, summary: holes + symptom.consequence,
            evidence: limit.facts.map(\.words) + symptom.lines
                + [OverlayArithmetic.words(least, link: limit.linkMTU)].compactMap(\.self),
            cause: proven.isEmpty
                ? "A link or tunnel on the way back carries less than the ends take for possible and does not say so; or a filter drops large echoes and nothing else, which is harmless."
                : cause(best, symptom, limit), remedy: remedy(limit, least, symptom))
    }

    /// Both ways where both have a limit of their own.
    private static func summary(_ limit: PathLimit, _ silent: [PathMTUFact], _ best: PathMTUFact) -> String {
        let first = summary(limit, best)
        guard let other = silent.first(where: { ($0.direction == .back) != (best.direction == .back) }) else {
            return first
        }
        return "\(first) \(summary(limit, other))"
    }

    private static func echoes(_ address: IPAddress, _ fact: PathMTUFact) -> String {
        "Echoes of more than \(fact.largestPassed ?? 0) bytes are not answered, though packets of that size get to \(address): large packets vanish on the way from there, or a filter drops large echoes."
    }

    private static func summary(_ limit: PathLimit, _ fact: PathMTUFact) -> String {
        let (passed, lost) = (fact.largestPassed ?? 0, fact.smallestLost ?? 0)
        let isOut = limit.isOnWayOut(fact)
        let sizes =
            fact.ending == .found
            ? "of up to \(passed) bytes get there, larger ones"
            : "of up to \(passed) bytes get there, those of \(lost) and more"
        if fact.direction == .back {
            return "Packets from \(limit.address) \(sizes) vanish on the way here without a word: a black hole."
        }
        return isOut
            ? "Packets to \(limit.address) \(sizes) vanish without a word: a black hole\(fact.place.map { " \($0)" } ?? "")."
            : "Packets to \(limit.address) \(sizes) vanish without a word, on the way there or back: a black hole."
    }

    private static func cause(_ fact: PathMTUFact, _ symptom: Symptom, _ limit: PathLimit) -> String {
        let link =
            fact.place == nil || !limit.isOnWayOut(fact)
            ? "A link or tunnel on the way carries less than the ends take for possible"
            : "A link or tunnel there carries less than the ends take for possible"
        let filter = "the ICMP error that would tell the sender so is not sent, or is filtered"
        return symptom.isClamped
            ? "\(link), and \(filter). TCP is saved by a smaller segment size (an MSS clamp on the way, or the peer's own link); UDP with large datagrams and tunnels are not."
            : "\(link), and \(filter). Handshakes and small answers work; whatever fills a packet hangs."
    }

    private static func remedy(_ limit: PathLimit, _ passed: Int, _ symptom: Symptom) -> [String] {
        let headers = limit.address.family == .v4 ? 40 : 60
        let ways = Set(limit.silent.map { $0.direction == .back })
        let sender = ways == [true] ? "\(limit.address)" : ways == [false] ? "this host" : "both ends"
        var lines = [
            "let ICMP “fragmentation needed” (3/4) and ICMPv6 “packet too big” pass the filters on the way",
            "or clamp the MSS of TCP to \(passed - headers) at either end or on the way (nft: tcp option maxseg size set \(passed - headers))",
            "or set the MTU of the interface or CNI to \(passed) at \(sender), which sends what is too large",
            "in Kubernetes: set the CNI's MTU to that of the underlay less the tunnel's overhead (VXLAN 50, IP in IP 20, WireGuard 80)",
        ]
        if symptom.isEchoOnly {
            lines.insert(
                "look with TCP first, by a large page of a service there: leadsman mtu \(limit.address) --page \(HTTPURL(scheme: .http, host: .address(limit.address), requestTarget: "/PAGE")) (some filters drop nothing but large echoes)",
                at: 0)
        }
        return lines
    }

    /// What else is known of the limit, and what it does to those who use the path.
    private struct Symptom {
        let isClamped: Bool
        let isEchoOnly: Bool
        /// An exchange with the same address hangs.
        let hanging: [CheckEvidence]
        /// Others that hang there.
        let alike: [CheckEvidence]
        let confidence: Finding.Confidence
        let lines: [String]

        /// Nothing but echoes tells of the way back: a filter of large ones is as likely.
        private let isHint: Bool

        init(_ limit: PathLimit, _ silent: [PathMTUFact], _ best: PathMTUFact, isOneWay: Bool) {
            isHint = isOneWay && !limit.facts.contains { $0.direction == .back && !$0.isShortAnswer }
            let passed = limit.leastSilent ?? 0
            let agreed = limit.agreedSize
            isClamped = !silent.contains { $0.direction == .back } && (agreed.map { $0 <= passed } ?? false)
            isEchoOnly = silent.allSatisfy { $0.carrier == .icmp }
            hanging = limit.checks.filter { $0.check.kind != "mtu" && $0.isFailing }
            alike = limit.explained
            let carriers = Set(silent.filter { $0.smallestLost == best.smallestLost }.map(\.carrier))
            let isExact = best.ending == .found
            confidence =
                isEchoOnly
                ? (hanging.isEmpty ? .possible : .likely) : carriers.count > 1 && isExact ? .certain : .likely
            var lines: [String] = []
            if let agreed {
                lines.append(
                    isClamped
                        ? "TCP connections there agree on packets of at most \(agreed) bytes, which get through"
                        : "TCP connections there agree on packets of up to \(agreed) bytes, more than gets through")
            }
            if let link = limit.linkMTU {
                let learned = limit.facts.compactMap(\.learnedMTU).min() ?? link
                lines.append(
                    learned < link
                        ? "the own link takes \(link) bytes; the own kernel holds a limit of \(learned) for this address (route cache)"
                        : "the own link takes \(link) bytes, and the own kernel was told of no smaller limit for this address (route cache)"
                )
            }
            self.lines = lines
        }

        var severity: Severity {
            guard isEchoOnly, hanging.isEmpty else { return isClamped ? .info : .error }
            return isClamped || isHint ? .info : .warning
        }

        var consequence: String {
            if hanging.isEmpty || isClamped { return "" }
            let why =
                "That is why \(listed(hanging.map { "“\($0.name)”" })) \(hanging.count == 1 ? "hangs" : "hang")"
            let others = alike.isEmpty ? "" : ", and very likely \(listed(alike.map { "“\($0.name)”" })) too"
            return " \(why)\(others)."
        }
    }
}
