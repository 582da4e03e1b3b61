import Auditing
import Diagnosis
import Planning
import Testing

/// What follows from what: a consequence is told behind its cause, and never first.
@Suite struct CausesTests {
    private static let shop =
        Shop.pod("web", "app: web") + Shop.service("web", "app: web", "{port: 80, targetPort: 8080}")
            + """
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata: {name: web, namespace: shop}
            spec:
              ingressClassName: nginx
              rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: other, namespace: shop}
            spec: {type: ExternalName, externalName: a.example.com}
            ---

            """

    @Test(arguments: [
        ("port: 80, targetPort", "port: \"80\", targetPort", "manifest-invalid"),
        ("kind: Service\nmetadata: {name: web", "kind: service\nmetadata: {name: web", "manifest-api-unknown"),
        ("kind: Service\nmetadata: {name: web", "kind: Service\nmetadata: {name: Web", "manifest-invalid"),
        ("spec:\n  selector: {app: web}\n  ports", "spec:\n\tselector: {app: web}\n  ports", "manifest-invalid"),
    ])
    func anIngressToARefusedService_followsFromThat(from: String, to: String, cause: String) throws {
        let found = audit(Self.shop.replacing(from, with: to))
        let finding = try #require(found.first { $0.id == "ingress-backend-missing" })
        #expect(finding.causedBy == [cause])
        #expect(found.first?.id == cause && found.first?.explains == ["ingress-backend-missing"])
    }

    @Test func anIngressToAServiceThatIsNotThere_hasNoCause() throws {
        let found = audit(Self.shop.replacing("name: web, port", with: "name: othr, port"))
        let finding = try #require(found.first)
        #expect(finding.id == "ingress-backend-missing" && finding.causedBy.isEmpty)
    }

    @Test func aServiceOfRefusedPods_followsFromTheirManifest() throws {
        let text = Self.shop.replacing("metadata: {labels: {app: web}}", with: "metadata: {labels: {app: webb}}")
        let found = audit(text)
        let finding = try #require(found.first { $0.id == "service-no-endpoints" })
        #expect(finding.causedBy == ["manifest-invalid"] && found.first?.id == "manifest-invalid")
    }

    // MARK: policies

    private static let flow =
        Shop.sound
        + Shop.pod("web", "app: web").replacing(
            "image: c:1", with: "image: c:1\n        env: [{name: API_URL, value: \"http://api:80/\"}]")
        + Shop.pod("api", "app: backend") + Shop.service("api", "app: backend", "{port: 80, targetPort: 8080}")
        + Shop.policy(
            "web",
            """
              podSelector: {matchLabels: {app: web}}
              policyTypes: [Egress]
              egress: [{to: [{podSelector: {matchLabels: {app: backend}}}], ports: [{port: 8080}]}]
            """)

    private static func server(_ labels: String, port: Int = 8080, from: String = "web", namespace: String? = "shop")
        -> String
    {
        Shop.policy(
            "api", namespace: namespace,
            """
              podSelector: {matchLabels: {\(labels)}}
              policyTypes: [Ingress]
              ingress: [{from: [{podSelector: {matchLabels: {app: \(from)}}}], ports: [{port: \(port)}]}]
            """)
    }

    @Test func aSoundFlow_isSilent() {
        #expect(audit(Self.flow + Self.server("app: backend")).isEmpty)
    }

    @Test(arguments: [
        (server("app: backend", port: 80), "policy-port-not-targetport"),
        (server("app: backends"), "policy-selector-matches-nothing"),
        (server("app: backend", namespace: nil), "policy-namespace-mismatch"),
    ])
    func aPolicyWithASlip_isTheCause(policy: String, cause: String) throws {
        let found = audit(Self.flow + policy)
        let finding = try #require(found.first { $0.id == "policy-denies-expected-flow" })
        #expect(finding.causedBy == [cause] && finding.patch == nil)
        #expect(found.first?.causedBy.isEmpty == true && found.contains { $0.id == cause })
    }

    /// Its port is right and its peer somebody else: no slip of the policy's explains the flow.
    @Test func aPolicyForSomebodyElse_explainsNothing() throws {
        let other = Shop.pod("mail", "app: mailer")
        let found = audit(Self.flow + other + Self.server("app: backend", from: "mailer"))
        let finding = try #require(found.first { $0.id == "policy-denies-expected-flow" })
        #expect(finding.causedBy.isEmpty && finding.patch != nil)
    }
}
