import NetValues
import Observations
import Planning

/// What searches for the path MTU to one address came to, taken together.
struct PathLimit {
    let address: IPAddress
    let facts: [PathMTUFact]
    /// That searched, or beside which it was searched.
    let checks: [CheckEvidence]
    /// That hang at the same address and did not search: what one of them tries is tried once for all (`SoundingLedger`).
    let others: [CheckEvidence]

    static func all(in evidence: Evidence) -> [PathLimit] {
        let members = evidence.measured.flatMap { check in check.pathMTUs.map { (check: check, fact: $0) } }
        return grouped(members, by: \.fact.destination.address).map { address, members in
            var checks: [CheckEvidence] = []
            for member in members where !checks.contains(where: { $0 === member.check }) { checks.append(member.check) }
            let others = evidence.measured.filter { check in
                !checks.contains { $0 === check } && check.isFailing && check.check.expectation.word == .reachable
                    && check.hangs(at: address)
            }
            return PathLimit(address: address, facts: members.map(\.fact), checks: checks, others: others)
        }
    }

    /// Those whose missing bytes are on a way that has a silent limit.
    var explained: [CheckEvidence] {
        let isBack = (silent + oneWay).contains { $0.direction != .out }
        let isOut = silent.contains { $0.direction != .back }
        return others.filter { check in
            let isTaken = check.stalls.allSatisfy(\.progress.isAllAcknowledged)
            return isTaken ? isBack : isOut
        }
    }

    /// Segments came from there that were as large as the ends agree on.
    var wideBack: PathMTUFact? { facts.first { $0.direction == .back && $0.ending == .whole && !$0.isShortAnswer } }

    /// Packets of this size got there, by any carrier that tests the way out. What came back says nothing of that way.
    func passes(_ size: Int) -> Bool {
        facts.contains { $0.direction != .back && ($0.largestPassed ?? 0) >= size }
    }

    /// Segments of this size came from there. Echo answers do not show it: most systems send them in fragments.
    private func returns(_ size: Int) -> Bool {
        facts.contains { $0.direction == .back && ($0.largestPassed ?? 0) >= size }
    }

    /// Echoes that are lost though packets of their size get there, and nobody knows whether they come back: large packets vanish on
    /// the way back, or large echoes are filtered.
    var oneWay: [PathMTUFact] {
        facts.filter { fact in
            guard fact.isSilent, fact.carrier == .icmp, fact.direction == .both, let lost = fact.smallestLost else {
                return false
            }
            return passes(lost) && !returns(lost)
        }
    }

    /// Searches that ended at a silent limit which no other carrier's packets pass: not filters of large echoes, or of large datagrams.
    var silent: [PathMTUFact] {
        facts.filter { fact in
            guard fact.isSilent, let lost = fact.smallestLost else { return false }
            return fact.direction == .back || !passes(lost)
        }
    }

    /// Large packets were shown to vanish before they came there: by a carrier whose answers are small, or by the small error of a
    /// router that only small ones came to.
    func isOnWayOut(_ fact: PathMTUFact) -> Bool {
        guard let lost = fact.smallestLost, fact.direction != .back else { return false }
        if fact.direction == .out || silent.contains(where: { $0.direction == .out && $0.smallestLost == lost }) {
            return true
        }
        guard case .expired? = fact.beyond?.outcome else { return false }
        return !fact.hasLargeErrors
    }

    /// The least of all silent limits: what gets through both ways.
    var leastSilent: Int? { (silent + oneWay).compactMap(\.largestPassed).min() }

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

extension CheckEvidence {
    /// Why it is not known how large packets may be, though some get there; nil where it is known, or nothing does.
    var undecidedSizes: String? {
        let facts = pathMTUs
        guard check.kind == "mtu", facts.allSatisfy({ $0.ending == .unsteady || $0.ending == .unanswered }) else {
            return nil
        }
        return facts.first { $0.ending == .unsteady && $0.largestPassed != nil }?.words
    }

    /// An exchange on a connection that stands came to no end, or to no beginning.
    fileprivate func hangs(at address: IPAddress) -> Bool {
        samples.contains { sample in
            sample.facts.contains { fact in
                if fact.isContrast { return false }
                switch fact {
                case .http(let exchange):
                    guard case .incomplete(.deadline, _) = exchange.outcome else { return false }
                    return exchange.endpoint.address == address
                case .tls(let handshake): return handshake.outcome == .timedOut && handshake.endpoint.address == address
                case .banner(let banner):
                    return banner.end == .deadline && banner.sentBytes > 0 && banner.endpoint.address == address
                default: return false
                }
            }
        }
    }
}

extension PathMTUFact {
    /// What was said of every packet where none passed, whatever its size. Silence says nothing: nobody need answer such packets.
    var flow: Flow? {
        guard largestPassed == nil, direction != .back else { return nil }
        let failures = trials.compactMap { trial -> SocketFailure? in
            if trial.hopLimit == nil, case .failed(let failure) = trial.outcome, failure.name != "ETIMEDOUT" {
                failure
            } else {
                nil
            }
        }
        guard let failure = failures.last else { return nil }
        let kind: Flow.Carrier =
            switch carrier {
            case .icmp: .icmp
            case .udp: .udp
            case .tcp: .tcp
            }
        return Flow(
            carrier: kind, destination: destination.address, port: carrier == .icmp ? nil : destination.port,
            outcome: Flow.Outcome(
                failure, carrier: kind, elapsed: elapsed, source: nil, destination: destination.address),
            elapsed: elapsed, attempts: failures.count)
    }

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
            if isShortAnswer {
                return
                    "\(name): the answer has no more than \(passed) bytes, which says nothing of large packets on the way back (--page URL names a large page)"
            }
            if isPeersLimit {
                return
                    "\(name): packets of up to \(passed) bytes come, and it sends no larger ones: a router told it so, or its answers fill no more"
            }
            return
                "\(name): \(passed) bytes get there\(linkMTU == passed ? ", as much as the own link takes" : ", the most that was tried")"
        case .unanswered:
            return flow?.words ?? "\(name): not even small packets are answered"
        case .unsteady:
            let lost = smallTrials.count { $0.outcome == .lost }
            return lost > 1
                ? "\(name): packets of every size are lost (\(lost) of \(smallTrials.count) of sizes that get there too): a limit cannot be told"
                : "\(name): \(passed) bytes get there; whether more do could not be told in the time there was"
        case .found, .bounded:
            let told =
                signal.map { ", and \(Self.words(of: $0)) says so" }
                ?? (isOwnLink ? ", says the own host" : ", and nobody says so")
            let tries = trials.count { $0.size == smallestLost && $0.hopLimit == nil }
            return
                "\(name): \(passed) bytes get there, \(smallestLost ?? 0) do not (tried \(counted(tries, "time")))\(told)"
        }
    }

    /// The way back was not tried with anything large.
    var isShortAnswer: Bool { direction == .back && ending == .whole && (largestPassed ?? 0) <= 1152 }

    /// The peer itself sends less than both ends agreed on.
    private var isPeersLimit: Bool { direction == .back && agreedSize != nil && agreedSize == largestPassed }

    /// Of sizes that are known to pass.
    private var smallTrials: [Trial] {
        trials.filter { trial in
            guard trial.hopLimit == nil, let largestPassed else { return false }
            return trial.size <= largestPassed && (trial.outcome == .passed || trial.outcome == .lost)
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
