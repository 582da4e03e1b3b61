import Diagnosis
import NetValues
import Observations
import Planning
import Testing

private let resetFailure = failure("ECONNRESET", 104)
private let web = Endpoint(target.address, 443)

private func connected(_ endpoint: Endpoint, roundTrip: Duration = .milliseconds(1)) -> Fact {
    .connect(
        ConnectFact(
            endpoint: endpoint, source: ownAddress, elapsed: roundTrip, outcome: .connected,
            tcp: TCPFacts(rtt: roundTrip, mss: 1460, pathMTU: 1500, retransmits: 0)))
}

private func banner(_ end: StreamEnd, bytes: String = "", sent: Int = 0) -> CheckRecord {
    let fact = BannerFact(
        endpoint: target, bytes: Array(bytes.utf8), end: end, elapsed: .milliseconds(2), sentBytes: sent)
    let unmet = Comparison(key: "banner", expected: "matches 220", seen: "nothing", isMet: false, isDeclared: true)
    return record(
        "db", target: hostPort(target), [sample(.answered, [connected(target), .banner(fact)], comparisons: [unmet])])
}

private func handshake(
    _ outcome: TLSFact.Outcome, named name: String = "tls", received: Int = 0, version: String? = nil,
    serverName: String? = "shop.test", elapsed: Duration = .milliseconds(2), roundTrip: Duration = .milliseconds(1),
    request: ClientCertificateRequest? = nil
) -> CheckRecord {
    var fact = TLSFact(
        endpoint: web, serverName: serverName, outcome: outcome, elapsed: elapsed, version: version,
        clientCertificate: request)
    fact.sentBytes = 517
    fact.receivedBytes = received
    let isGood = outcome == .established
    return record(
        name, kind: "tls", target: hostPort(web),
        [sample(isGood ? .answered : .failed(.tls), [connected(web, roundTrip: roundTrip), .tls(fact)])])
}

private func exchange(
    _ end: StreamEnd, bytes: Int = 0, sent: Int = 120, endpoint: Endpoint = web, scheme: HTTPURL.Scheme = .http
) -> CheckRecord {
    let url = HTTPURL(scheme: scheme, host: .address(target.address), port: endpoint.port)
    let fact = HTTPFact(
        url: url, endpoint: endpoint, method: "GET",
        outcome: .incomplete(end, partial: PartialResponse(status: bytes > 0 ? 200 : nil, bytes: bytes, start: [])),
        firstByte: nil, elapsed: .milliseconds(3), sentBytes: sent)
    return record(
        "page", kind: "http", target: .url(url), [sample(.failed(.response), [connected(endpoint), .http(fact)])])
}

@Suite struct TCPResetAfterConnectTests {
    @Test(arguments: [
        ("", 0, "before a byte was said"), ("", 6, "after our first bytes"), ("22", 6, "in the middle of the answer"),
    ])
    func aReset_isPlacedInTheConversation(_ bytes: String, _ sent: Int, _ words: String) throws {
        let judgement = judge(banner(.failed(resetFailure), bytes: bytes, sent: sent))
        #expect(judgement.ids == ["tcp-reset-after-connect"])
        #expect(try #require(judgement.findings.first).summary.contains(words))
    }

    @Test func anOrderlyEnd_isNoReset() {
        #expect(judge(banner(.closed)).ids == ["expectation-unmet"])
        #expect(judge(exchange(.closed)).ids == ["http-protocol-error"])
        #expect(judge(exchange(.failed(failure("EPIPE", 32)), sent: 0)).ids == ["http-protocol-error"])
        #expect(judge(exchange(.deadline)).ids == ["expectation-unmet"])
    }

    @Test func aResetAfterClientHello_mayBeTheServersOrAFilters() throws {
        let finding = try #require(judge(handshake(.failed(.transport(resetFailure)))).findings.first)
        #expect(finding.id == "tcp-reset-after-connect")
        #expect(finding.summary.contains("right after the ClientHello"))
        #expect(finding.evidence.contains { $0.contains("ClientHello (517 bytes), before any byte of an answer") })
        #expect(finding.cause.contains("Either the server itself or a device"))
        #expect(finding.remedy.contains { $0.contains("TTL") })
    }

