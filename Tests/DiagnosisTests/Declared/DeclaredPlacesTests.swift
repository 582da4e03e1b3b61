import Diagnosis
import NetValues
import Observations
import Testing
import Wire

/// What was declared is told of any finding, and changes nothing of it.
@MainActor @Suite struct DeclaredPlacesTests {
    private static let service = """
        kind: Service
        apiVersion: v1
        metadata: {name: db, namespace: shop}
        spec:
          clusterIP: 198.18.9.10
          selector: {app: db}
          ports:
          - {name: pg, port: 5432}
        """

    private func refused(_ address: String) throws -> CheckRecord {
        tcp("db", to: try #require(Endpoint("\(address):5432")), .failed(failure("ECONNREFUSED", 111)))
    }

    @Test func aServicesPort_isTold() throws {
        let judgement = judge(try refused("198.18.9.10"), with: declared(Self.service))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["tcp-refused"])
        #expect(
            finding.evidence.contains(
                "declared: Service shop/db port 5432 → pods app=db, targetPort 5432 (shop.yaml:24)"))
        #expect(finding.location?.object == "Service shop/db" && finding.location?.line == 24)
    }

    @Test func aPodsAddress_isTold() throws {
        let finding = try #require(judge(try refused("198.18.2.2"), with: declared("")).findings.first)
        #expect(finding.evidence.contains { $0.hasPrefix("declared: 198.18.2.2 is shop/db[Pod], whose port 5432") })
        #expect(finding.location?.object == "Pod shop/db")
    }

    @Test func whatIsInNoManifest_getsNothing() throws {
        let finding = try #require(judge(try refused("198.18.7.7"), with: declared(Self.service)).findings.first)
        #expect(!finding.evidence.contains { $0.hasPrefix("declared:") } && finding.location == nil)
    }

    @Test func aRulesOwnPlace_stays() throws {
        let elsewhere = Self.service.replacing("app: db", with: "app: database")
        let finding = try #require(judge(try refused("198.18.9.10"), with: declared(elsewhere)).findings.first)
        #expect(finding.id == "service-no-endpoints" && finding.location?.line == 22)
        #expect(finding.evidence.count { $0.hasPrefix("declared:") } == 1)
    }

    // MARK: Hints

    @Test func sourceRangesThatLeaveTheVantageOut_areTold() throws {
        func balancer(_ range: String) -> String {
            """
            kind: Service
            apiVersion: v1
            metadata: {name: db, namespace: shop}
            spec:
              type: LoadBalancer
              selector: {app: db}
              ports: [{port: 5432}]
              loadBalancerSourceRanges: [\(range)]
            status: {loadBalancer: {ingress: [{ip: 198.18.9.10}]}}
            """
        }
        let silent = tcp(
            "db", to: try #require(Endpoint("198.18.9.10:5432")), .timedOut, elapsed: .seconds(3), retransmits: 2)
        let finding = try #require(judge(silent, with: declared(balancer("10.0.0.0/8"))).findings.first)
        #expect(finding.id == "tcp-filtered-drop" && finding.location?.line == 24)
        #expect(finding.evidence.contains { $0.contains("lets only 10.0.0.0/8 in") })
        let within = try #require(judge(silent, with: declared(balancer("198.18.0.0/15"))).findings.first)
        #expect(!within.evidence.contains { $0.contains("lets only") })
    }

    @Test func aNameOfAnotherNamespace_isTold() throws {
        let billing = """
            kind: Service
            apiVersion: v1
            metadata: {name: ledger, namespace: billing}
            spec: {selector: {app: ledger}, ports: [{port: 80}]}
            """
        let missing = dns(
            "ledger", "ledger.shop.svc.cluster.local",
            [dnsFact(resolverA, "ledger.shop.svc.cluster.local.", answer(.nxDomain))])
        let finding = try #require(judge(missing, with: declared(billing)).findings.first)
        #expect(finding.id == "dns-name-not-found" && finding.location?.object == "Service billing/ledger")
        #expect(finding.evidence.contains { $0.contains("ask for ledger.billing") })
        let nothing = try #require(judge(missing, with: declared("")).findings.first)
        #expect(nothing.location == nil)
    }

    // MARK: Services with nothing behind them

    private static func headless(_ app: String) -> String {
        """
        kind: Service
        apiVersion: v1
        metadata: {name: peers, namespace: shop}
        spec: {clusterIP: None, selector: {app: \(app)}, ports: [{port: 5432}]}
        """
    }

    @Test func aHeadlessServiceWithoutPods_hasNoName() throws {
        let missing = dns(
            "peers", "peers.shop.svc.cluster.local",
            [dnsFact(resolverA, "peers.shop.svc.cluster.local.", answer(.nxDomain))])
        let judgement = judge(missing, with: declared(Self.headless("peer")))
        #expect(judgement.ids == ["service-no-endpoints"])
        #expect(judgement.findings.first?.location?.line == 20)
        // Its pods may not be ready, which manifests do not say.
        #expect(judge(missing, with: declared(Self.headless("db"))).ids == ["dns-name-not-found"])
        #expect(judge(missing, with: declared("")).ids == ["dns-name-not-found"])
    }

    private static func deployment(replicas: Int) -> String {
        """
        kind: Deployment
        apiVersion: apps/v1
        metadata: {name: cache, namespace: shop}
        spec:
          replicas: \(replicas)
          template: {metadata: {labels: {app: cache}}, spec: {containers: []}}
        ---
        kind: Service
        apiVersion: v1
        metadata: {name: cache, namespace: shop}
        spec: {clusterIP: 198.18.9.10, selector: {app: cache}, ports: [{port: 5432}]}
        """
    }

    @Test func aDeploymentThatIsScaledToZero_isTold() throws {
        let judgement = judge(try refused("198.18.9.10"), with: declared(Self.deployment(replicas: 0)))
        #expect(judgement.ids == ["service-no-endpoints"] && judgement.findings.first?.confidence == .likely)
        #expect(judgement.findings.first?.location?.object == "Deployment shop/cache")
        #expect(judge(try refused("198.18.9.10"), with: declared(Self.deployment(replicas: 1))).ids == ["tcp-refused"])
    }

    @Test(arguments: [true, false])
    func slicesOfTheCluster_sayWhetherAPodIsReady(_ isReady: Bool) throws {
        let slices = """
            kind: EndpointSlice
            apiVersion: discovery.k8s.io/v1
            metadata: {name: db-1, namespace: shop, labels: {kubernetes.io/service-name: db}}
            endpoints: [{addresses: [198.18.2.2], conditions: {ready: \(isReady)}}]
            ports: [{port: 5432}]
            """
        let judgement = judge(try refused("198.18.9.10"), with: declared("\(Self.service)\n---\n\(slices)"))
        #expect(judgement.ids == [isReady ? "tcp-refused" : "service-no-endpoints"])
    }
}
