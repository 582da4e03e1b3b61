import Auditing
import Diagnosis
import ManifestFiles
import Manifests
import NetValues
import Testing

/// Flows that routes of the Gateway API declare, and the certificates of Gateways.
@Suite struct GatewayFlowTests {
    private static let id = "policy-denies-expected-flow"

    private static func route(
        _ kind: String = "HTTPRoute", backend: String = "{name: web, port: 80}", parents: String = "[{name: edge}]"
    ) -> String {
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge, namespace: shop}
        spec:
          gatewayClassName: any
          listeners:
          - {name: a, port: 80, protocol: HTTP}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: \(kind)
        metadata: {name: web, namespace: shop}
        spec:
          parentRefs: \(parents)
          rules:
          - backendRefs:
            - \(backend)
        ---

        """
    }

    private static let web =
        Shop.pod("web", "app: web") + Shop.service("web", "app: web", "{port: 80, targetPort: 8080}")
        + Shop.pod("api", "app: api")

    private static func policy(_ from: String) -> String {
        Shop.policy(
            "web",
            "  podSelector: {matchLabels: {app: web}}\n  policyTypes: [Ingress]\n  ingress:\n  - from: \(from)\n    ports: [{port: 8080}]"
        )
    }

    private static func found(_ text: String) -> [Finding] { audit(text).filter { $0.id == id } }

    @Test(arguments: ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute"])
    func aPolicyThatLetsNoGatewayIn_isTold(kind: String) throws {
        let text = Self.policy("[{podSelector: {matchLabels: {app: api}}}]") + Self.web + Self.route(kind)
        let finding = try #require(Self.found(text).first)
        #expect(finding.location?.line == text.line(of: "  ingress:"))
        #expect(finding.evidence.contains { $0.contains("\(kind) shop/web") })
    }

    @Test(arguments: [
        "[{namespaceSelector: {}}]", "[{podSelector: {matchLabels: {gateway.networking.k8s.io/gateway-name: edge}}}]",
        "[{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: gateways}}}]",
    ])
    func aPolicyThatMayLetItIn_isSilent(from: String) {
        #expect(Self.found(Self.policy(from) + Self.web + Self.route()).isEmpty)
    }

    @Test func aGatewayOfTheSameNamespace_mayRunThere_andBeLetIn() {
        let text = Self.policy("[{podSelector: {}}]") + Self.web + Self.route()
        #expect(Self.found(text).isEmpty)
        let elsewhere = text.replacing(
            "parentRefs: [{name: edge}]", with: "parentRefs: [{name: edge, namespace: gateways}]")
        #expect(Self.found(elsewhere).count == 1)
    }

    @Test func whatNoGatewayCarries_isNoFlowFromOutside() {
        let closed = Self.policy("[{podSelector: {matchLabels: {app: api}}}]") + Self.web
        #expect(Self.found(closed + Self.route(backend: "{name: web, port: 80, weight: 0}")).isEmpty)
        #expect(Self.found(closed + Self.route(parents: "[{group: \"\", kind: Service, name: web}]")).isEmpty)
        #expect(Self.found(closed).isEmpty)
    }

    @Test func acrossNamespaces_onlyWithAGrant() {
        let text =
            Self.policy("[{podSelector: {matchLabels: {app: api}}}]") + Self.web
            + Self.route(backend: "{name: web, namespace: shop, port: 80}").replacing(
                "metadata: {name: web, namespace: shop}", with: "metadata: {name: web, namespace: front}")
        #expect(Self.found(text).isEmpty)
        #expect(audit(text).contains { $0.id == "ingress-backend-missing" && $0.summary.contains("ReferenceGrant") })
        let grant = """
            apiVersion: gateway.networking.k8s.io/v1beta1
            kind: ReferenceGrant
            metadata: {name: front, namespace: shop}
            spec:
              from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: front}]
              to: [{group: "", kind: Service}]

            """
        #expect(Self.found(text + grant).count == 1)
    }

    @Test func aCertificateOfAnotherNamespace_needsAGrant() throws {
        let text = Self.gateways.replacing("[{name: shop-tls}]", with: "[{name: shop-tls, namespace: certs}]")
        let id = "ingress-backend-missing"
        let finding = try #require(audit(text).first { $0.id == id })
        #expect(finding.location?.line == 7 && finding.confidence == .possible)
        #expect(audit(text + "---\n" + (finding.patch ?? "")).filter { $0.id == id }.isEmpty)
        #expect(audit(Self.gateways).filter { $0.id == id }.isEmpty)
    }

    @Test func aNodeUnderPressure_saysSo() {
        let node = """
            apiVersion: v1
            kind: Node
            metadata: {name: n1}
            status:
              conditions:
              - {type: MemoryPressure, status: "False"}
              - {type: DiskPressure, status: "True", lastTransitionTime: "2026-01-31T12:00:00Z"}
              - {type: Ready, status: "True"}

            """
        #expect(audit(node).places == ["node-resource-pressure:7"])
        #expect(
            audit(node.replacing("DiskPressure, status: \"True\"", with: "DiskPressure, status: \"False\"")).isEmpty)
    }

    // MARK: Certificates

    private static let secret = """
        apiVersion: v1
        kind: Secret
        metadata: {name: shop-tls, namespace: shop}
        type: kubernetes.io/tls
        data:
          tls.crt: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1BQT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=
        ---

        """
    private static let gateways = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge, namespace: shop}
        spec:
          gatewayClassName: any
          listeners:
          - {name: https, hostname: shop.example.com, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: shop-tls}]}}
        ---
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: mesh, namespace: shop}
        spec:
          selector: {istio: ingressgateway}
          servers:
          - port: {number: 443, name: https, protocol: HTTPS}
            hosts:
            - shop.example.com
            tls: {mode: SIMPLE, credentialName: shop-tls}

        """

    private static func mismatches(_ names: [String]) -> [String] {
        var set = ManifestReader.read(Array((secret + gateways).utf8), file: "a.yaml")
        let now = WallTime(seconds: 1_800_000_000)
        set.readCertificates(at: now) { _ in
            DeclaredCertificate.Facts(
                subject: "CN=shop", issuer: "CN=issuer", names: names, notBefore: WallTime(seconds: 1_799_000_000),
                notAfter: WallTime(seconds: 1_900_000_000))
        }
        return AuditBook.judge(DeclaredState(set)).filter { $0.id == "tls-name-mismatch" }.places
    }

    @Test func aListenersCertificate_mustNameItsHost() {
        #expect(Self.mismatches(["pay.example.com"]) == ["tls-name-mismatch:14", "tls-name-mismatch:24"])
        #expect(Self.mismatches(["shop.example.com"]) == [] && Self.mismatches(["*.example.com"]) == [])
    }
}
