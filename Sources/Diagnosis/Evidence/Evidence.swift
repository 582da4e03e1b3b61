import NetValues
import Observations
import Planning
import Wire

/// All that rules may look at: what each check observed, joined across checks. Values only.
struct Evidence: Sendable {
    let checks: [CheckEvidence]
    /// Of the checks above and of those that passed and are not kept.
    let traces: Traces
    let strain: VantageStrain
    /// Empty where nobody looked: nothing in it then says anything.
    let vantage: VantageObservation
    let resolver: ResolverConfiguration
    /// For the validity of certificates.
    let now: WallTime
    // What several rules would otherwise work out anew, each from every sample.
    let servers: [ServerState]
    let lookups: SlowLookups
    let opinions: [NameOpinions]
    let slowChecks: [SlowCheck]
    /// Of the network alone, by address, where anything is slow enough to be compared with it.
    let roundTrips: RoundTrips
    let internet: InternetReach
    let ways: Ways
    let carriers: CarrierContrast
    /// With which the echo replies of each address that was sounded arrived.
    let echoHopLimits: [IPAddress: [Int]]
    /// Addresses of which an echo or a datagram has been told that no host has them, with who says so.
    let vacantAddresses: [IPAddress: Flow]
    /// Of a capture that is judged by itself; nil for a run of checks.
    let packets: PacketSummary?
    /// The capture above, or what was captured of each check (`--evidence`).
    let captures: [CaptureEvidence]
    let capturesByCheck: [String: CaptureEvidence]
    /// What manifests say; nil where none were read.
    let declared: DeclaredView?

    /// - Parameter traces: of further checks, of which no more than that is known.
    init(
        records: [CheckRecord], traces: Traces = Traces(), strain: VantageStrain = VantageStrain(),
        vantage: VantageObservation = VantageObservation(), resolver: ResolverConfiguration, now: WallTime,
        packets: PacketSummary? = nil, declared: DeclaredView? = nil
    ) {
        self.packets = packets
        self.declared = declared
        checks = records.map { CheckEvidence($0, strain: strain, declared: declared) }
        var traces = traces
        for check in checks {
            traces.add(check.resolverFlows, perAddress: 3)
            traces.add(check.targetFlows, perAddress: 3)
            traces.add(check.soundedFlows, perAddress: 3)
            traces.add(check.contrastFlows, perAddress: 3)
        }
        self.traces = traces
        self.strain = strain
        self.vantage = vantage
        self.resolver = resolver
        self.now = now
        servers = ServerState.all(of: checks)
        lookups = SlowLookups(checks, strain: strain)
        ways = Ways(checks)
        carriers = CarrierContrast(checks, traces, ways)
        echoHopLimits = ways.echoHopLimits(checks)
        opinions = NameOpinions.all(of: checks)
        internet = InternetReach(checks, traces, vantage)
        slowChecks = checks.compactMap { $0.samples.isEmpty ? nil : SlowCheck($0, strain: strain) }
        roundTrips = RoundTrips(slowChecks.isEmpty && !checks.contains(where: \.hasLongTrip) ? [] : checks)
        vacantAddresses = TransparentProxy.vacantAddresses(checks)
        captures = CaptureEvidence.all(packets, checks)
        capturesByCheck = Dictionary(
            captures.compactMap { capture in capture.check.map { ($0.name, capture) } },
            uniquingKeysWith: { first, _ in first })
    }

    /// What came back from each address during the run, the first few of it: the address's machine is up.
    var signsOfLife: [IPAddress: [Flow]] { traces.signsOfLife }
    /// Endpoints to which at least one TCP connection was made.
    var openEndpoints: Set<Endpoint> { traces.openEndpoints }

    func isAlive(_ address: IPAddress) -> Bool { signsOfLife[address] != nil }

    /// A filter or route of the own host stands before this address.
    func isDeniedLocally(_ address: IPAddress) -> Bool { traces.deniedAddresses.contains(address) }

    /// Checks that took at least one sample.
    var measured: some Sequence<CheckEvidence> { checks.lazy.filter { !$0.samples.isEmpty } }
}

