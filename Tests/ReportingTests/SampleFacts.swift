import NetValues
import Observations
import Planning
import Wire

/// One fact of every kind and outcome, with a given text wherever a peer or a user could put one.
struct SampleFacts {
    let text: String

    private var bytes: [UInt8] { [0xff, 0xfe] + Array(text.utf8) + [0x00, 0xc3] }
    private let name = known(DomainName("www.example.com."))
    private let endpoint = Endpoint(known(IPAddress("10.0.3.4")), 5432)
    private let failure = SocketFailure(
        code: 111, name: "ECONNREFUSED",
        icmp: ICMPErrorReport(origin: .icmp, type: 3, code: 13, offender: IPAddress("10.0.0.1"), mtu: 1400))

    var all: [Fact] {
        resolutions.map { .resolution($0) } + exchanges.map { .dns($0) } + connects.map { .connect($0) }
            + datagrams.map { .datagram($0) } + banners.map { .banner($0) } + handshakes.map { .tls($0) }
            + requests.map { .http($0) } + echoes.map { .echo($0) }
            + [.flows(many)] + idleTimes.map { .idle($0) } + pathMTUs.map { .pathMTU($0) }
    }

    private var pathMTUs: [PathMTUFact] {
        let signal = PathMTUFact.Signal(mtu: 1400, router: IPAddress("10.0.0.1"), isFromOwnHost: false)
        let outcomes: [PathMTUFact.Trial.Outcome] = [.passed, .tooBig(signal), .lost, .failed(failure)]
        return [PathMTUFact.Ending.found, .bounded, .whole, .unanswered, .unsteady].map { ending in
            PathMTUFact(
                destination: endpoint, carrier: .udp, direction: .out, ending: ending,
                trials: outcomes.map { PathMTUFact.Trial(size: 1401, outcome: $0) }, largestPassed: 1400,
                smallestLost: 1401,
                lastRouter: PathHop(limit: 1, outcome: .expired(endpoint.address), roundTrip: .milliseconds(1)),
                beyond: PathHop(limit: 2, outcome: .failed(failure), roundTrip: nil), linkMTU: 1500,
                elapsed: .seconds(1))
        }
    }

    private var many: FlowsFact {
        let outcomes: [ConnectFact.Outcome] = [.connected, .connected, .timedOut, .failed(failure)]
        return FlowsFact(
            endpoint: endpoint,
            attempts: outcomes.enumerated().map {
                FlowsFact.Attempt(startedAt: .milliseconds($0), elapsed: .milliseconds(1), outcome: $1)
            },
            beside: [connects[0]], after: connects, elapsed: .seconds(3), before: [connects[0]],
            alone: FlowsFact.Reply(wasAsked: true, end: .satisfied, elapsed: .milliseconds(1)),
            held: FlowsFact.Reply(wasAsked: true, end: .tlsFailed(text), elapsed: .milliseconds(1)))
    }

    private var idleTimes: [IdleFact] {
        let ends: [StreamEnd] = [.satisfied, .closed, .deadline, .failed(failure), .tlsFailed(text)]
        return ends.flatMap { end in
            [false, true].map {
                IdleFact(
                    endpoint: endpoint, source: endpoint, idle: .seconds(15), end: end, elapsed: .seconds(1),
                    isWhileIdle: $0)
            }
        }
    }

    private var resolutions: [ResolutionFact] {
        let tried = [
            TriedName(name: name, result: "NXDOMAIN \(text)", found: false),
            TriedName(name: name, result: "1 address", found: true),
        ]
        let outcomes: [ResolutionFact.Outcome] = [.addresses([endpoint.address]), .nameNotFound, .noAddress, .failed]
        return outcomes.map {
            ResolutionFact(host: .name(name), source: .dns, tried: tried, outcome: $0, elapsed: .microseconds(400))
        }
    }

    private var exchanges: [DNSFact] {
        let outcomes: [DNSFact.Outcome] = [
            .answered(message), .timedOut, .failed(failure), .malformed(reason: text, bytes: bytes), .connected,
        ]
        return outcomes.map {
            DNSFact(
                server: Endpoint(known(IPAddress("10.96.0.10")), 53), transport: .udp, step: .query, name: name,
                type: .a,
                elapsed: .microseconds(312), outcome: $0)
        }
    }

