import Diagnosis
import NetValues
import Observations
import Planning
import Testing
import Wire

@Suite struct PodResolverTests {
    private let foreign = Endpoint(address("198.18.2.53"), 53)
    private let own = Endpoint(address("10.96.0.10"), 53)

    private func judge(
        _ record: CheckRecord, servers: [Endpoint], search: [String] = [], place: ClusterSigns.Place = .pod,
        hostNetwork: Bool? = nil
    ) -> Judgement {
        var surroundings = VantageSurroundings()
        surroundings.cluster.place = place
        surroundings.cluster.apiServer = HostPort(host: .address(address("10.96.0.1")), port: 443)
        surroundings.cluster.domain = search.isEmpty ? nil : name("cluster.local")
        surroundings.cluster.usesHostNetwork = hostNetwork
        let resolver = ResolverConfiguration(servers: servers, search: search.map(name))
        return Judge(resolver: resolver, now: noon).judge(
            [record], vantage: VantageObservation(surroundings: surroundings))
    }

    private func missing(_ question: String, at server: Endpoint) -> CheckRecord {
        let facts = [dnsFact(server, "\(question).", answer(.nxDomain))]
        return record("api", kind: "dns", target: .name(name(question)), [sample(.failed(.resolve), facts)])
    }

    private let search = ["shop.svc.cluster.local", "svc.cluster.local", "cluster.local"]

    @Test func anotherServerUnderTheClustersSearchList_isTheFilesFault() throws {
        let judgement = judge(missing("api.shop.svc.cluster.local", at: foreign), servers: [foreign], search: search)
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["dns-resolvconf-invalid"])
        #expect(finding.severity == .error && finding.confidence == .likely)
        #expect(finding.summary.contains("198.18.2.53") && finding.evidence.contains { $0.contains("10.96.0.1") })
    }

    @Test func theNodesFile_isToldWithItsPolicy() throws {
        let record = missing("api.shop.svc", at: foreign)
        let finding = try #require(judge(record, servers: [foreign], hostNetwork: true).findings.first)
        #expect(finding.id == "dns-resolvconf-invalid" && finding.remedy == ["set dnsPolicy: ClusterFirstWithHostNet"])
    }

    @Test func theClustersOwnWord_standsForTheName() {
        for server in [own, Endpoint(address("169.254.20.10"), 53)] {
            let record = missing("api.shop.svc.cluster.local", at: server)
            #expect(judge(record, servers: [server], search: search).ids == ["dns-name-not-found"])
        }
    }

    @Test func aNameOfTheInternet_isNotTheClustersToKnow() {
        #expect(judge(missing("example.test", at: foreign), servers: [foreign]).ids == ["dns-name-not-found"])
    }

    @Test func outsideOfAPod_nothingIsSaid() {
        let record = missing("api.shop.svc.cluster.local", at: foreign)
        #expect(judge(record, servers: [foreign], search: search, place: .node).ids == ["dns-name-not-found"])
    }

    @Test func aForeignServerBeside_isANote() {
        let record = dns([dnsFact(own, answer(.noError, addresses: [target.address]))])
        let judgement = judge(record, servers: [own, foreign], search: search)
        #expect(judgement.ids == ["dns-resolvconf-invalid"] && judgement.verdict == .healthy)
        #expect(judge(record, servers: [own], search: search).ids == [])
    }
}