/// One check's record with what every rule would otherwise work out anew. A class, since each of the rules takes it in hand.
final class CheckEvidence: Sendable {
    /// As it was measured.
    let record: CheckRecord
    /// What the samples are worth after those that our own standing still spoiled were set aside.
    let soundness: Soundness
    /// Attempts to reach the target itself: without those to name servers.
    let targetFlows: [Flow]
    /// Attempts to reach name servers.
    let resolverFlows: [Flow]
    /// Attempts that were made only to compare: they tell of the host, and not of what was asked for.
    let contrastFlows: [Flow]
    let dns: [DNSFact]
    /// The rounds of traces, taken together.
    let paths: [PathSeries]
    /// Many rules look at them, and a flood has a million.
    let echoes: [EchoFact]
    private let allFacts: [Fact]
    /// Most rules ask for facts of a kind that most checks have none of.
    private let kinds: FactKinds
    /// A family that this host cannot speak at all, while the other one was tried: its addresses alone are out of reach,
    /// and say nothing of the target.
    private let unspokenFamily: IPAddress.Family?
    /// Samples that did not bring what the plan expects, retries included.
    let failures: Int
    /// The last try of each sample: the one that counts.
    let finals: [Sample]

    init(_ record: CheckRecord, strain: VantageStrain = VantageStrain(), declared: DeclaredView? = nil) {
        self.record = record
        soundness = Soundness(declared?.serviceAddresses.evidence(of: record) ?? record, strain: strain)
        var facts: [Fact] = []
        var dns: [DNSFact] = []
        var echoes: [EchoFact] = []
        var kinds: FactKinds = []
        for sample in soundness.samples {
            for fact in sample.facts {
                facts.append(fact)
                kinds.formUnion(FactKinds(of: fact))
                switch fact {
                case .dns(let fact): dns.append(fact)
                case .echo(let fact): echoes.append(fact)
                default: break
                }
            }
        }
        allFacts = facts
        self.dns = dns
        self.echoes = echoes
        self.kinds = kinds
        paths = kinds.contains(.path) ? PathSeries.all(soundness.samples) : []
        let isDNSCheck = record.check.kind == "dns"
        resolverFlows = dns.map(\.flow)
        let attempts: [Flow] =
            isDNSCheck || kinds == .dns
            ? [] : facts.compactMap { fact in if case .dns = fact { nil } else { fact.isContrast ? nil : fact.flow } }
        contrastFlows = facts.compactMap { $0.isContrast ? $0.flow : nil }
        let unspoken = Self.unspokenFamily(attempts)
        unspokenFamily = unspoken
        targetFlows = unspoken == nil ? attempts : attempts.filter { $0.destination.family != unspoken }
        let finals = Self.finals(among: soundness.samples, record.check)
        self.finals = finals
        failures = finals.count { !Self.meets($0, record.check.expectation) }
    }

    /// As `isAllFailing` of the record's evidence without strain, for who wants to know no more than that.
    static func isAllFailing(_ record: CheckRecord) -> Bool {
        let finals = finals(among: record.samples, record.check)
        return !finals.isEmpty && finals.allSatisfy { !meets($0, record.check.expectation) }
    }

    private static func finals(among samples: [Sample], _ check: Check) -> [Sample] {
        guard check.retries > 0 else { return samples }
        var last: [Int: Sample] = [:]
        for sample in samples { last[sample.index] = sample }
        return last.keys.sorted().compactMap { last[$0] }
    }

    private static func unspokenFamily(_ flows: [Flow]) -> IPAddress.Family? {
        guard let first = flows.first?.destination.family, flows.contains(where: { $0.destination.family != first })
        else {
            return nil
        }
        let families = Set(flows.map(\.destination.family))
        let unspoken = families.filter { family in
            flows.allSatisfy {
                if $0.destination.family == family, case .noRoute = $0.outcome {
                    true
                } else {
                    $0.destination.family != family
                }
            }
        }
        return unspoken.count == 1 ? unspoken.first : nil
    }

    var check: Check { record.check }
    var name: String { record.check.name }
    var samples: [Sample] { soundness.samples }
    var ending: CheckRecord.Ending { soundness.ending }
    /// Captured while it ran; nil without `--evidence`.
    var packets: CheckPackets? { record.packets }
    var flows: [Flow] { resolverFlows + targetFlows }
    /// The attempts that decided the check: those at the target, or at the name servers when it never came to a target.
    /// A name server that another stood in for has nothing to do with what then happened at the target.
    var decisiveFlows: [Flow] { targetFlows.isEmpty ? resolverFlows : targetFlows }
    /// Nothing that decided the check got through.
    var isCutOff: Bool { isAllFailing && !decisiveFlows.contains { $0.outcome == .answered } }