    var message: DNSMessage {
        let data: [DNSRecordData] = [
            .address(endpoint.address), .name(text), .mx(preference: 10, exchange: text),
            .srv(priority: 0, weight: 5, port: 5060, target: text), .txt([Array(text.utf8), bytes]),
            .soa(primary: text, mailbox: text, serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5),
            .caa(flags: 0, tag: text, value: Array(text.utf8)),
            .service(priority: 1, target: text, parameters: ["alpn=h2", text]), .raw([10, 0, 0, 1]),
        ]
        let records = data.map { DNSRecord(name: text, type: .txt, ttl: 300, data: $0) }
        let edns = DNSEDNS(options: [DNSEDNS.Option(code: 15, data: [0, 22] + Array(text.utf8))])
        return DNSMessage(
            id: 7, isResponse: true, isAuthoritative: true, recursionAvailable: true, rcode: .servFail,
            questions: [DNSQuestion(name: name, type: .a)], answers: records, authority: records, additional: records,
            edns: edns)
    }

    private var connects: [ConnectFact] {
        let tcp = TCPFacts(rtt: .microseconds(250), mss: 1460, pathMTU: 1500, retransmits: 1)
        return [.connected, .timedOut, .failed(failure)].map { outcome in
            ConnectFact(endpoint: endpoint, source: endpoint, elapsed: .microseconds(300), outcome: outcome, tcp: tcp)
        }
    }

    private var datagrams: [DatagramFact] {
        [.silent, .answered, .failed(failure)].map { outcome in
            DatagramFact(endpoint: endpoint, elapsed: .milliseconds(1), outcome: outcome)
        }
    }

    private var banners: [BannerFact] {
        [.satisfied, .closed, .deadline, .failed(failure), .tlsFailed(text)].map { end in
            BannerFact(endpoint: endpoint, bytes: bytes, end: end, elapsed: .milliseconds(1))
        }
    }

    private var handshakes: [TLSFact] {
        let failures: [TLSFailure] = [.alert(text), .closed, .transport(failure), .notTLS(bytes), .other(text)]
        let outcomes: [TLSFact.Outcome] = [.established, .timedOut] + failures.map { .failed($0) }
        return outcomes.map { outcome in
            TLSFact(
                endpoint: endpoint, serverName: text, outcome: outcome, elapsed: .milliseconds(2), version: text,
                cipher: text,
                group: text, alpn: text, chain: [certificate],
                verification: [VerificationProblem(kind: .expired, depth: 0, code: 10, reason: text)], trustStore: text,
                nameMatch: false, expectedName: text, clientCertificate: ClientCertificateRequest(authorities: [text]),
                sentClientCertificate: true, alerts: [TLSAlert(isReceived: true, isFatal: true, name: text, code: 116)])
        }
    }

    private var certificate: CertificateFact {
        CertificateFact(
            subject: text, commonName: text, issuer: text, dnsNames: [text], ipAddresses: [endpoint.address],
            notBefore: WallTime(seconds: 1_700_000_000), notAfter: WallTime(seconds: 1_710_000_000), key: text,
            signature: text,
            serial: text, sha256: text, isSelfIssued: false)
    }

    private var requests: [HTTPFact] {
        let response = HTTPResponse(
            version: text, status: 301, reason: text, headers: [(text, text), ("Location", text)], bodyBytes: 10,
            isBodyCut: true, bodyStart: bytes)
        let outcomes: [HTTPFact.Outcome] = [
            .responded(response), .incomplete(.deadline, partial: PartialResponse(status: 200, bytes: 4, start: bytes)),
            .malformed(reason: text, bytes: bytes),
        ]
        let url = HTTPURL(scheme: .https, host: .name(name), requestTarget: "/?\(text)")
        return outcomes.map {
            HTTPFact(
                url: url, endpoint: endpoint, method: text, outcome: $0, firstByte: .milliseconds(3),
                elapsed: .milliseconds(4))
        }
    }

    private var echoes: [EchoFact] {
        [.replied, .lost, .failed(failure)].enumerated().map { index, outcome in
            EchoFact(
                address: endpoint.address, sequence: index, outcome: outcome,
                roundTrip: outcome == .replied ? .milliseconds(1) : nil, hopLimit: 64, duplicates: index)
        }
    }
}