    @Test func anotherNameThatWorks_showsThatTheNameDecides() throws {
        let judgement = judge(
            handshake(.failed(.transport(resetFailure))),
            handshake(.established, named: "other", received: 1200, version: "TLSv1.3", serverName: "other.test"))
        let finding = try #require(judgement.findings.first { $0.id == "tcp-reset-after-connect" })
        #expect(finding.cause.contains("The server name decides"))
        #expect(finding.evidence.contains { $0.contains("other.test") })
    }

    @Test func aResetAfterACertificateWasAskedFor_isMutualTLS() {
        let request = ClientCertificateRequest(authorities: [])
        let judgement = judge(
            handshake(.failed(.transport(resetFailure)), received: 900, version: "TLSv1.3", request: request))
        #expect(judgement.ids == ["mtls-required"])
    }

    @Test func plaintextToAPortOfTLS_isSaidSo() throws {
        let judgement = judge(
            exchange(.failed(resetFailure)), handshake(.established, received: 1200, version: "TLSv1.3"))
        let finding = try #require(judgement.findings.first { $0.id == "tcp-reset-after-connect" })
        #expect(finding.cause.contains("wants TLS"))
    }

    @Test func aResetThatIsTooQuick_isNotTheTargets() throws {
        let finding = try #require(
            judge(tooQuick, tooQuick).findings.first)
        #expect(finding.cause.contains("A device between here and the target"))
    }

    /// A SYN that was held up looks like a long way.
    @Test func oneQuickReset_provesNothing() throws {
        let late = handshake(
            .failed(.transport(resetFailure)), elapsed: .milliseconds(4), roundTrip: .milliseconds(5))
        for records in [[tooQuick], [tooQuick, late]] {
            let finding = try #require(judge(records).findings.first)
            #expect(finding.cause.contains("Either the server itself or a device"))
        }
    }

    private var tooQuick: CheckRecord {
        handshake(.failed(.transport(resetFailure)), elapsed: .milliseconds(4), roundTrip: .milliseconds(40))
    }

    @Test func aResetWithinTheBody_tellsHowFarItCame() throws {
        let finding = try #require(judge(exchange(.failed(resetFailure), bytes: 5000)).findings.first)
        #expect(finding.id == "tcp-reset-after-connect")
        #expect(finding.evidence.contains { $0.contains("after 5000 bytes of it") })
    }
}

@Suite struct ServerEndRulesTests {
    @Test func closedWithoutAByte_isSaidSo() throws {
        let finding = try #require(judge(exchange(.closed)).findings.first)
        #expect(finding.summary.contains("closes the connection without an answer"))
    }

    @Test func tlsClosedWithoutAByte_speaksOfAMissingBackend() throws {
        let finding = try #require(judge(handshake(.failed(.closed))).findings.first)
        #expect(finding.id == "expectation-unmet")
        #expect(finding.cause.contains("without a backend"))
    }

    private func page(_ name: String, _ outcome: HTTPFact.Outcome) -> CheckRecord {
        let url = HTTPURL(scheme: .https, host: .address(target.address))
        var tls = TLSFact(
            endpoint: web, serverName: nil, outcome: .established, elapsed: .milliseconds(2), version: "TLSv1.3")
        tls.clientCertificate = ClientCertificateRequest(authorities: [])
        let http = HTTPFact(
            url: url, endpoint: web, method: "GET", outcome: outcome, firstByte: nil, elapsed: .milliseconds(3))
        var isAnswered = false
        if case .responded = outcome { isAnswered = true }
        return record(
            name, kind: "http", target: .url(url),
            [sample(isAnswered ? .answered : .failed(.response), [connected(web), .tls(tls), .http(http)])])
    }

