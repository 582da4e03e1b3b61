import NetValues
import Observations
import Planning
import Wire

/// What a run has brought so far, in as little room as its judgement allows.
package struct EvidenceLog: Sendable {
    package enum Keeping: Sendable {
        /// For a report that lists every check.
        case everyCheck
        /// For a stream, whose checks are told as they end: of a check that passed only what bears on the others stays.
        case whatJudgementNeeds
    }

    package private(set) var records: [CheckRecord] = []
    /// Checks that passed and are not among `records`.
    package private(set) var letGo = 0
    private(set) var traces = Traces()
    private let keeping: Keeping
    private let now: WallTime
    private var knownAnswers: Set<ServerAnswer> = []
    private var comparisons = Comparisons()

    /// - Parameter now: our clock at the start of the run.
    package init(keeping: Keeping, now: WallTime) {
        self.keeping = keeping
        self.now = now
    }

    /// - Parameter alone: the judgement of this record by itself.
    package mutating func add(_ record: CheckRecord, alone: @autoclosure () -> Judgement) {
        // What answers on the internet bears on what does not.
        guard keeping == .whatJudgementNeeds, record.ending == .measured, record.check.outbound == nil,
            isPlain(alone()),
            !teachesOfServers(record), !comparisons.gain(from: record)
        else {
            records.append(record)
            return
        }
        let check = CheckEvidence(record)
        let clocks = ServerClock.all(in: [check], now: now)
        // One server alone may be wrong; with others it may show that we are.
        guard clocks.allSatisfy(\.isWithinTolerance) else {
            records.append(record)
            return
        }
        letGo += 1
        traces.add(check.flows, perAddress: 1)
        traces.add(check.contrastFlows, perAddress: 1)
        traces.add(agreeingClocks: clocks.map(\.address))
    }

    /// Checks end in any order; a person looks for them where the plan has them.
    package mutating func sort(inOrderOf checks: [Check]) {
        let kept = Set(records.map(\.check.name))
        var places: [String: Int] = [:]
        for (place, check) in checks.enumerated() where kept.contains(check.name) { places[check.name] = place }
        // Numbers are cheaper to move about than records.
        let ranks = records.map { places[$0.check.name, default: 0] }
        records = ranks.indices.sorted { ranks[$0] < ranks[$1] }.map { records[$0] }
    }

    /// Passed, and nothing to say about it.
    private func isPlain(_ judgement: Judgement) -> Bool {
        judgement.findings.isEmpty && judgement.checks.allSatisfy { $0.status == .passed }
    }

    /// Whether a name server did what no kept check has shown of it: findings about servers need one witness of each.
    private mutating func teachesOfServers(_ record: CheckRecord) -> Bool {
        let answers = record.facts.compactMap { fact in
            if case .dns(let fact) = fact { ServerAnswer(fact) } else { nil }
        }
        let known = knownAnswers.count
        knownAnswers.formUnion(answers)
        return knownAnswers.count > known
    }
}

/// The manner in which a server answered, without what it said.
private struct ServerAnswer: Hashable {
    let flow: Flow
    let rcode: Int?

    init(_ fact: DNSFact) {
        let flow = fact.flow
        self.flow = Flow(
            carrier: flow.carrier, destination: flow.destination, port: flow.port, outcome: flow.outcome,
            elapsed: .zero,
            attempts: 1)
        rcode = if case .answered(let message) = fact.outcome { Int(message.rcode.rawValue) } else { nil }
    }
}

/// Checks that passed and that others may be compared with: how a name is reached by one family where another check uses the
/// other, how long a look-up took where the same is asked again, and who is answered without a client certificate.
private struct Comparisons {
    /// So many are kept: a plan of a hundred thousand names must not fill the memory.
    private static let mostKept = 1024
    /// As many rounds of a question as show whether it is slow each time.
    private static let rounds = 4

