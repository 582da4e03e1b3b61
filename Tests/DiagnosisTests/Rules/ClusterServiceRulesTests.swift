import Diagnosis
import NetValues
import Observations
import Planning
import Testing
import Wire

private let service = "shop.prod.svc.cluster.local."
private let endpoint = Endpoint(target.address, 80)

private func resolved(_ whole: String = service) -> Fact {
    .resolution(
        ResolutionFact(
            host: .name(name("shop")), source: .dns,
            tried: [TriedName(name: name(whole), result: "1 address", found: true)],
            outcome: .addresses([target.address]), elapsed: .milliseconds(1)))
}

private func srv(_ ports: UInt16...) -> Fact {
    let records = ports.map {
        DNSRecord(name: service, type: .srv, ttl: 30, data: .srv(priority: 0, weight: 100, port: $0, target: service))
    }
    return .dns(
        DNSFact(
            server: resolverA, transport: .udp, step: .contrast, name: name(service), type: .srv,
            elapsed: .milliseconds(1),
            outcome: .answered(
                DNSMessage(
                    id: 1, isResponse: true, recursionAvailable: true, rcode: records.isEmpty ? .nxDomain : .noError,
                    answers: records))))
}

private func rejection(from node: IPAddress = router) -> ConnectFact.Outcome {
    .failed(failure("ECONNREFUSED", 111, icmp: icmp(3, 3, from: node)))
}

/// The way to the Service's address: who answers with one hop, and so on.
private func way(_ routers: IPAddress...) -> Fact {
    let hops = routers.enumerated().map { index, address in
        SoundingFact.Hop(limit: index + 1, outcome: .expired(address), roundTrip: .milliseconds(1))
    }
    return .sounding(SoundingFact(endpoint: endpoint, carrier: .tcp, hops: hops, elapsed: .milliseconds(20)))
}

private func page(_ outcome: ConnectFact.Outcome, _ facts: Fact..., retransmits: Int = 0) -> Judgement {
    judge(tcp("page", to: endpoint, outcome, elapsed: .seconds(3), retransmits: retransmits, also: facts))
}

