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
    let resolver: ResolverConfiguration
    /// For the validity of certificates.
    let now: WallTime

    /// - Parameter traces: of further checks, of which no more than that is known.
    init(
        records: [CheckRecord], traces: Traces = Traces(), strain: VantageStrain = VantageStrain(),
        resolver: ResolverConfiguration, now: WallTime
    ) {
        checks = records.map { CheckEvidence($0, strain: strain) }
        var traces = traces
        for check in checks { traces.add(check.flows, perAddress: 3) }
        self.traces = traces
        self.strain = strain
        self.resolver = resolver
        self.now = now
    }

    /// What came back from each address during the run, the first few of it: the address's machine is up.
    var signsOfLife: [IPAddress: [Flow]] { traces.signsOfLife }
    /// Endpoints to which at least one TCP connection was made.
    var openEndpoints: Set<Endpoint> { traces.openEndpoints }

    func isAlive(_ address: IPAddress) -> Bool { signsOfLife[address] != nil }

    /// Checks that took at least one sample.
    var measured: some Sequence<CheckEvidence> { checks.lazy.filter { !$0.samples.isEmpty } }
}

/// One check's record with what every rule would otherwise work out anew.
struct CheckEvidence: Sendable {
    /// As it was measured.
    let record: CheckRecord
    /// What the samples are worth after those that our own standing still spoiled were set aside.
    let soundness: Soundness
    /// Attempts to reach the target itself: without those to name servers.
    let targetFlows: [Flow]
    /// Attempts to reach name servers.
    let resolverFlows: [Flow]
    let dns: [DNSFact]

    init(_ record: CheckRecord, strain: VantageStrain = VantageStrain()) {
        self.record = record
        soundness = Soundness(record, strain: strain)
        let facts = soundness.samples.flatMap(\.facts)
        dns = facts.compactMap { if case .dns(let fact) = $0 { fact } else { nil } }
        let isDNSCheck = record.check.kind == "dns"
        resolverFlows = dns.map(\.flow)
        targetFlows =
            isDNSCheck
            ? [] : facts.compactMap { if case .dns = $0 { nil } else { $0.flow } }
    }

    var check: Check { record.check }
    var name: String { record.check.name }
    var samples: [Sample] { soundness.samples }
    var ending: CheckRecord.Ending { soundness.ending }
    var flows: [Flow] { resolverFlows + targetFlows }
    /// The attempts that decided the check: those at the target, or at the name servers when it never came to a target.
    /// A name server that another stood in for has nothing to do with what then happened at the target.
    var decisiveFlows: [Flow] { targetFlows.isEmpty ? resolverFlows : targetFlows }
    /// Nothing that decided the check got through.
    var isCutOff: Bool { isAllFailing && !decisiveFlows.contains { $0.outcome == .answered } }

    /// Host and port, or host: what findings about reaching it are called by.
    var subject: String {
        switch check.target {
        case .url(let url): HostPort(host: url.host, port: url.port).description
        default: check.target.description
        }
    }

    /// Samples that did not bring what the plan expects, retries included.
    var failures: Int { finals.count { !meetsExpectation($0) } }
    /// The last try of each sample: the one that counts.
    private var finals: [Sample] {
        guard check.retries > 0 else { return samples }
        var last: [Int: Sample] = [:]
        for sample in samples { last[sample.index] = sample }
        return last.keys.sorted().compactMap { last[$0] }
    }
    /// A series of echoes works as long as some come back: how many do not is a matter of quality.
    var isFailing: Bool { isEchoSeries && check.expectation.word == .reachable ? isAllFailing : failures > 0 }
    private var isEchoSeries: Bool {
        samples.contains { $0.facts.contains { if case .echo = $0 { true } else { false } } }
    }
    var isAllFailing: Bool { !samples.isEmpty && failures == finals.count }

    /// Whether one sample is as the plan's word says, its comparisons included.
    func meetsExpectation(_ sample: Sample) -> Bool {
        switch check.expectation.word {
        case .reachable: sample.isGood
        case .blocked: [.blocked, .refused].contains(Self.passage(of: sample))
        case .refused: Self.passage(of: sample) == .refused
        }
    }

    /// What became of a sample's attempt to get through.
    enum Passage: Hashable { case through, blocked, refused, undecided }

    static func passage(of sample: Sample) -> Passage {
        if sample.outcome == .answered { return .through }
        let outcomes = sample.facts.compactMap { fact -> Flow.Outcome? in
            if case .datagram = fact { return nil }
            return fact.flow?.outcome
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
    func facts<Value>(_ pick: (Fact) -> Value?) -> [Value] { samples.flatMap(\.facts).compactMap(pick) }

    var resolutions: [ResolutionFact] { facts { if case .resolution(let fact) = $0 { fact } else { nil } } }
    var connects: [ConnectFact] { facts { if case .connect(let fact) = $0 { fact } else { nil } } }
    var handshakes: [TLSFact] { facts { if case .tls(let fact) = $0 { fact } else { nil } } }
    var exchanges: [HTTPFact] { facts { if case .http(let fact) = $0 { fact } else { nil } } }
    var echoes: [EchoFact] { facts { if case .echo(let fact) = $0 { fact } else { nil } } }
    var datagrams: [DatagramFact] { facts { if case .datagram(let fact) = $0 { fact } else { nil } } }

    /// The addresses that the target's name gave, or the target's own.
    var addresses: [IPAddress] {
        var seen: Set<IPAddress> = []
        return (resolutions.flatMap(\.addresses) + targetFlows.map(\.destination)).filter { seen.insert($0).inserted }
    }

    /// - Parameter countingTimeouts: a sample that ran into its time-out took at least that long. An echo that is lost is
    ///   lost, not late.
    func latencies(countingTimeouts: Bool = false) -> [Duration] {
        let countsTimeouts = countingTimeouts && !isEchoSeries
        return finals.compactMap { sample in
            sample.latency ?? (countsTimeouts && sample.outcome != .answered ? check.timeout : nil)
        }
    }
}

extension Evidence {
    /// The same evidence reduced to one check.
    func only(_ check: CheckEvidence) -> Evidence {
        Evidence(records: [check.record], strain: strain, resolver: resolver, now: now)
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
