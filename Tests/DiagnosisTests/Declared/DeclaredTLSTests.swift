import Diagnosis
import NetValues
import Observations
import Planning
import Testing

@MainActor @Suite struct DeclaredTLSTests {
    private static let address = "198.18.9.10"

    private func plaintext() throws -> CheckRecord {
        let endpoint = try #require(Endpoint("\(Self.address):443"))
        let connect = Fact.connect(
            ConnectFact(
                endpoint: endpoint, source: ownAddress, elapsed: .milliseconds(1), outcome: .connected, tcp: nil))
        let fact = TLSFact(
            endpoint: endpoint, serverName: "api.shop", outcome: .failed(.notTLS(Array("HTTP/1.1 400 Bad".utf8))),
            elapsed: .milliseconds(2))
        return record("api", kind: "tls", target: hostPort(endpoint), [sample(.failed(.tls), [connect, .tls(fact)])])
    }

    private static func shop(target: String, ports: String) -> String {
        """
        kind: Pod
        apiVersion: v1
        metadata: {name: api, namespace: shop, labels: {app: api}}
        spec: {containers: [{name: api, ports: [\(ports)]}]}
        ---
        kind: Service
        apiVersion: v1
        metadata: {name: api, namespace: shop}
        spec:
          clusterIP: \(address)
          selector: {app: api}
          ports:
          - name: https
            port: 443
            targetPort: \(target)
        """
    }

    private static let both = "{name: http, containerPort: 8080}, {name: https, containerPort: 8443}"

    @Test func theTargetPort_isNamedWithTheOneThatIsMeant() throws {
        let judgement = judge(try plaintext(), with: declared(Self.shop(target: "8080", ports: Self.both)))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["tls-plaintext-on-tls-port"])
        #expect(finding.summary.contains("8443 (https) seems to be meant"))
        #expect(finding.evidence.contains { $0.contains("port 443 leads to port 8080 (http) of its pods (shop.yaml:") })
        #expect(finding.location?.object == "Service shop/api")
        #expect(finding.patch?.contains("targetPort: https") ?? false)
        let named = judge(try plaintext(), with: declared(Self.shop(target: "http", ports: Self.both)))
        #expect(named.findings.first?.summary.contains("8443 (https)") ?? false)
    }

    @Test("Without another port of TLS, where TLS itself is led to, and without the Service, nothing is to be changed")
    func lookalikes() throws {
        let only = judge(
            try plaintext(), with: declared(Self.shop(target: "8080", ports: "{name: http, containerPort: 8080}")))
        #expect(only.ids == ["tls-plaintext-on-tls-port"] && only.findings.first?.patch == nil)
        #expect(only.findings.first?.location?.object == "Service shop/api")
        let right = judge(try plaintext(), with: declared(Self.shop(target: "https", ports: Self.both)))
        #expect(right.findings.first?.patch == nil)
        #expect(judge(try plaintext(), with: declared("")).findings.first?.location == nil)
    }

    // MARK: Mutual TLS

    private static func bank(
        _ policies: String, injection: String = "enabled", annotations: String = "{}"
    ) -> String {
        """
        kind: Namespace
        apiVersion: v1
        metadata: {name: bank, labels: {istio-injection: \(injection)}}
        ---
        kind: Pod
        apiVersion: v1
        metadata: {name: ledger, namespace: bank, labels: {app: ledger}, annotations: \(annotations)}
        spec: {containers: [{name: ledger, ports: [{containerPort: 8080}]}]}
        ---
        kind: Service
        apiVersion: v1
        metadata: {name: ledger, namespace: bank}
        spec: {clusterIP: \(address), selector: {app: ledger}, ports: [{port: 80, targetPort: 8080}]}
        ---
        \(policies)
        """
    }

    private static func peers(_ mode: String, in namespace: String = "bank", also more: String = "") -> String {
        """
        kind: PeerAuthentication
        apiVersion: security.istio.io/v1
        metadata: {name: \(mode.lowercased()), namespace: \(namespace)}
        spec:
          mtls: {mode: \(mode)}
        \(more)
        """
    }

    private func judged(_ manifests: String, _ end: StreamEnd = .closed) -> Judgement {
        judge(hungUpOn("http://\(Self.address)/", at: Self.address, end), with: declared(manifests))
    }

    @Test(arguments: [StreamEnd.closed, .failed(failure("ECONNRESET", 104))])
    func plaintextUnderStrict_isThePolicys(_ end: StreamEnd) throws {
        let judgement = judged(Self.bank(Self.peers("STRICT")), end)
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["mtls-required"] && finding.confidence == .certain)
        #expect(finding.location?.object == "PeerAuthentication bank/strict" && finding.location?.line == 35)
        // The caller's own namespace is brought into the mesh.
        #expect(finding.patch?.contains("name: shop") ?? false)
        #expect(finding.patch?.contains("istio-injection: enabled") ?? false)
        #expect(finding.patch?.contains("environment: staging") ?? false)
    }

    @Test func thePolicyOfTheMesh_countsToo() {
        #expect(judged(Self.bank(Self.peers("STRICT", in: "istio-system"))).ids == ["mtls-required"])
    }

    @Test("Where another mode decides, or no sidecar does, a hang-up is nothing but that")
    func otherModes() {
        let ended = ["http-protocol-error"]
        let strict = Self.peers("STRICT")
        #expect(judged(Self.bank(Self.peers("PERMISSIVE"))).ids == ended)
        #expect(judged(Self.bank(Self.peers("STRICT", in: "other"))).ids == ended)
        #expect(
            judged(Self.bank("\(Self.peers("STRICT", in: "istio-system"))\n---\n\(Self.peers("PERMISSIVE"))")).ids
                == ended)
        let exempt = "  selector: {matchLabels: {app: ledger}}\n  portLevelMtls: {8080: {mode: DISABLE}}"
        #expect(judged(Self.bank(Self.peers("STRICT", also: exempt))).ids == ended)
        let others = "  selector: {matchLabels: {app: other}}"
        #expect(judged(Self.bank(Self.peers("STRICT", also: others))).ids == ended)
        #expect(judged(Self.bank(strict, injection: "disabled")).ids == ended)
        let excluded = "{traffic.sidecar.istio.io/excludeInboundPorts: \"8080\"}"
        #expect(judged(Self.bank(strict, annotations: excluded)).ids == ended)
        #expect(judged("").ids == ended)
    }

    /// Its sidecar brings the certificate, so something else is wrong.
    @Test func aCallerInTheMesh_isNotTold() {
        let inside =
            Self.bank(Self.peers("STRICT"))
            + "\n---\nkind: Namespace\napiVersion: v1\nmetadata: {name: shop, labels: {istio-injection: enabled}}"
        #expect(judged(inside).ids == ["http-protocol-error"])
    }
}
