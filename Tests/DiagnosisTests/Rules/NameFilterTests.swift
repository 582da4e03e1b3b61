import Diagnosis
import NetValues
import Observations
import Planning
import Testing

private let resetFailure = failure("ECONNRESET", 104)
private let web = Endpoint(target.address, 443)
private let page = Endpoint(target.address, 80)

private func connected(_ endpoint: Endpoint, isContrast: Bool = false) -> Fact {
    .connect(
        ConnectFact(
            endpoint: endpoint, source: ownAddress, elapsed: .milliseconds(1), outcome: .connected, tcp: nil,
            isContrast: isContrast))
}

private func hello(_ name: String, _ outcome: TLSFact.Outcome, received: Int = 0, isContrast: Bool = false) -> Fact {
    var fact = TLSFact(endpoint: web, serverName: name, outcome: outcome, elapsed: .milliseconds(2))
    fact.sentBytes = 300
    fact.receivedBytes = received
    fact.isContrast = isContrast
    return .tls(fact)
}

/// A check of shop.test whose handshake ends so, with handshakes of the contrast: the name, and whether it is answered.
private func tls(
    _ outcome: TLSFact.Outcome = .failed(.transport(resetFailure)), name: String = "shop.test",
    contrasts: [(name: String, isAnswered: Bool)], times: Int = 1
) -> CheckRecord {
    let facts = contrasts.flatMap { contrast in
        [
            connected(web, isContrast: true),
            hello(
                contrast.name, contrast.isAnswered ? .established : outcome, received: contrast.isAnswered ? 3000 : 0,
                isContrast: true),
        ]
    }
    let isGood = outcome == .established
    return record(
        name, kind: "tls", target: hostPort(web),
        Array(
            repeating: sample(
                isGood ? .answered : .failed(.tls),
                [connected(web), hello(name, outcome, received: isGood ? 3000 : 0)] + facts),
            count: times))
}

private let whole = [("example.com", true), ("example.com", true), ("shop.test", false), ("shop.test", false)]
    .map { (name: $0.0, isAnswered: $0.1) }

private func request(
    _ host: String, _ answer: (status: Int, body: String, headers: [(name: String, value: String)])?,
    isContrast: Bool = false
) -> Fact {
    let outcome: HTTPFact.Outcome =
        answer.map { answer in
            .responded(
                HTTPResponse(
                    version: "HTTP/1.1", status: answer.status, reason: "", headers: answer.headers,
                    bodyBytes: answer.body.utf8.count, isBodyCut: false, bodyStart: Array(answer.body.utf8)))
        } ?? .incomplete(.failed(resetFailure), partial: PartialResponse(status: nil, bytes: 0, start: []))
    return .http(
        HTTPFact(
            url: HTTPURL("http://\(host)/") ?? HTTPURL(scheme: .http, host: .address(target.address)), endpoint: page,
            method: "GET", outcome: outcome, firstByte: nil, elapsed: .milliseconds(2), sentBytes: 80,
            isContrast: isContrast))
}

private func http(_ facts: [Fact], met: Bool? = nil) -> CheckRecord {
    let status = met.map {
        [Comparison(key: "status", expected: "2xx or 3xx", seen: "other", isMet: $0, isDeclared: false)]
    }
    return record(
        "page", kind: "http", target: .url(HTTPURL(scheme: .http, host: .name(name("shop.test")))),
        [sample(met == nil ? .failed(.response) : .answered, [connected(page)] + facts, comparisons: status ?? [])])
}

@Suite struct EgressFQDNFilteredTests {
    @Test func aNameThatAloneIsReset_isFiltered() throws {
        let judgement = judge(tls(contrasts: whole))
        #expect(judgement.ids == ["egress-fqdn-filtered"])
        let finding = try #require(judgement.findings.first)
        #expect(finding.confidence == .likely && finding.subject == "shop.test")
        #expect(finding.cause.contains("looks the same from here"))
        #expect(judgement.status("shop.test") == .failed)
    }

    @Test func anOrderlyEnd_isLessCertain() throws {
        let judgement = judge(tls(.failed(.closed), contrasts: whole))
        #expect(judgement.ids == ["egress-fqdn-filtered"])
        #expect(try #require(judgement.findings.first).confidence == .possible)
    }

    @Test(
        arguments: [
            [], [("example.com", false)], [("example.com", true), ("example.com", false)],
            [("example.com", true), ("example.com", true), ("shop.test", true)],
            [("example.com", true), ("example.com", true), ("shop.test", false), ("shop.test", true)],
        ] as [[(String, Bool)]])
    func whatDoesNotDependOnTheName_isAReset(_ contrasts: [(String, Bool)]) {
        let judgement = judge(tls(contrasts: contrasts.map { (name: $0.0, isAnswered: $0.1) }))
        #expect(judgement.ids == ["tcp-reset-after-connect"])
    }

    @Test func aNameThatAnotherCheckSawAnswered_isNotFiltered() {
        let judgement = judge(tls(contrasts: whole), tls(.established, contrasts: []))
        #expect(!judgement.ids.contains("egress-fqdn-filtered"))
    }

    @Test func contrastsAlone_troubleNoOtherRule() {
        // The neutral name is not in the certificate, and the server asks who we are: none of it is about the target.
        var fact = TLSFact(
            endpoint: web, serverName: "example.com", outcome: .established, elapsed: .milliseconds(2),
            chain: [certificate()], nameMatch: false, expectedName: "example.com",
            clientCertificate: ClientCertificateRequest(authorities: []))
        fact.receivedBytes = 3000
        fact.isContrast = true
        let judgement = judge(
            record(
                "shop.test", kind: "tls", target: hostPort(web),
                [sample(.answered, [connected(web), hello("shop.test", .established, received: 3000), .tls(fact)])]))
        #expect(judgement.ids.isEmpty)
    }

    @Test func aHostThatAloneIsReset_isFiltered() throws {
        let fine = (status: 404, body: "", headers: [(name: String, value: String)]())
        let contrasts = [
            request("example.com", fine, isContrast: true), request("example.com", fine, isContrast: true),
            request("shop.test", nil, isContrast: true), request("shop.test", nil, isContrast: true),
        ]
        let judgement = judge(http([request("shop.test", nil)] + contrasts))
        #expect(judgement.ids == ["egress-fqdn-filtered"])
        #expect(judge(http([request("shop.test", nil)])).ids == ["tcp-reset-after-connect"])
    }

    @Test(
        arguments: [
            (470, "Action: Deny. Reason: No rule matched.", [], Finding.Confidence.certain),
            (470, "", [], .likely), (403, "", [("X-Squid-Error", "ERR_ACCESS_DENIED 0")], .certain),
            (403, "", [("Server", "Zscaler/6.2")], .likely),
        ] as [(Int, String, [(String, String)], Finding.Confidence)])
    func blockPages_areKnown(
        _ status: Int, _ body: String, _ headers: [(String, String)], _ confidence: Finding.Confidence
    ) throws {
        let answer = (status: status, body: body, headers: headers.map { (name: $0.0, value: $0.1) })
        let judgement = judge(http([request("shop.test", answer)], met: false))
        #expect(judgement.ids == ["egress-fqdn-filtered"])
        #expect(try #require(judgement.findings.first).confidence == confidence)
    }

    @Test(arguments: [(403, "no"), (404, "Action"), (503, "upstream connect error")])
    func otherRefusals_areTheApplications(_ status: Int, _ body: String) {
        let judgement = judge(http([request("shop.test", (status: status, body: body, headers: []))], met: false))
        #expect(judgement.ids == ["http-status-unexpected"])
    }
}