    /// In TLS 1.3 the refusal comes in place of the answer; a reset may overtake its alert.
    @Test(arguments: [StreamEnd.tlsFailed("certificate_required"), .failed(resetFailure), .closed])
    func anEndInPlaceOfTheAnswer_isMutualTLS_whereACertificateWasAskedFor(_ end: StreamEnd) throws {
        let nothing = HTTPFact.Outcome.incomplete(end, partial: PartialResponse(status: nil, bytes: 0, start: []))
        let judgement = judge(page("page", nothing))
        #expect(judgement.ids == ["mtls-required"])
        #expect(
            try #require(judgement.findings.first).confidence
                == (end == .tlsFailed("certificate_required") ? .certain : .likely))
    }

    @Test func anEndInPlaceOfTheAnswer_isNoMutualTLS_whereOthersAreAnswered() {
        let nothing = HTTPFact.Outcome.incomplete(
            .failed(resetFailure), partial: PartialResponse(status: nil, bytes: 0, start: []))
        let whole = HTTPFact.Outcome.responded(
            HTTPResponse(
                version: "HTTP/1.1", status: 200, reason: "", headers: [], bodyBytes: 0, isBodyCut: false, bodyStart: []
            ))
        #expect(judge(page("page", nothing), page("other", whole)).ids == ["tcp-reset-after-connect"])
    }
}

private func page(_ status: Int, headers: [(name: String, value: String)] = [], met: Bool = false) -> CheckRecord {
    let url = HTTPURL(scheme: .http, host: .address(target.address))
    let response = HTTPResponse(
        version: "HTTP/1.1", status: status, reason: "", headers: headers, bodyBytes: 3, isBodyCut: false, bodyStart: []
    )
    let fact = HTTPFact(
        url: url, endpoint: target, method: "GET", outcome: .responded(response), firstByte: nil,
        elapsed: .milliseconds(1))
    return record(
        "page", kind: "http", target: .url(url),
        [
            sample(
                .answered, [.http(fact)],
                comparisons: [
                    Comparison(
                        key: "redirect", expected: "a redirect to https", seen: "\(status)", isMet: met,
                        isDeclared: true)
                ])
        ])
}

@Suite struct HTTPRedirectMissingTests {
    @Test func aPageInTheClear_isAWarning() throws {
        let judgement = judge(page(200, headers: [("Strict-Transport-Security", "max-age=1")]))
        #expect(judgement.ids == ["http-redirect-missing"])
        #expect(judgement.verdict == .degraded)
        #expect(try #require(judgement.findings.first).evidence.contains { $0.contains("counts only over https") })
    }

    @Test func aRedirectElsewhere_isAnotherMatter() {
        #expect(judge(page(302, headers: [("Location", "http://other.test/")])).ids == ["expectation-unmet"])
        #expect(judge(page(302)).ids == ["expectation-unmet"])
        #expect(judge(page(426)).ids == ["expectation-unmet"])
    }

    @Test func aRedirectToHTTPS_isNothing() {
        #expect(judge(page(301, headers: [("Location", "https://x.test/")], met: true)).ids.isEmpty)
    }
}

private func dated(
    _ name: String, _ address: String, ahead: Duration, certificate: CertificateFact? = nil, age: String? = nil
) -> CheckRecord {
    let url = HTTPURL(scheme: .https, host: .address(IPAddress(address) ?? target.address))
    let endpoint = Endpoint(IPAddress(address) ?? target.address, 443)
    let date = ahead == .zero ? "Sat, 31 Jan 2026 12:00:01 GMT" : "Tue, 03 Feb 2026 12:00:00 GMT"
    let response = HTTPResponse(
        version: "HTTP/1.1", status: 200, reason: "", headers: [("Date", date)] + (age.map { [("Age", $0)] } ?? []),
        bodyBytes: 3, isBodyCut: false, bodyStart: [])
    let fact = HTTPFact(
        url: url, endpoint: endpoint, method: "GET", outcome: .responded(response), firstByte: nil,
        elapsed: .milliseconds(1))
    var tls = TLSFact(endpoint: endpoint, serverName: nil, outcome: .established, elapsed: .milliseconds(2))
    tls.chain = certificate.map { [$0] } ?? []
    return record(name, kind: "http", target: .url(url), [sample(.answered, [.tls(tls), .http(fact)])])
}

