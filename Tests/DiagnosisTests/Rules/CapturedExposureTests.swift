import Diagnosis
import NetValues
import Observations
import Planning
import Testing
import Wire

private func address(_ text: String) -> PacketAddress { PacketAddress(IPAddress(text) ?? router) }
private let inside = PacketEndpoint(address("10.0.0.5"), 40000)
private let database = PacketEndpoint(address("10.0.0.9"), 5432)

private func speaking(_ application: FlowRecord.Application, to server: PacketEndpoint, from port: UInt16 = 40000)
    -> Conversation
{
    Conversation.healthy(to: server).with {
        $0.client = PacketEndpoint(inside.address, port)
        $0.application = application
    }
}

private func request(
    _ method: String = "GET", to server: PacketEndpoint, status: Int? = 200, credentials: Bool = false,
    latency: Duration = .milliseconds(3), path: String = "/secret-path"
) -> HTTPTransaction {
    HTTPTransaction(
        frame: 8, at: noon, client: inside, server: server, method: method, host: "shop.test", path: path,
        status: status, latency: latency, carriesCredentials: credentials)
}

@Suite struct PlaintextTests {
    private let shop = PacketEndpoint(address("10.0.0.9"), 80)
    private let abroad = PacketEndpoint(address("203.0.113.9"), 80)

    @Test func credentialsInTheClear() throws {
        let judgement = judge([.healthy()]) { $0.http.exchanges = [request(to: shop, credentials: true)] }
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["plaintext-service"])
        #expect(finding.severity == .warning && finding.confidence == .likely)
        #expect(finding.evidence[0].contains("frame 8: GET from 10.0.0.5"))
        #expect(!finding.evidence.contains { $0.contains("secret-path") })
    }

    @Test func aDatabaseWithoutTLS() {
        #expect(judge([speaking(.postgres, to: database)]).ids == ["plaintext-service"])
    }

    @Test func theSameWithTLS_isNone() {
        let flow = speaking(.postgres, to: database)
        let judgement = judge([flow]) {
            $0.tls.handshakes = [
                TLSHandshakeRecord(frame: 5, at: noon, client: flow.client, server: flow.server)
            ]
        }
        #expect(judgement.ids == [])
    }

    @Test func whatIsOrdinary_isNone() {
        let loopback = PacketEndpoint(address("127.0.0.1"), 80)
        let ordinary = [
            request(to: shop), request(to: abroad), request(to: loopback, credentials: true),
            request("POST", to: shop, status: 301, credentials: true),
            request("POST", to: shop, status: nil, credentials: true),
        ]
        #expect(judge([speaking(.smtp, to: database)]) { $0.http.exchanges = ordinary }.ids == [])
    }

    @Test func acrossTheInternet_itIsAnError() throws {
        let judgement = judge([.healthy()]) { $0.http.exchanges = [request("POST", to: abroad)] }
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["cross-cloud-unencrypted"])
        // A gateway further on may encrypt.
        #expect(finding.severity == .error && finding.confidence == .possible)
    }

    @Test func betweenTwoAddressesOfTheInternet_nobodyWillEncryptIt() {
        let flow = speaking(.mysql, to: PacketEndpoint(abroad.address, 3306)).with {
            $0.client = PacketEndpoint(address("198.51.100.7"), 4000)
        }
        #expect(judge([flow]).findings.first?.confidence == .likely)
    }

    @Test func besideATunnel_itMayBeItsInside() {
        let tunnel = speaking(.wireguard, to: PacketEndpoint(abroad.address, 51820))
        let judgement = judge([speaking(.redis, to: database), tunnel])
        #expect(judgement.ids == ["plaintext-service"])
        #expect(judgement.findings[0].confidence == .possible)
    }
}

@Suite struct EgressTests {
    private let metadata = PacketEndpoint(address("169.254.169.254"), 80)

    @Test(arguments: [200, 401, 400]) func metadataThatAnswers(_ status: Int) throws {
        let judgement = judge([.healthy()]) { $0.http.exchanges = [request(to: metadata, status: status)] }
        #expect(judgement.ids == ["metadata-endpoint-exposed"])
        #expect(judgement.findings[0].severity == .warning)
    }

    @Test func metadataWithoutAnAnswer_isNone() {
        #expect(judge([.healthy()]) { $0.http.exchanges = [request(to: metadata, status: nil)] }.ids == [])
    }

    @Test func metadataThatAnswersACheck_isCritical() throws {
        let url = try #require(HTTPURL("http://169.254.169.254/"))
        let endpoint = metadata.endpoint
        let response = HTTPResponse(
            version: "HTTP/1.1", status: 401, reason: "", headers: [], bodyBytes: 0, isBodyCut: false, bodyStart: [])
        let fact = HTTPFact(
            url: url, endpoint: endpoint, method: "GET", outcome: .responded(response), firstByte: nil,
            elapsed: .milliseconds(2))
        let judgement = judge(
            record("metadata", kind: "http", target: .url(url), [sample(latency: .milliseconds(2), [.http(fact)])]))
        #expect(judgement.ids == ["metadata-endpoint-exposed"])
        #expect(judgement.findings[0].severity == .critical && judgement.findings[0].confidence == .certain)
    }