@Suite struct ServiceNoEndpointsTests {
    @Test func aRejectionOfTheNode_isAServiceWithoutEndpoints() throws {
        let judgement = page(rejection(), resolved(), way(router))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["service-no-endpoints"])
        #expect(finding.severity == .critical && finding.confidence == .likely)
        #expect(finding.summary.contains("Service shop in namespace prod has no ready endpoint for port 80"))
    }

    /// A Service's address need not answer ping.
    @Test func aSilentPing_belongsToIt() throws {
        let judgement = judge(
            tcp("page", to: endpoint, rejection(), elapsed: .seconds(3), also: [resolved(), way(router)]),
            record(
                "ping", kind: "icmp", target: .host(.address(endpoint.address)), asked: false,
                [
                    sample(
                        .failed(.echo),
                        [
                            .echo(
                                EchoFact(address: endpoint.address, sequence: 0, outcome: .lost, roundTrip: nil))
                        ])
                ]))
        #expect(judgement.ids == ["service-no-endpoints"])
        #expect(judgement.findings.first?.checks == ["page", "ping"])
    }

    @Test func aRejectionFurtherAway_isAFilters() {
        #expect(page(rejection(), resolved(), way(resolverA.address, router)).ids == ["tcp-rejected"])
    }

    @Test func aRejectionOfTheTargetItself_isItsFilters() {
        #expect(page(rejection(from: target.address), resolved(), way(router)).ids == ["tcp-rejected"])
    }

    @Test func aRejectionForAPlainHost_isAFilters() {
        #expect(page(rejection(), resolved("shop.example."), way(router)).ids == ["tcp-rejected"])
    }

    @Test func aResetOfThePod_isARefusal() throws {
        let judgement = page(.failed(failure("ECONNREFUSED", 111)), resolved(), srv(80), way(router))
        #expect(judgement.ids == ["tcp-refused"])
        #expect(judgement.findings.first?.evidence.contains { $0.contains("targetPort") } == true)
    }

    /// By its address alone: the search list is a pod's, and the address is of the range of its name server.
    @Test func anAddressNextToTheClustersDNS_isPossiblyAService() throws {
        let pod = ResolverConfiguration(
            servers: [resolverA], search: [try #require(DomainName("prod.svc.cluster.local"))])
        let record = tcp("page", to: endpoint, rejection(), also: [way(router)])
        let finding = try #require(judge([record], resolver: pod).findings.first)
        #expect(finding.id == "service-no-endpoints" && finding.confidence == .possible)
        #expect(judge(record).ids == ["tcp-rejected"])
    }
}

@Suite struct ServicePortMismatchTests {
    @Test func aPortThatTheServiceHasNot_isTold_howeverItFails() throws {
        let outcomes: [ConnectFact.Outcome] = [
            .timedOut, .failed(failure("ECONNREFUSED", 111)), rejection(),
            .failed(failure("EHOSTUNREACH", 113, icmp: icmp(3, 1))),
        ]
        for outcome in outcomes {
            let judgement = page(outcome, resolved(), srv(8080, 443), way(router), retransmits: 2)
            #expect(judgement.ids == ["service-port-mismatch"])
            #expect(judgement.findings.first?.summary.contains("has no port 80; it has 443 and 8080") == true)
        }
    }

    @Test func aPortThatTheServiceHas_isNoMismatch() {
        #expect(page(.timedOut, resolved(), srv(80, 443), retransmits: 2).ids == ["tcp-filtered-drop"])
    }

    @Test func withoutSRVRecords_nothingIsSaidOfPorts() {
        #expect(page(.timedOut, resolved(), srv(), retransmits: 2).ids == ["tcp-filtered-drop"])
        #expect(page(.timedOut, resolved(), retransmits: 2).ids == ["tcp-filtered-drop"])
    }

    @Test func aServiceThatAnswers_hasThePort() {
        #expect(judge(tcp("page", to: endpoint, .connected, also: [resolved(), srv(443)])).ids.isEmpty)
    }
}

@Suite struct VIPCollidesReservedTests {
    private func shown(names: [String], addresses: [IPAddress], at address: IPAddress) -> Judgement {
        var leaf = certificate(names: names)
        leaf.ipAddresses = addresses
        let place = Endpoint(address, 443)
        let fact = TLSFact(
            endpoint: place, serverName: "shop.example.com", outcome: .established, elapsed: .milliseconds(5),
            version: "TLSv1.3", chain: [leaf], nameMatch: false, expectedName: "shop.example.com")
        let comparison = Comparison(
            key: "certificate", expected: "for shop.example.com", seen: "not so", isMet: false, isDeclared: false)
        return judge(
            record(
                "shop", kind: "tls", target: hostPort(place),
                [sample(.answered, [.tls(fact)], comparisons: [comparison])]))
    }

    private let api = ["kubernetes", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"]
    private let first = IPAddress.v4(IPv4Address(bits: 0x0a60_0001))  // 10.96.0.1
    private let node = IPAddress.v4(IPv4Address(bits: 0x0a00_0005))

    @Test func theAPIServersOwnAddress_isTaken() throws {
        let judgement = shown(names: api, addresses: [first, node], at: first)
        #expect(judgement.ids == ["vip-collides-reserved"])
        #expect(judgement.findings.first?.summary.contains("10.96.0.1") == true)
    }

    @Test func anotherAddressOfTheAPIServer_isAMissingName() {
        #expect(shown(names: api, addresses: [first, node], at: node).ids == ["tls-name-mismatch"])
    }

    @Test func anotherCertificate_isAMissingName() {
        #expect(shown(names: ["web.example"], addresses: [first], at: first).ids == ["tls-name-mismatch"])
    }
}
