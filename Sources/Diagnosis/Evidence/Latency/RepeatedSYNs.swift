import NetValues
import Observations
import Planning

/// Connections to one endpoint, of which some came about only when their SYN was sent again (catalogue section 1.3: RTT + 1.0, 2.0,
/// 3.0 s). The kernel counts it (TCP_INFO), so nothing is guessed from times.
struct RepeatedSYNs {
    struct Connect {
        let check: CheckEvidence
        let fact: ConnectFact
        /// Of its sample, since the start of the run.
        let start: Duration
    }

    let endpoint: Endpoint
    let connects: [Connect]
    let late: [Connect]
    let silent: [Connect]

    var broken: Int { late.count + silent.count }
    /// The checks of those that were late or silent.
    var names: [String] { (late + silent).map(\.check.name).unique() }
    var subject: String {
        let subjects = (late + silent).map(\.check.subject).unique()
        return subjects.count == 1 ? subjects[0] : endpoint.description
    }

    /// Endpoints that repeated SYNs are a finding about: two at least and more than 1 % with 95 % confidence; or a single one that broke
    /// a limit. Where some stay silent, or echoes are lost too, other findings say more.
    static func all(in evidence: Evidence) -> [RepeatedSYNs] {
        let found = endpoints(in: evidence)
        guard !found.isEmpty else { return [] }
        let slow = Set(evidence.slowChecks.filter(\.isRepeatedSYN).map(\.check.name))
        return found.filter { found in
            let late = found.late.count
            guard found.silent.isEmpty, !evidence.losesEchoes(of: found.endpoint.address) else { return false }
            return late >= 2 && PacketLoss.lowerBound(lost: late, of: found.connects.count) > 0.01
                || late * 2 > found.connects.count && found.names.contains { slow.contains($0) }
        }
    }

    static func checks(in evidence: Evidence) -> Set<String> {
        Set(all(in: evidence).filter { !$0.late.isEmpty }.flatMap(\.names))
    }

    /// Those with at least one late connection.
    static func endpoints(in evidence: Evidence) -> [RepeatedSYNs] {
        let members = evidence.measured.filter { check in
            check.check.expectation.word == .reachable && !check.connects.isEmpty && check.floods.isEmpty
        }
        guard members.contains(where: { $0.connects.contains(where: \.isLate) }) else { return [] }
        let connects = members.flatMap { check in
            check.samples.flatMap { sample in
                sample.facts.compactMap { fact -> Connect? in
                    guard case .connect(let connect) = fact, !connect.isContrast else { return nil }
                    return Connect(check: check, fact: connect, start: sample.startedAt)
                }
            }
        }
        return grouped(connects, by: \.fact.endpoint).compactMap { endpoint, members in
            let late = members.filter(\.fact.isLate)
            guard !late.isEmpty else { return nil }
            return RepeatedSYNs(
                endpoint: endpoint, connects: members, late: late,
                silent: members.filter { $0.fact.outcome == .timedOut })
        }
    }

    var confidence: Finding.Confidence {
        guard late.count >= 2 else { return .possible }
        return connects.count >= 20 ? .certain : .likely
    }

    func lines(in evidence: Evidence) -> [String] {
        let quick = connects.compactMap { Fact.connect($0.fact).plainRoundTrip }
        let trip = quick.min().map { "the others took \($0.spoken) at least, \((quick.max() ?? $0).spoken) at most" }
        let shown = evidenceLines(
            late.map { late in
                "TCP to \(endpoint): answered after \(late.fact.elapsed.spoken), when the SYN had been sent again \(counted(late.fact.tcp?.retransmits ?? 0, "time"))"
            }, limit: 4)
        let lost = silent.isEmpty ? nil : "\(counted(silent.count, "connection")) got no answer at all"
        return shown + [lost, trip, surroundings(in: evidence)].compactMap(\.self)
    }

    // MARK: The queue of the server

    /// What is broken is so beside others to the same port, a fifth at least, and all else of the host is fine.
    func isOnlyUnderLoad(in evidence: Evidence) -> Bool {
        guard broken >= 2, broken * 5 >= connects.count, connects.count - broken >= 2,
            !evidence.isOwn(endpoint.address), surroundings(in: evidence) != nil
        else { return false }
        let bad = late + silent
        return bad.allSatisfy { one in
            connects.count { max($0.start, one.start) - min($0.start, one.start) <= Self.moment } >= Self.fewestAtOnce
        }
    }

    private static let moment = Duration.milliseconds(50)
    /// Fewer at the same moment are no load.
    private static let fewestAtOnce = 4

    /// Another port of the address, or ping, that loses nothing; nil where there is no such thing, or not enough of it.
    private func surroundings(in evidence: Evidence) -> String? {
        let others = evidence.measured.flatMap(\.connects).filter {
            $0.endpoint.address == endpoint.address && $0.endpoint.port != endpoint.port
        }
        if others.count >= Self.fewestOthers, others.allSatisfy({ $0.outcome == .connected && !$0.isLate }) {
            let ports = others.map { "\($0.endpoint.port)" }.unique()
            return
                "\(counted(others.count, "connection")) to port \(listed(ports)) of the same address lost nothing"
        }
        let echoes = evidence.measured.flatMap(\.echoes).filter { $0.address == endpoint.address }
        guard echoes.count >= Self.fewestOthers * 2, echoes.allSatisfy({ $0.outcome == .replied }) else { return nil }
        return "of \(echoes.count) echo requests to the same address none was lost"
    }

    private static let fewestOthers = 5
}

extension ConnectFact {
    /// Came about, and only with a later SYN.
    var isLate: Bool { outcome == .connected && !isContrast && isSYNLost }

    /// The answer was to a later SYN. On a way of a second and more the SYN is sent again although the first arrived: then the
    /// kernel's round trip, which it takes from the time stamps (RFC 7323), is as long as the whole handshake.
    var isSYNLost: Bool {
        guard let tcp, tcp.retransmits > 0 else { return false }
        return tcp.rtt.map { $0 * 5 < elapsed * 4 } ?? true
    }
}

extension Evidence {
    /// Ping of the address loses packets too: then SYNs are lost as all else is.
    fileprivate func losesEchoes(of address: IPAddress) -> Bool {
        let echoes = measured.flatMap(\.echoes).filter { $0.address == address }
        let lost = echoes.count { $0.outcome == .lost }
        return lost >= 2 && lost < echoes.count && PacketLoss.lowerBound(lost: lost, of: echoes.count) > 0.01
    }
}