    private func out(_ last: Int, _ port: UInt16) -> Conversation {
        Conversation.healthy(to: PacketEndpoint(address("203.0.113.\(last)"), port)).with { $0.client = inside }
    }

    @Test func unusualPorts_ofManyAddresses() throws {
        let judgement = judge([out(1, 6667), out(2, 4444), out(3, 9001)])
        #expect(judgement.ids == ["unrestricted-egress"])
        #expect(judgement.findings[0].confidence == .possible)
    }

    @Test func theWeb_isNone() {
        #expect(judge((1...50).map { out($0, $0 % 2 == 0 ? 443 : 80) }).ids == [])
        #expect(judge([out(1, 6667), out(2, 6667), out(3, 6667), out(4, 443)]).ids == [])
    }
}

@Suite struct CapturedUpperLayersTests {
    private let shop = PacketEndpoint(address("10.0.0.9"), 80)

    @Test func failuresOfAServer() throws {
        let judgement = judge([.healthy()]) {
            $0.http.exchanges = [request(to: shop, status: 503), request(to: shop, status: 503), request(to: shop)]
        }
        #expect(judgement.ids == ["http-status-unexpected"])
        #expect(judgement.findings[0].severity == .error)
        #expect(judgement.findings[0].summary.contains("2 of 3 requests"))
    }

    @Test func oneFailureInMany_andFourHundreds_areNone() {
        let judgement = judge([.healthy()]) {
            $0.http.exchanges =
                (0..<40).map { request(to: shop, status: $0 % 4 == 0 ? 404 : 200) } + [request(to: shop, status: 500)]
        }
        #expect(judgement.ids == [])
    }

    @Test func lateAnswers_areTheServers() throws {
        let judgement = judge([.healthy()]) {
            $0.http.exchanges = (0..<3).map { _ in request(to: shop, latency: .seconds(4)) }
        }
        #expect(judgement.ids == ["server-slow"])
        #expect(judgement.findings[0].confidence == .likely)
        let slow = Conversation.healthy(to: tlsPort).with { $0.firstResponse = .seconds(3) }
        #expect(judge([slow]).ids == ["server-slow"])
    }

    @Test func lateAnswers_ofAWayThatLoses_orIsLong_areNotTheServers() {
        let resent = Conversation.healthy(to: tlsPort).with {
            $0.firstResponse = .seconds(3)
            $0.fromA.counters.retransmission = 2
        }
        let far = Conversation.healthy(to: tlsPort).with {
            $0.firstResponse = .seconds(3)
            $0.rtt = .seconds(1)
        }
        #expect(judge([resent]).ids == [])
        #expect(judge([far]).ids == [])
    }

    private func handshake(_ change: (inout TLSHandshakeRecord) -> Void) -> TLSHandshakeRecord {
        var record = TLSHandshakeRecord(frame: 6, at: noon, client: inside, server: tlsPort)
        record.serverName = "shop.test"
        record.chosenVersion = "1.2"
        record.certificate = CertificateSummary(
            subject: "CN=shop.test", issuer: "CN=CA", notBefore: noon + .seconds(-86400),
            notAfter: noon + .seconds(86400), names: ["shop.test"], chainLength: 2)
        change(&record)
        return record
    }

    private func ids(_ change: (inout TLSHandshakeRecord) -> Void) -> [String] {
        judge([.healthy()]) { $0.tls.handshakes = [handshake(change)] }.ids
    }

    @Test func handshakes() {
        #expect(ids { _ in } == [])
        #expect(ids { $0.certificate?.notAfter = noon + .seconds(-60) } == ["tls-cert-expired"])
        #expect(ids { $0.alerts = ["fatal protocol_version from the server"] } == ["tls-version-mismatch"])
        #expect(ids { $0.alerts = ["fatal unknown_ca from the client"] } == ["tls-chain-untrusted"])
        #expect(ids { $0.alerts = ["fatal certificate_required from the server"] } == ["mtls-required"])
        #expect(ids { $0.alerts = ["warning close_notify from the client"] } == [])
        #expect(ids { $0.serverName = "other.test" } == [])
        #expect(
            ids {
                $0.serverName = "other.test"
                $0.alerts = ["fatal bad_certificate from the client"]
            } == ["tls-name-mismatch"])
    }

    @Test func anExpiredCertificate_thatWasNotCaptured_isTheClientsWord() throws {
        let judgement = judge([.healthy()]) {
            $0.tls.handshakes = [
                handshake {
                    $0.certificate = nil
                    $0.alerts = ["fatal certificate_expired from the client"]
                }
            ]
        }
        #expect(judgement.ids == ["tls-cert-expired"])
        #expect(judgement.findings[0].evidence.contains { $0.contains("not in the capture") })
    }

    @Test func anExpiredCertificate_tellsTheDates() throws {
        let judgement = judge([.healthy()]) {
            $0.tls.handshakes = [handshake { $0.certificate?.notAfter = noon + .seconds(-86400) }]
        }
        #expect(judgement.findings[0].evidence.contains { $0.contains("2026-01-30 12:00 UTC") })
    }
}

