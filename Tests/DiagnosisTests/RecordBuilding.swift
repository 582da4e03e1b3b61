import Diagnosis
import NetValues
import Observations
import Planning
import Wire

// Records as probes would leave them, in few words, so that each rule's test reads like the situation it describes.

let target = Endpoint(.v4(IPv4Address(bits: 0xc612_0202)), 5432)  // 198.18.2.2
let ownAddress = Endpoint(.v4(IPv4Address(bits: 0xc612_0102)), 40000)  // 198.18.1.2
let router = IPAddress.v4(IPv4Address(bits: 0xc612_0101))  // 198.18.1.1
let resolverA = Endpoint(.v4(IPv4Address(bits: 0xc612_0235)), 53)  // 198.18.2.53
let resolverB = Endpoint(.v4(IPv4Address(bits: 0xc612_0236)), 53)
/// 2026-01-31T12:00:00Z
let noon = WallTime(seconds: 1_769_860_800)

func judge(_ records: CheckRecord...) -> Judgement { judge(records) }

func judge(
    _ records: [CheckRecord], resolver: ResolverConfiguration = ResolverConfiguration(servers: [resolverA])
) -> Judgement {
    Judge(resolver: resolver, now: noon).judge(records)
}

extension Judgement {
    var ids: [String] { findings.map(\.id) }
    func status(_ name: String) -> CheckJudgement.Status? { checks.first { $0.record.check.name == name }?.status }
}

func hostPort(_ endpoint: Endpoint) -> Target {
    .hostPort(HostPort(host: .address(endpoint.address), port: endpoint.port))
}

func record(
    _ name: String, kind: String = "tcp", target: Target, expect: Expectation = Expectation(),
    severity: Severity? = nil,
    asked: Bool = true, timeout: Duration = .seconds(3), parameters: Parameters = Parameters(), _ samples: [Sample],
    ending: CheckRecord.Ending = .measured
) -> CheckRecord {
    let check = Check(
        name: name, kind: kind, target: target, samples: max(1, samples.count), timeout: timeout, severity: severity,
        expectation: expect, parameters: parameters, isAsked: asked)
    return CheckRecord(check: check, samples: samples, ending: ending, startedAt: .zero)
}

func sample(
    _ outcome: Sample.Outcome = .answered, latency: Duration? = nil, phases: Phases = Phases(), _ facts: [Fact],
    comparisons: [Comparison] = []
) -> Sample {
    Sample(
        index: 0, startedAt: .zero, outcome: outcome, latency: latency, phases: phases, facts: facts,
        comparisons: comparisons)
}

func tcp(
    _ outcome: ConnectFact.Outcome, elapsed: Duration = .milliseconds(1), retransmits: Int = 0,
    expect: Expectation.Word = .reachable, severity: Severity? = nil, also facts: [Fact] = []
) -> CheckRecord {
    tcp("db", outcome, elapsed: elapsed, retransmits: retransmits, expect: expect, severity: severity, also: facts)
}

func tcp(
    _ name: String, to endpoint: Endpoint = target, _ outcome: ConnectFact.Outcome,
    elapsed: Duration = .milliseconds(1),
    retransmits: Int = 0, expect: Expectation.Word = .reachable, severity: Severity? = nil, times: Int = 1,
    also facts: [Fact] = []
) -> CheckRecord {
    let fact = Fact.connect(
        ConnectFact(
            endpoint: endpoint, source: ownAddress, elapsed: elapsed, outcome: outcome,
            tcp: TCPFacts(rtt: nil, mss: 1460, pathMTU: 1500, retransmits: retransmits)))
    let result: Sample.Outcome = outcome == .connected ? .answered : .failed(.connect)
    return record(
        name, target: hostPort(endpoint), expect: Expectation(word: expect, isDeclared: true), severity: severity,
        Array(repeating: sample(result, latency: outcome == .connected ? elapsed : nil, [fact] + facts), count: times))
}

func failure(_ name: String, _ code: Int32, icmp: ICMPErrorReport? = nil) -> SocketFailure {
    SocketFailure(code: code, name: name, icmp: icmp)
}

func icmp(_ type: UInt8, _ code: UInt8, from offender: IPAddress = router) -> ICMPErrorReport {
    ICMPErrorReport(origin: .icmp, type: type, code: code, offender: offender)
}

func ping(_ name: String = "ping", lost: Set<Int>, of count: Int, expect: Expectation = Expectation()) -> CheckRecord {
    let samples = (0..<count).map { index in
        let isLost = lost.contains(index)
        return sample(
            isLost ? .failed(.echo) : .answered, latency: isLost ? nil : .milliseconds(1),
            [
                .echo(
                    EchoFact(
                        address: target.address, sequence: index, outcome: isLost ? .lost : .replied,
                        roundTrip: isLost ? nil : .milliseconds(1)))
            ])
    }
    return record(name, kind: "icmp", target: .host(.address(target.address)), expect: expect, samples)
}

func name(_ text: String) -> DomainName { DomainName(text) ?? .root }

func dnsFact(
    transport: DNSFact.Transport = .udp, step: DNSFact.Step = .query, _ outcome: DNSFact.Outcome
) -> Fact {
    dnsFact(resolverA, "db.prod.", transport: transport, step: step, outcome)
}

func dnsFact(_ server: Endpoint, _ outcome: DNSFact.Outcome) -> Fact { dnsFact(server, "db.prod.", outcome) }