    /// Host and port, or host: what findings about reaching it are called by. Of a check whose proxy was not reached, the proxy.
    var subject: String {
        if let path = paths.first?.summary, path.carrier == .tcp, let host = check.target.host {
            return HostPort(host: host, port: path.destination.port).description
        }
        if let proxy = check.proxy, !connects.contains(where: { $0.outcome == .connected }) { return proxy.description }
        return switch check.target {
        case .url(let url): HostPort(host: url.host, port: url.port).description
        default: check.target.description
        }
    }

    /// A series of echoes works as long as some come back: how many do not is a matter of quality.
    /// So do the rounds of a trace, as long as the way is as the plan wants it.
    var isFailing: Bool {
        guard isEchoSeries || isTrace, check.expectation.word == .reachable else { return failures > 0 }
        return isAllFailing
            || isTrace && finals.contains { $0.outcome == .answered && !$0.comparisons.allSatisfy(\.isMet) }
    }
    var hasExchanges: Bool { kinds.contains(.http) }
    /// Over UDP, each in its own protocol.
    var asksServices: Bool { kinds.contains(.service) }
    var isEchoSeries: Bool { kinds.contains(.echo) }
    var isAllFailing: Bool { !samples.isEmpty && failures == finals.count }

    /// Whether one sample is as the plan's word says, its comparisons included.
    func meetsExpectation(_ sample: Sample) -> Bool { Self.meets(sample, check.expectation) }

    private static func meets(_ sample: Sample, _ expectation: Expectation) -> Bool {
        switch expectation.word {
        case .reachable: sample.isGood
        case .any: true
        case .blocked where expectation.isClosedByOmission: !isThrough(sample) && !isStoppedHere(sample)
        case .blocked: [.blocked, .refused].contains(passage(of: sample))
        case .refused: passage(of: sample) == .refused || sample.facts.contains { $0.trace?.isPortClosed ?? false }
        }
    }

    /// Something of the target itself answered, be it not to the end of the exchange.
    static func isThrough(_ sample: Sample) -> Bool { targetOutcomes(sample).contains(.answered) }

    /// The own host did not let anything out: nothing is known of the target.
    private static func isStoppedHere(_ sample: Sample) -> Bool {
        let outcomes = targetOutcomes(sample)
        return outcomes.isEmpty
            || outcomes.allSatisfy { outcome in
                switch outcome {
                case .noRoute, .deniedLocally, .exhaustedLocally: true
                default: false
                }
            }
    }

    private static func targetOutcomes(_ sample: Sample) -> [Flow.Outcome] {
        sample.facts.compactMap { fact in
            switch fact {
            case .connect, .service, .echo: fact.isContrast ? nil : fact.flow?.outcome
            default: nil
            }
        }
    }

    /// What became of a sample's attempt to get through.
    enum Passage: Hashable { case through, blocked, refused, undecided }

    static func passage(of sample: Sample) -> Passage {
        if let passage = sample.facts.lazy.compactMap({ $0.trace?.passage }).first { return passage }
        if sample.outcome == .answered { return .through }
        // That a name server answered is no passage to the target whose name it told.
        let isNamed = sample.facts.contains { if case .resolution = $0 { true } else { false } }
        let outcomes = sample.facts.compactMap { fact -> Flow.Outcome? in
            switch fact {
            case .datagram: nil
            case .dns where isNamed: nil
            default: fact.isContrast ? nil : fact.flow?.outcome
            }
        }
        if case .failed(.resolve) = sample.outcome { return .undecided }
        if outcomes.contains(.answered) {
            // Connected, but the protocol above was stopped: by silence or a reset in the middle.
            return sample.outcome == .failed(.connect) ? .undecided : .blocked
        }
        if outcomes.contains(where: { if case .refused = $0 { true } else { false } }) { return .refused }
        let isBlock = outcomes.contains { outcome in
            switch outcome {
            case .silent, .rejected: true
            default: false
            }
        }
        return isBlock ? .blocked : .undecided
    }

    /// Facts of one kind, over all samples.
    func facts<Value>(_ kind: FactKinds, _ pick: (Fact) -> Value?) -> [Value] {
        kinds.contains(kind) ? allFacts.compactMap(pick) : []
    }

