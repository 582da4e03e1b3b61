import Diagnosis
import NetValues
import Observations
import Testing

/// Health checks and nodes as they are declared, and what they answer.
@MainActor @Suite struct DeclaredBalancerTests {
    private static func probed(_ probe: String) -> String {
        """
        kind: Pod
        apiVersion: v1
        metadata: {name: api, namespace: shop, labels: {app: api}}
        spec:
          containers:
          - name: api
            ports: [{name: http, containerPort: 8080}]
            readinessProbe:
              httpGet: \(probe)
        status: {podIP: 198.18.5.2}
        """
    }

    private func judged(_ status: Int, _ manifests: String, path: String = "/health") -> Judgement {
        judge(
            asked("http://198.18.5.2:8080\(path)", Answer(status: status, body: "no"), at: "198.18.5.2"),
            with: declared(manifests))
    }

    @Test func aReadinessPathThatIsNotServed_isNamed() throws {
        let judgement = judged(404, Self.probed("{path: /health, port: http}"))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["lb-health-check-misconfigured"])
        #expect(finding.location?.object == "Pod shop/api" && finding.location?.line == 25)
    }

    @Test("Another path, another port, other headers, an application that fails, or a path that is served")
    func lookalikes() {
        let unexpected = ["http-status-unexpected"]
        let sound = Self.probed("{path: /health, port: http}")
        #expect(judged(404, sound, path: "/other").ids == unexpected)
        #expect(judged(503, sound).ids == unexpected)
        #expect(judged(200, sound).ids.isEmpty)
        #expect(judged(404, Self.probed("{path: /health, port: 9090}")).ids == unexpected)
        let withHost = Self.probed("{path: /health, port: http, httpHeaders: [{name: Host, value: a.test}]}")
        #expect(judged(404, withHost).ids == unexpected)
    }

    // MARK: Local Services

    private static func nodes(policy: String = "Local", pod node: String = "two") -> String {
        """
        kind: Node
        apiVersion: v1
        metadata: {name: one}
        status: {addresses: [{type: InternalIP, address: 198.18.6.1}]}
        ---
        kind: Node
        apiVersion: v1
        metadata: {name: two}
        status: {addresses: [{type: InternalIP, address: 198.18.6.2}]}
        ---
        kind: Service
        apiVersion: v1
        metadata: {name: api, namespace: shop}
        spec:
          type: NodePort
          externalTrafficPolicy: \(policy)
          selector: {app: web}
          ports: [{port: 80, nodePort: 30080}]
        ---
        kind: EndpointSlice
        apiVersion: discovery.k8s.io/v1
        metadata: {name: api-1, namespace: shop, labels: {kubernetes.io/service-name: api}}
        endpoints: [{addresses: [198.18.1.2], nodeName: \(node)}]
        ports: [{port: 80}]
        """
    }

    private func silent(_ manifests: String) throws -> Judgement {
        let node = try #require(Endpoint("198.18.6.1:30080"))
        return judge(
            tcp("node", to: node, .timedOut, elapsed: .seconds(3), retransmits: 2), with: declared(manifests))
    }

    @Test func aNodeWithoutAPodOfTheService_isNamed() throws {
        let judgement = try silent(Self.nodes())
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["lb-no-local-endpoints"])
        #expect(finding.summary.contains("Node one has no pod of Service shop/api"))
        #expect(finding.location?.line == 32)
    }

    @Test func aNodeWithAPod_orAServiceOfTheCluster_isFiltered() throws {
        #expect(try silent(Self.nodes(pod: "one")).ids == ["tcp-filtered-drop"])
        #expect(try silent(Self.nodes(policy: "Cluster")).ids == ["tcp-filtered-drop"])
        #expect(try silent("").ids == ["tcp-filtered-drop"])
    }
}