@Suite struct CapturedDNSTests {
    private let resolver = PacketEndpoint(resolverA)
    private let other = PacketEndpoint(resolverB)

    private func tally(_ server: PacketEndpoint, _ queries: Int, unanswered: Int = 0, p50: Duration? = nil)
        -> DNSServerTally
    {
        var tally = DNSServerTally(server)
        tally.queries = queries
        tally.unanswered = unanswered
        tally.latency = p50.map {
            LatencySpread(count: queries - unanswered, min: $0, p50: $0, p95: $0, max: $0)
        }
        return tally
    }

    private func asked(_ name: String, _ rcode: String?, repeats: Int = 0) -> DNSTransaction {
        DNSTransaction(
            frame: 3, at: noon, client: inside, server: resolver, transport: .udp, id: 1, name: name, type: "A",
            repeats: repeats, rcode: rcode)
    }

    @Test func aSilentServer() throws {
        let judgement = judge([.healthy()]) { $0.dns.servers = [tally(resolver, 5, unanswered: 5)] }
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["dns-server-unreachable"])
        #expect(finding.severity == .critical && finding.subject == "198.18.2.53:53")
    }

    @Test func aSilentServerBesideAnother_warns() {
        let judgement = judge([.healthy()]) {
            $0.dns.servers = [tally(resolver, 5, unanswered: 5), tally(other, 5)]
        }
        #expect(judgement.ids == ["dns-server-unreachable"])
        #expect(judgement.findings[0].severity == .warning)
    }

    @Test func aSingleQuestion_orACaptureOfOneDirection_showsNothing() {
        #expect(judge([.healthy()]) { $0.dns.servers = [tally(resolver, 1, unanswered: 1)] }.ids == [])
        let half = Conversation.healthy(to: resolver).with {
            $0.packets.b = 0
            $0.fromB = TCPDirectionRecord()
        }
        #expect(judge([.healthy(), half]) { $0.dns.servers = [tally(resolver, 5, unanswered: 5)] }.ids == [])
    }

    @Test func aClosedPort() {
        var flow = FlowRecord(
            protocolNumber: IPProtocol.udp, a: inside, b: resolver, firstAt: noon, lastAt: noon + .seconds(1))
        flow.fromA.packets = 3
        flow.icmpErrors = [quoted(3, 3, from: resolverA.address)]
        let judgement = judge([.healthy()]) {
            $0.flows.append(flow)
            $0.dns.servers = [tally(resolver, 3, unanswered: 3)]
        }
        #expect(judgement.ids == ["dns-server-port-closed"])
    }

    @Test func servfail_ofAllOrOfManyNames() {
        let judgement = judge([.healthy()]) {
            $0.dns.servers = [tally(resolver, 2)]
            $0.dns.transactions = [asked("a.test", "SERVFAIL"), asked("a.test", "SERVFAIL")]
        }
        #expect(judgement.ids == ["dns-servfail-upstream"])
        #expect(judgement.findings[0].severity == .error)
    }

    @Test func servfail_ofOneNameAmongMany_andNXDOMAIN_areNone() {
        let judgement = judge([.healthy()]) {
            $0.dns.servers = [tally(resolver, 100, p50: .milliseconds(20))]
            $0.dns.transactions =
                [asked("broken.test", "SERVFAIL"), asked("broken.test", "SERVFAIL")]
                + (0..<98).map { asked("n\($0).test", $0 % 2 == 0 ? "NXDOMAIN" : "NOERROR") }
        }
        #expect(judgement.ids == [])
    }

    @Test func refusals() {
        let judgement = judge([.healthy()]) {
            $0.dns.servers = [tally(resolver, 2)]
            $0.dns.transactions = [asked("a.test", "REFUSED"), asked("b.test", "REFUSED")]
        }
        #expect(judgement.ids == ["dns-refused-by-policy"])
    }

    @Test func slowness() {
        #expect(
            judge([.healthy()]) { $0.dns.servers = [tally(resolver, 30, p50: .milliseconds(900))] }.ids == ["dns-slow"])
        #expect(judge([.healthy()]) { $0.dns.servers = [tally(resolver, 30, p50: .milliseconds(90))] }.ids == [])
    }
}