    var resolutions: [ResolutionFact] {
        facts(.resolution) { if case .resolution(let fact) = $0 { fact } else { nil } }
    }
    /// Those of `targetFlows` that are connections.
    var connects: [ConnectFact] {
        facts(.connect) {
            if case .connect(let fact) = $0, !fact.isContrast, fact.endpoint.address.family != unspokenFamily {
                fact
            } else {
                nil
            }
        }
    }
    var banners: [BannerFact] { facts(.banner) { if case .banner(let fact) = $0 { fact } else { nil } } }
    var handshakes: [TLSFact] {
        facts(.tls) { if case .tls(let fact) = $0, !fact.isContrast { fact } else { nil } }
    }
    /// With other server names, or the own one again, to compare.
    var contrastHandshakes: [TLSFact] {
        facts(.tls) { if case .tls(let fact) = $0, fact.isContrast { fact } else { nil } }
    }
    var contrastExchanges: [HTTPFact] {
        facts(.http) { if case .http(let fact) = $0, fact.isContrast { fact } else { nil } }
    }
    var hasNameContrasts: Bool { !contrastHandshakes.isEmpty || !contrastExchanges.isEmpty }
    var exchanges: [HTTPFact] {
        facts(.http) { if case .http(let fact) = $0, !fact.isContrast { fact } else { nil } }
    }
    var datagrams: [DatagramFact] { facts(.datagram) { if case .datagram(let fact) = $0 { fact } else { nil } } }
    var soundings: [SoundingFact] { facts(.sounding) { if case .sounding(let fact) = $0 { fact } else { nil } } }
    var services: [ServiceFact] { facts(.service) { if case .service(let fact) = $0 { fact } else { nil } } }
    var neighbours: [NeighbourFact] { facts(.neighbour) { if case .neighbour(let fact) = $0 { fact } else { nil } } }
    var floods: [FlowsFact] { facts(.load) { if case .flows(let fact) = $0 { fact } else { nil } } }
    var pathMTUs: [PathMTUFact] { facts(.path) { if case .pathMTU(let fact) = $0 { fact } else { nil } } }
    var idleTimes: [IdleFact] { facts(.load) { if case .idle(let fact) = $0 { fact } else { nil } } }
    var pairTrials: [DNSPairFact] { facts(.trial) { if case .pairs(let fact) = $0 { fact } else { nil } } }
    var rateTrials: [DNSRateFact] { facts(.trial) { if case .rate(let fact) = $0 { fact } else { nil } } }

    /// The addresses that the target's name gave, or the target's own.
    var addresses: [IPAddress] {
        var seen: Set<IPAddress> = []
        return (resolutions.flatMap(\.addresses) + targetFlows.map(\.destination)).filter { seen.insert($0).inserted }
    }

    /// - Parameter countingTimeouts: a sample that ran into its time-out took at least that long, which a refusal did
    ///   not. An echo that is lost is lost, not late.
    func latencies(countingTimeouts: Bool = false) -> [Duration] {
        let countsTimeouts = countingTimeouts && !isEchoSeries
        return finals.compactMap { sample in
            sample.latency
                ?? (countsTimeouts && sample.outcome != .answered && sample.ranOutOfTime ? check.timeout : nil)
        }
    }
}

extension Evidence {
    /// The same evidence reduced to one check.
    func only(_ check: CheckEvidence) -> Evidence {
        Evidence(records: [check.record], strain: strain, vantage: vantage, resolver: resolver, now: now)
    }

    /// Checks that nothing got through for, with the attempts that ended in this way; those without such attempts are left out.
    func cutOff(
        by isWanted: (Flow.Outcome) -> Bool
    ) -> [(check: CheckEvidence, flows: [Flow])] {
        checks.compactMap { check in
            guard check.isCutOff else { return nil }
            let flows = check.decisiveFlows.filter { isWanted($0.outcome) }
            return flows.isEmpty ? nil : (check, flows)
        }
    }
}

extension Sample {
    /// Something was waited for until the end of the time.
    var ranOutOfTime: Bool {
        facts.contains { fact in
            switch fact {
            case .connect(let connect): connect.outcome == .timedOut
            case .tls(let handshake): handshake.outcome == .timedOut
            case .banner(let banner): banner.end == .deadline
            case .dns(let exchange): if case .timedOut = exchange.outcome { true } else { false }
            case .http(let exchange): if case .incomplete(.deadline, _) = exchange.outcome { true } else { false }
            case .service(let service): service.outcome == .silent
            case .resolution, .datagram, .echo, .capture, .sounding, .neighbour, .flows, .idle, .pairs, .rate, .trace,
                .pathMTU, .throughput:
                false
            }
        }
    }
}