func dnsFact(
    _ server: Endpoint, _ question: String, type: DNSType = .a, transport: DNSFact.Transport = .udp,
    step: DNSFact.Step = .query, elapsed: Duration = .milliseconds(2), _ outcome: DNSFact.Outcome
) -> Fact {
    .dns(
        DNSFact(
            server: server, transport: transport, step: step, name: name(question), type: type, elapsed: elapsed,
            outcome: outcome.about(question)))
}

extension DNSFact.Outcome {
    /// The answer's records are of the name that is asked for.
    fileprivate func about(_ question: String) -> DNSFact.Outcome {
        guard case .answered(var message) = self else { return self }
        message.answers = message.answers.map {
            DNSRecord(name: question, type: $0.type, ttl: $0.ttl, data: $0.data)
        }
        return .answered(message)
    }
}

func answer(
    _ rcode: DNSRcode, addresses: [IPAddress] = [], recursion: Bool = true, isTruncated: Bool = false
) -> DNSFact.Outcome {
    .answered(
        DNSMessage(
            id: 1, isResponse: true, isTruncated: isTruncated, recursionAvailable: recursion, rcode: rcode,
            answers: addresses.map { DNSRecord(name: "db.prod.", type: .a, ttl: 30, data: .address($0)) }))
}

/// A DNS check whose sample has these facts; good when some server gave an address.
func dns(_ facts: [Fact]) -> CheckRecord { dns("name", "db.prod", facts) }

func dns(_ name: String, _ question: String, _ facts: [Fact]) -> CheckRecord {
    let isAnswered = facts.contains {
        if case .dns(let fact) = $0, case .answered = fact.outcome { true } else { false }
    }
    let isGood = facts.contains { fact in
        if case .dns(let dns) = fact, !dns.step.isBeside, case .answered(let message) = dns.outcome {
            !message.answers.isEmpty
        } else {
            false
        }
    }
    let demand = Comparison(
        key: "answer", expected: "NOERROR with an answer", seen: isGood ? "NOERROR" : "no answer", isMet: isGood,
        isDeclared: false)
    return record(
        name, kind: "dns", target: .name(DomainName(question) ?? .root),
        [
            sample(
                isAnswered ? .answered : .failed(.query), latency: .milliseconds(2), facts,
                comparisons: isAnswered ? [demand] : [])
        ])
}

func certificate(
    subject: String = "CN=shop.example.com", issuer: String = "CN=Example CA", names: [String] = ["shop.example.com"],
    from: Duration = .seconds(-30 * 86400), to: Duration = .seconds(60 * 86400)
) -> CertificateFact {
    CertificateFact(
        subject: subject, commonName: nil, issuer: issuer, dnsNames: names, ipAddresses: [], notBefore: noon + from,
        notAfter: noon + to, key: "EC prime256v1", signature: "ecdsa-with-SHA256", serial: "01",
        sha256: String(repeating: "ab", count: 32), isSelfIssued: subject == issuer)
}

func tls(
    _ name: String = "shop", chain: [CertificateFact], problems: [VerificationProblem] = [], nameMatch: Bool = true,
    expect: Expectation = Expectation()
) -> CheckRecord {
    let endpoint = Endpoint(target.address, 443)
    let isGood = problems.isEmpty && nameMatch
    let fact = TLSFact(
        endpoint: endpoint, serverName: "shop.example.com", outcome: .established, elapsed: .milliseconds(5),
        version: "TLSv1.3",
        chain: chain, verification: problems, trustStore: "/etc/ssl/certs/ca-certificates.crt", nameMatch: nameMatch,
        expectedName: "shop.example.com")
    let comparison = Comparison(
        key: "certificate", expected: "trusted, in date, and for shop.example.com", seen: isGood ? "so" : "not so",
        isMet: isGood,
        isDeclared: false)
    let connect = Fact.connect(
        ConnectFact(endpoint: endpoint, source: ownAddress, elapsed: .milliseconds(1), outcome: .connected, tcp: nil))
    return record(
        name, kind: "tls", target: hostPort(endpoint), expect: expect,
        [sample(.answered, latency: .milliseconds(5), [connect, .tls(fact)], comparisons: [comparison])])
}

func http(
    _ name: String = "web", hops: [(url: String, status: Int, location: String?)], met: Bool = true,
    phases: Phases = Phases(),
    latency: Duration = .milliseconds(10), expect: Expectation = Expectation(), times: Int = 1
) -> CheckRecord {
    let endpoint = Endpoint(target.address, 80)
    let facts = hops.compactMap { hop -> Fact? in
        guard let url = HTTPURL(hop.url) else { return nil }
        let headers = hop.location.map { [(name: "Location", value: $0)] } ?? []
        return .http(
            HTTPFact(
                url: url, endpoint: endpoint, method: "GET",
                outcome: .responded(
                    HTTPResponse(
                        version: "HTTP/1.1", status: hop.status, reason: "", headers: headers, bodyBytes: 2,
                        isBodyCut: false,
                        bodyStart: Array("no".utf8))), firstByte: phases.firstByte, elapsed: latency))
    }
    let connect = Fact.connect(
        ConnectFact(endpoint: endpoint, source: ownAddress, elapsed: .milliseconds(1), outcome: .connected, tcp: nil))
    let status = Comparison(
        key: "status", expected: "2xx or 3xx", seen: "\(hops.last?.status ?? 0)", isMet: met, isDeclared: false)
    let target = hops.first.flatMap { HTTPURL($0.url) }.map(Target.url) ?? .host(.address(target.address))
    return record(
        name, kind: "http", target: target, expect: expect,
        Array(
            repeating: sample(.answered, latency: latency, phases: phases, [connect] + facts, comparisons: [status]),
            count: times))
}
