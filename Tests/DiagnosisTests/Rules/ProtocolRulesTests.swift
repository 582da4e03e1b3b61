import Diagnosis
import NetValues
import Observations
import Planning
import Testing
import Wire

private let tlsEndpoint = Endpoint(target.address, 443)

private func handshake(
    _ failure: TLSFailure, alerts: [TLSAlert] = [], request: ClientCertificateRequest? = nil
) -> CheckRecord {
    let fact = TLSFact(
        endpoint: tlsEndpoint, serverName: nil, outcome: .failed(failure), elapsed: .milliseconds(5),
        clientCertificate: request, alerts: alerts)
    let connect = Fact.connect(
        ConnectFact(
            endpoint: tlsEndpoint, source: ownAddress, elapsed: .milliseconds(1), outcome: .connected, tcp: nil))
    return record("tls", kind: "tls", target: hostPort(tlsEndpoint), [sample(.failed(.tls), [connect, .tls(fact)])])
}

private func alert(_ name: String, _ code: UInt8) -> TLSAlert {
    TLSAlert(isReceived: true, isFatal: true, name: name, code: code)
}

@Suite struct HandshakeRulesTests {
    @Test func certificateRequired_isMutualTLS() {
        let request = ClientCertificateRequest(authorities: ["CN=Mesh CA"])
        let judgement = judge(
            handshake(.alert("certificate_required"), alerts: [alert("certificate_required", 116)], request: request))
        #expect(judgement.ids == ["mtls-required"])
        #expect(judgement.findings[0].confidence == .certain)
        #expect(judgement.findings[0].evidence.contains { $0.contains("CN=Mesh CA") })
    }

    @Test func handshakeFailure_isNoMutualTLS_whenNoCertificateWasAskedFor() {
        #expect(
            judge(handshake(.alert("handshake_failure"), alerts: [alert("handshake_failure", 40)])).ids
                == ["expectation-unmet"])
    }

    @Test func protocolVersion_isAVersionMismatch() {
        #expect(
            judge(handshake(.alert("protocol_version"), alerts: [alert("protocol_version", 70)])).ids
                == ["tls-version-mismatch"])
    }

    @Test func aHTTPAnswerToClientHello_isPlaintext() {
        let judgement = judge(handshake(.notTLS(Array("HTTP/1.1 400 Bad Request".utf8))))
        #expect(judgement.ids == ["tls-plaintext-on-tls-port"])
        #expect(judgement.findings[0].summary.contains("plain HTTP"))
    }

    @Test func silenceAfterClientHello_decidesNothing() {
        #expect(judge(handshake(.closed)).ids == ["expectation-unmet"])
    }
}

private func exchange(_ outcome: HTTPFact.Outcome) -> CheckRecord {
    let url = HTTPURL(scheme: .http, host: .address(target.address))
    let endpoint = Endpoint(target.address, 80)
    let fact = HTTPFact(
        url: url, endpoint: endpoint, method: "GET", outcome: outcome, firstByte: nil, elapsed: .seconds(3))
    let connect = Fact.connect(
        ConnectFact(endpoint: endpoint, source: ownAddress, elapsed: .milliseconds(1), outcome: .connected, tcp: nil))
    return record("web", kind: "http", target: .url(url), [sample(.failed(.response), [connect, .http(fact)])])
}

@Suite struct BrokenAnswerRulesTests {
    private let part = PartialResponse(status: 200, bytes: 5000, start: Array("HTTP/1.1 200".utf8))

    @Test func silenceWithinTheBody_isAStall() {
        #expect(judge(exchange(.incomplete(.deadline, partial: part))).ids == ["http-response-stalled"])
    }

    @Test func silenceWithoutAByte_isNoStall() {
        let nothing = PartialResponse(status: nil, bytes: 0, start: [])
        let judgement = judge(exchange(.incomplete(.deadline, partial: nothing)))
        #expect(judgement.ids == ["expectation-unmet"])
        // A slow server, a stopped one, or large packets that are lost: none of them is claimed.
        #expect(judgement.findings[0].cause.contains("look alike"))
        #expect(judgement.findings[0].remedy.contains { $0.contains("path MTU") })
    }

    @Test func anEndWithoutAByte_isNoSilence() {
        let nothing = PartialResponse(status: nil, bytes: 0, start: [])
        #expect(!judge(exchange(.incomplete(.closed, partial: nothing))).findings[0].cause.contains("look alike"))
    }

    @Test func anEarlyEnd_isAProtocolError() {
        #expect(judge(exchange(.incomplete(.closed, partial: part))).ids == ["http-protocol-error"])
    }

    @Test func garbage_isAProtocolError() {
        #expect(
            judge(exchange(.malformed(reason: "status line is invalid", bytes: Array("SSH-2.0".utf8)))).ids
                == ["http-protocol-error"])
    }
}

@Suite struct DNSNodataTests {
    @Test func anEmptyAnswer_isAWarning() {
        let judgement = judge(dns([dnsFact(answer(.noError))]))
        #expect(judgement.ids == ["dns-nodata"])
        #expect(judgement.verdict == .degraded)
    }

    @Test func aConnectionThatLacksAnAddress_isAnError() {
        let unresolved = record(
            "db", target: .hostPort(HostPort(host: .name(name("db.prod")), port: 5432)),
            [sample(.failed(.resolve), [dnsFact(answer(.noError))])])
        #expect(judge(unresolved).findings.map(\.severity) == [.error])
    }

    @Test func aNameThatIsMissing_isNoEmptyAnswer() {
        #expect(judge(dns([dnsFact(answer(.nxDomain))])).ids == ["dns-name-not-found"])
    }
}