@Suite struct ClockSkewTests {
    private let days = Duration.seconds(3 * 86_400)

    @Test func twoServersThatAgree_areRight() throws {
        let judgement = judge(dated("a", "198.18.2.2", ahead: days), dated("b", "198.18.2.3", ahead: days))
        #expect(judgement.ids == ["clock-skew"])
        #expect(try #require(judgement.findings.first).summary.contains("3 days behind"))
    }

    @Test func whatACacheStored_isNoClock() {
        let records = ["198.18.2.2", "198.18.2.3"].map { dated($0, $0, ahead: days, age: "259200") }
        #expect(judge(records).ids.isEmpty)
    }

    @Test func oneServer_mayItselfBeWrong() {
        #expect(judge(dated("a", "198.18.2.2", ahead: days)).ids.isEmpty)
    }

    private func timed(_ address: String, ahead offset: Duration?) throws -> CheckRecord {
        let endpoint = Endpoint(try #require(IPAddress(address)), 123)
        let fact = ServiceFact(
            endpoint: endpoint, source: ownAddress, service: "ntp", attempts: 1, elapsed: .milliseconds(1),
            outcome: .answered("NTP version 4, stratum 2"), clockOffset: offset)
        return record(address, kind: "udp", target: hostPort(endpoint), [sample(.answered, [.service(fact)])])
    }

    @Test func aTimeServerByItself_isHeardAsWell() throws {
        let finding = try #require(judge(try timed("198.18.2.2", ahead: .seconds(3600))).findings.first)
        #expect(finding.id == "clock-skew" && finding.confidence == .possible && finding.checks == ["198.18.2.2"])
        #expect(try judge(timed("198.18.2.2", ahead: .seconds(240))).ids.isEmpty)
        #expect(try judge(timed("198.18.2.2", ahead: nil)).ids.isEmpty)
        // Two others know better.
        let judgement = judge(
            try timed("198.18.2.2", ahead: .seconds(3600)), try timed("198.18.2.3", ahead: .zero),
            try timed("198.18.2.4", ahead: .zero))
        #expect(judgement.ids.isEmpty)
    }

    @Test func aMajority_decides() {
        let judgement = judge(
            dated("a", "198.18.2.2", ahead: days), dated("b", "198.18.2.3", ahead: .zero),
            dated("c", "198.18.2.4", ahead: .zero))
        #expect(judgement.ids.isEmpty)
    }

    /// Of a stream's checks that passed only traces are kept: the strange clocks, and that others agree.
    @Test(
        arguments: [(Duration.zero, 1, []), (.seconds(3 * 86_400), 3, ["clock-skew"])] as [(Duration, Int, [String])])
    func aStream_remembersTheClocks(_ others: Duration, _ kept: Int, _ ids: [String]) {
        let judge = Judge(resolver: ResolverConfiguration(servers: [resolverA]), now: noon)
        var log = EvidenceLog(keeping: .whatJudgementNeeds, now: noon)
        for record in [
            dated("a", "198.18.2.2", ahead: days), dated("b", "198.18.2.3", ahead: others),
            dated("c", "198.18.2.4", ahead: others),
        ] { log.add(record, alone: judge.judge([record])) }
        #expect(log.records.count == kept)
        #expect(judge.judge(log, strain: VantageStrain()).ids == ids)
    }

    @Test func aCertificateThatAgreesWithItsServer_makesItPossible() throws {
        let young = certificate(from: .seconds(86_400), to: .seconds(90 * 86_400))
        let finding = try #require(
            judge(dated("a", "198.18.2.2", ahead: days, certificate: young)).findings.first { $0.id == "clock-skew" })
        #expect(finding.confidence == .possible)
    }
}
