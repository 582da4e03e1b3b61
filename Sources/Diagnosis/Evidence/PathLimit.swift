import NetValues
import Observations

/// What searches for the path MTU to one address came to, taken together.
struct PathLimit {
    let address: IPAddress
    let facts: [PathMTUFact]
    /// That searched, or beside which it was searched.
    let checks: [CheckEvidence]

    static func all(in evidence: Evidence) -> [PathLimit] {
        let members = evidence.measured.flatMap { check in check.pathMTUs.map { (check: check, fact: $0) } }
        return grouped(members, by: \.fact.destination.address).map { address, members in
            var checks: [CheckEvidence] = []
            for member in members where !checks.contains(where: { $0 === member.check }) { checks.append(member.check) }
            return PathLimit(address: address, facts: members.map(\.fact), checks: checks)
        }
    }

    /// Packets of this size got there, by any carrier.
    func passes(_ size: Int) -> Bool { facts.contains { ($0.largestPassed ?? 0) >= size } }

    /// Searches that ended at a silent limit which no other carrier's packets pass: not filters of large echoes, or of large datagrams.
    var silent: [PathMTUFact] {
        facts.filter { fact in
            guard fact.isSilent, let lost = fact.smallestLost else { return false }
            return fact.direction == .back || !passes(lost)
        }
    }

    /// Silent limits of one carrier that another one's packets pass: a filter by size.
    var filtered: [PathMTUFact] {
        facts.filter { fact in
            guard fact.isSilent, fact.direction != .back, let lost = fact.smallestLost else { return false }
            return passes(lost)
        }
    }

    /// Verified by trial, and told by a router.
    var signalled: [PathMTUFact] { facts.filter { $0.ending == .found && $0.signal != nil } }

    /// What the own link takes.
    var linkMTU: Int? { facts.compactMap(\.linkMTU).min() }

    /// What the ends of TCP connections to the address agreed on, as a packet; nil where none was made.
    var agreedSize: Int? {
        (facts.compactMap(\.agreedSize)
            + checks.flatMap(\.connects).filter { $0.endpoint.address == address }.compactMap(\.agreedSize))
            .max()
    }
}

extension PathMTUFact {
    /// "ICMP echo: 1400 bytes get there, 1401 do not"
    var words: String {
        let name =
            switch carrier {
            case .icmp: "ICMP echo to \(destination.address)"
            case .udp: "UDP to \(destination)"
            case .tcp: direction == .back ? "TCP from \(destination)" : "TCP to \(destination)"
            }
        let passed = largestPassed ?? 0
        switch ending {
        case .whole:
            return
                "\(name): \(passed) bytes get there\(linkMTU == passed ? ", as much as the own link takes" : ", the most that was tried")"
        case .unanswered: return "\(name): not even small packets are answered"
        case .unsteady: return "\(name): sizes pass at one time and not at another"
        case .found, .bounded:
            let told =
                signal.map { ", and \(Self.words(of: $0)) says so" }
                ?? (isOwnLink ? ", says the own host" : ", and nobody says so")
            let tries = trials.count { $0.size == smallestLost && $0.hopLimit == nil }
            return
                "\(name): \(passed) bytes get there, \(smallestLost ?? 0) do not (tried \(counted(tries, "time")))\(told)"
        }
    }

    private static func words(of signal: Signal) -> String {
        let router = signal.router?.description ?? "a router"
        return signal.mtu > 0 ? "\(router) (“at most \(signal.mtu)”)" : router
    }

    /// "between 198.18.1.1 (hop 1) and 198.18.2.2 (hop 2)"; nil where it is not known.
    var place: String? {
        guard let beyond else { return nil }
        let next =
            beyond.responder(towards: destination.address).map { "\($0) (hop \(beyond.limit))" }
            ?? "hop \(beyond.limit)"
        guard let last = lastRouter else { return "between this host and \(next)" }
        return
            "between \(last.responder(towards: destination.address)?.description ?? "a router") (hop \(last.limit)) and \(next)"
    }

    /// Large packets do not even come to the first hop.
    var isFirstHop: Bool { lastRouter == nil && beyond?.limit == 1 }
}
