import NetValues
import Observations
import Planning
import ProbeKit
import Wire

/// What one server is asked beside the check's own questions, once all servers have answered those. Each kind is bounded.
struct FurtherQuestions: Sendable {
    let questions: DNSQuestions
    let inquiry: ServerInquiry
    let deadline: Instant

    private static let mostRepeats = 6
    private static let mostRepeatedNames = 3
    private static let mostTargets = 16
    private static let mostReversed = 8
    /// Zones of different operators, and one in which no name exists (RFC 6761 section 6.4).
    private static let foreignZones = ["com.", "net.", "org.", "invalid."]

    /// - Parameter isDoubted: another server says otherwise of the name's existence.
    func ask(
        about answers: ServerAnswers, isDoubted: Bool, isFirst: Bool
    ) async throws(ProbeInterruption) -> [DNSFact] {
        guard answers.hasAnswered else { return [] }
        var facts: [DNSFact] = []
        if isFirst, questions.seeksOtherForms { facts += try await repeats(answers) }
        if isFirst, questions.asksRandomNames || isDoubted && answers.hasData { facts += try await randomNames() }
        facts += try await targets(answers)
        if questions.asksReverse { facts += try await reverse(answers) }
        return facts
    }

    /// A server with several upstreams may know a name only now and then: that it does not exist is asked again. Not of an
    /// authority, which has no upstream.
    private func repeats(_ answers: ServerAnswers) async throws(ProbeInterruption) -> [DNSFact] {
        guard answers.isNameMissing, let type = questions.types.first else { return [] }
        let names = answers.candidates.filter { candidate in
            !candidate.conclusions.allSatisfy { $0.message?.isAuthoritative == true }
        }.prefix(Self.mostRepeatedNames).map(\.name)
        var facts: [DNSFact] = []
        for _ in 0..<Self.mostRepeats {
            let round = try await inquiry.put(.repeated, names, [type], form: questions.form, deadline: deadline)
            facts += round
            guard !round.isEmpty, round.allSatisfy({ $0.message != nil }) else { break }
        }
        return facts
    }

    private func randomNames() async throws(ProbeInterruption) -> [DNSFact] {
        let names = Self.foreignZones.compactMap { DomainName($0)?.withRandomLabel }
        let type = questions.types.first { $0 == .a || $0 == .aaaa } ?? .a
        return try await inquiry.put(.random, names, [type], form: questions.form, deadline: deadline)
    }

    /// The hosts that SRV records name, and where these are pods of one Service (a headless one) the Service's own addresses.
    private func targets(_ answers: ServerAnswers) async throws(ProbeInterruption) -> [DNSFact] {
        var names: [DomainName] = []
        for candidate in answers.candidates {
            let hosts = candidate.records.compactMap { record -> DomainName? in
                guard case .srv(_, _, _, let target) = record.data, target != "." else { return nil }
                return DomainName(target)?.absolute
            }
            names += hosts
            if let service = candidate.name.withoutServiceLabels, hosts.contains(where: { $0.isBelow(service) }) {
                names.append(service)
            }
        }
        let wanted = [(DNSType.a, IPAddress.Family.v4), (.aaaa, .v6)].filter { questions.family.admits($0.1) }.map(\.0)
        return try await inquiry.put(
            .target, Array(names.unique().prefix(Self.mostTargets)), wanted, form: questions.form, deadline: deadline)
    }

    private func reverse(_ answers: ServerAnswers) async throws(ProbeInterruption) -> [DNSFact] {
        let names = answers.addresses.prefix(Self.mostReversed).compactMap(\.reverseName)
        return try await inquiry.put(.reverse, names, [.ptr], form: questions.form, deadline: deadline)
    }
}

extension ProbeContext {
    private static let mostReached = 16

    /// Connections to the addresses that not every server gives: which of the answers is of use. Nothing where all servers agree.
    func reach(
        _ answers: [ServerAnswers], port: UInt16?, _ start: SampleStart
    ) async throws(ProbeInterruption) -> [Fact] {
        guard let port, answers.count > 1 else { return [] }
        let sets = answers.filter(\.hasAnswered).map { Set($0.addresses) }
        guard Set(sets).count > 1, check.expectation.word == .reachable, start.index == 0, start.attempt == 0 else {
            return []
        }
        let addresses = answers.flatMap(\.addresses).unique().reachable(from: check.source).prefix(Self.mostReached)
        guard time.now() < start.deadline else { return [] }
        return try await concurrently(Array(addresses)) { address throws(ProbeInterruption) in
            let attempt = try await self.capabilities.streams.connect(
                to: Endpoint(address, port), source: self.check.source, deadline: start.deadline)
            await attempt.stream?.close()
            return .connect(attempt.fact)
        }
    }
}

extension DomainName {
    /// `db.prod.svc.cluster.local.` of `_pg._tcp.db.prod.svc.cluster.local.`; nil without such labels (RFC 2782).
    fileprivate var withoutServiceLabels: DomainName? {
        guard labels.first?.hasPrefix("_") == true else { return nil }
        return DomainName(labels.drop { $0.hasPrefix("_") }.joined(separator: ".") + ".")
    }

    fileprivate func isBelow(_ other: DomainName) -> Bool {
        labels.count > other.labels.count
            && labels.suffix(other.labels.count).map { $0.lowercasedASCII() }
                == other.labels.map { $0.lowercasedASCII() }
    }
}
