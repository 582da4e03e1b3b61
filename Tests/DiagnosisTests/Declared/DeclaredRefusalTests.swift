import Diagnosis
import NetValues
import Observations
import Planning
import Testing

/// Placeholder certificates of controllers, and requests that the mesh denies.
@MainActor @Suite struct DeclaredRefusalTests {
    private func placeholder(_ subject: String = "CN=Kubernetes Ingress Controller Fake Certificate,O=Acme Co")
        -> CheckRecord
    {
        tls(
            chain: [certificate(subject: subject, issuer: subject, names: ["ingress.local"])],
            problems: [VerificationProblem(kind: .selfSigned, depth: 0, code: 18, reason: "self-signed certificate")],
            nameMatch: false)
    }

    private static func ingress(_ tls: String) -> String {
        """
        kind: Ingress
        apiVersion: networking.k8s.io/v1
        metadata: {name: shop, namespace: shop}
        spec:
          \(tls)
          rules:
          - host: shop.example.com
            http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
        """
    }

    private static let elsewhere = """

        ---
        kind: Secret
        apiVersion: v1
        metadata: {name: shop-tls, namespace: default}
        type: kubernetes.io/tls
        """

    @Test func thePlaceholder_isOneFinding_withoutManifestsToo() {
        #expect(judge(placeholder()).ids == ["tls-default-certificate"])
        #expect(judge(placeholder("CN=TRAEFIK DEFAULT CERT")).ids == ["tls-default-certificate"])
        #expect(Set(judge(placeholder("CN=router.lan")).ids) == ["tls-name-mismatch", "tls-chain-untrusted"])
        #expect(judge(tls(chain: [certificate()])).ids.isEmpty)
    }

    @Test func aHostWithoutATLSEntry_isNamed() throws {
        let entry = "tls: [{hosts: [api.example.com], secretName: api-tls}]"
        let finding = try #require(judge(placeholder(), with: declared(Self.ingress(entry))).findings.first)
        #expect(finding.summary.contains("Ingress shop/shop has no tls entry for this host"))
        #expect(finding.location?.line == 23)
    }

    @Test func aSecretOfAnotherNamespace_isNamed() throws {
        let entry = "tls: [{hosts: [shop.example.com], secretName: shop-tls}]"
        let manifests = Self.ingress(entry) + Self.elsewhere
        let finding = try #require(judge(placeholder(), with: declared(manifests)).findings.first)
        #expect(finding.summary.contains("the Secret shop-tls is not in namespace shop, but in default"))
        // It may be in the cluster.
        let alone = try #require(judge(placeholder(), with: declared(Self.ingress(entry))).findings.first)
        #expect(alone.id == "tls-default-certificate" && !alone.summary.contains("Secret"))
    }

    // MARK: Authorization

    private static let bank = """
        kind: AuthorizationPolicy
        apiVersion: security.istio.io/v1
        metadata: {name: readers, namespace: shop}
        spec:
          selector: {matchLabels: {app: db}}
          rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/reader]}}]}]
        """

    private func denied(_ body: String = "RBAC: access denied") -> CheckRecord {
        asked(
            "http://198.18.2.2:5432/", Answer(status: 403, headers: ["server": "istio-envoy"], body: body),
            at: "198.18.2.2")
    }

    @Test func whatEnvoyDenies_isThePolicys() throws {
        let judgement = judge(denied(), with: declared(Self.bank))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["mesh-authz-denied"])
        #expect(finding.summary.contains("AuthorizationPolicy shop/readers") && finding.location?.line == 22)
        #expect(finding.remedy.first?.contains("cluster.local/ns/shop/sa/default") ?? false)
        #expect(judge(denied()).ids == ["mesh-authz-denied"])
    }

    @Test func theApplicationsOwn403_isItsOwn() {
        #expect(judge(denied("forbidden"), with: declared(Self.bank)).ids == ["http-status-unexpected"])
    }

    @Test func aPolicyOfOtherPods_isNotNamed() throws {
        let other = Self.bank.replacing("app: db", with: "app: web")
        let finding = try #require(judge(denied(), with: declared(other)).findings.first)
        #expect(!finding.summary.contains("readers") && finding.location?.object != "AuthorizationPolicy shop/readers")
    }
}