    private enum Lesson: Hashable {
        case reach(Host, UInt16, IPAddress.Family)
        case uncertified(Endpoint, isAnswered: Bool)
        /// Without which a lossy series to the same address could not be told from a limit for its rate, its size or its protocol.
        case series(Target, kind: String, size: Int?, interval: Duration)
        /// How far away a target is by one kind of packet bears on what becomes of another.
        case way(Endpoint, SoundingFact.Carrier)
    }

    /// Rounds are large.
    private static let mostWays = 64

    private var known: Set<Lesson> = []
    private var ways: Set<Endpoint> = []
    private var asked: [SlowLookups.Question: Int] = [:]
    private var kept = 0

    /// - Returns: whether the record shows something of this kind for the first time.
    mutating func gain(from record: CheckRecord) -> Bool {
        guard kept < Self.mostKept else { return false }
        let isNew = !known.isSuperset(of: lessons(of: record)) || hasDifferingServers(record)
        known.formUnion(lessons(of: record))
        for case .trace(let trace) in record.facts where ways.count < Self.mostWays { ways.insert(trace.destination) }
        let rounds = questions(of: record)
        let hasRound = rounds.contains { asked[$0, default: 0] < Self.rounds }
        for question in rounds { asked[question, default: 0] += 1 }
        if isNew || hasRound { kept += 1 }
        return isNew || hasRound
    }

    /// Which of two answers is right shows by what others connect to.
    private func hasDifferingServers(_ record: CheckRecord) -> Bool {
        guard record.check.kind == "dns" else { return false }
        var first: [DomainName: (server: Endpoint, addresses: Set<IPAddress>)] = [:]
        for fact in record.facts {
            guard case .dns(let dns) = fact, !dns.step.isBeside, dns.type == .a || dns.type == .aaaa, dns.hasData else {
                continue
            }
            let addresses = Set(dns.addresses)
            guard let known = first[dns.name] else {
                first[dns.name] = (dns.server, addresses)
                continue
            }
            if known.server != dns.server, known.addresses != addresses,
                addresses.first?.family == known.addresses.first?.family
            {
                return true
            }
        }
        return false
    }

    /// From the first slow answer on.
    private func questions(of record: CheckRecord) -> Set<SlowLookups.Question> {
        Set(
            record.facts.compactMap { fact in
                guard case .dns(let fact) = fact else { return nil }
                let question = SlowLookups.Question(server: fact.server, name: fact.name.canonical, type: fact.type)
                return fact.elapsed > SlowLookups.defaultLimit || asked[question] != nil ? question : nil
            })
    }

    private func lessons(of record: CheckRecord) -> Set<Lesson> {
        var lessons: Set<Lesson> = []
        let check = record.check
        if ["icmp", "tcp"].contains(check.kind), record.samples.count >= EchoContrasts.fewest {
            let size = check.parameters.number("size")
            lessons.insert(.series(check.target, kind: check.kind, size: size, interval: check.interval))
        }
        var host: Host?
        var asking: Set<Endpoint> = []
        for fact in record.facts where !fact.isContrast {
            switch fact {
            case .resolution(let resolution) where resolution.host.name != nil: host = host ?? resolution.host
            case .connect(let connect):
                if let host, connect.outcome == .connected {
                    lessons.insert(.reach(host, connect.endpoint.port, connect.endpoint.address.family))
                }
            case .tls(let handshake) where handshake.clientCertificate != nil && !handshake.sentClientCertificate:
                asking.insert(handshake.endpoint)
                lessons.insert(.uncertified(handshake.endpoint, isAnswered: false))
            case .trace(let trace) where ways.count < Self.mostWays || ways.contains(trace.destination):
                lessons.insert(.way(trace.destination, trace.carrier))
            case .http(let exchange) where exchange.response != nil && asking.contains(exchange.endpoint):
                lessons.insert(.uncertified(exchange.endpoint, isAnswered: true))
            default: break
            }
        }
        return lessons
    }
}
