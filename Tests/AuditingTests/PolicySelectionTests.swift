import Auditing
import Diagnosis
import Planning
import Testing

/// policy-selector-matches-nothing, policy-namespace-mismatch.
@Suite struct PolicySelectionTests {
    private static func policy(_ labels: String, namespace: String? = "shop") -> String {
        Shop.policy(
            "web", namespace: namespace, "  podSelector:\n    matchLabels:\n      \(labels)\n  policyTypes: [Ingress]")
    }

    private static func places(_ text: String) -> [String] {
        audit(text).filter { ["policy-selector-matches-nothing", "policy-namespace-mismatch"].contains($0.id) }.places
    }

    @Test(arguments: ["app: wep", "app: web-service", "app: Web-App", "app.kubernetes.io/name: web-app"])
    func aNearLabel_isTold(labels: String) throws {
        let text =
            Self.policy(labels == "app: wep" ? "app: storefrunt" : labels)
            + Shop.pod("web", labels == "app: wep" ? "app: storefront" : "app: web-app")
        let finding = try #require(audit(text).first { $0.id == "policy-selector-matches-nothing" })
        #expect(
            finding.location?.line == 9 && finding.confidence == .likely && finding.summary.contains("Nearest: app="))
        let patch = try #require(finding.patch)
        #expect(
            Self.places(patch + "\n---\n" + Shop.pod("web", labels == "app: wep" ? "app: storefront" : "app: web-app"))
                .isEmpty)
    }

    /// Siblings are no typing mistakes: these policies are for pods that were not read.
    @Test func siblings_areOnlyPossible() {
        let findings = audit(Self.policy("app: payments-api") + Shop.pod("db", "app: payments-db"))
        #expect(findings.filter { $0.id == "policy-selector-matches-nothing" }.map(\.confidence) == [.possible])
    }

    @Test func whatSelectsPods_isSilent() {
        #expect(Self.places(Self.policy("app: web") + Shop.pod("web", "app: web, tier: front")).isEmpty)
        let expression = Shop.policy(
            "web", "  podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [db]}]}")
        #expect(Self.places(expression + Shop.pod("web", "app: web")).isEmpty)
    }

    @Test func anExpressionThatMatchesNothing_isTold() {
        let expression = Shop.policy(
            "web", "  podSelector: {matchExpressions: [{key: tier, operator: Exists}]}")
        #expect(Self.places(expression + Shop.pod("web", "app: web")) == ["policy-selector-matches-nothing:7"])
    }

    /// Pods that were not read may be anywhere.
    @Test func aPolicyAlone_isSilent() {
        #expect(Self.places(Self.policy("app: web")).isEmpty)
        #expect(Self.places(Self.policy("app: web", namespace: nil)).isEmpty)
        #expect(Self.places(Self.policy("app: web") + Shop.service("web", "app: web", "{port: 80}")).isEmpty)
    }

    @Test func podsOfAnotherNamespace_doNotCount() {
        let text = Self.policy("app: web") + Shop.pod("web", "app: web", namespace: "other") + Shop.pod("db", "app: db")
        #expect(Self.places(text) == ["policy-selector-matches-nothing:8"])
    }

    @Test func aPolicyWithoutNamespace_belongsToItsPods() throws {
        let text = Self.policy("app: web", namespace: nil) + Shop.pod("web", "app: web")
        let finding = try #require(audit(text).first { $0.id == "policy-namespace-mismatch" })
        #expect(finding.location?.line == 4 && finding.confidence == .likely)
        #expect(Self.places(text) == ["policy-namespace-mismatch:4"])
        let patch = try #require(finding.patch)
        #expect(Self.places("\(patch)\n---\n" + Shop.pod("web", "app: web")).isEmpty)
    }

    /// A folder that kustomize gives its namespace.
    @Test func nothingWithANamespace_isSilent() {
        let text = (Self.policy("app: web", namespace: nil) + Shop.pod("web", "app: web"))
            .replacing(", namespace: shop", with: "")
        #expect(Self.places(text).isEmpty)
    }

    @Test func aNamespaceThatIsNeverCreated_isTold() {
        let guide = { (namespace: String) in
            """
            ```bash
            kubectl create namespace shop-prod
            kubectl create namespace shop-staging
            ```
            ```yaml
            \(Self.policy("app: web", namespace: namespace))
            ```
            """
        }
        let findings = audit(guide("shop"), file: "guide.md").filter { $0.id == "policy-namespace-mismatch" }
        #expect(findings.places == ["policy-namespace-mismatch:10"])
        #expect(audit(guide("shop-prod"), file: "guide.md").filter { $0.id == "policy-namespace-mismatch" }.isEmpty)
        #expect(audit(guide("monitoring"), file: "guide.md").filter { $0.id == "policy-namespace-mismatch" }.isEmpty)
    }
}
