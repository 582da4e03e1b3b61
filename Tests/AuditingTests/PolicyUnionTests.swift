import Auditing
import Diagnosis
import Planning
import Testing

/// policy-missing-default-deny, policy-union-widens, policy-peer-mismatch, env-isolation-breach.
@Suite struct PolicyUnionTests {
    private static func found(_ id: String, _ text: String) -> [Finding] { audit(text).filter { $0.id == id } }

    private static let db = Shop.policy(
        "db", "  podSelector: {matchLabels: {app: db}}\n  policyTypes: [Ingress]\n  ingress: []")

    @Test func podsThatNobodyIsolates_areTold() throws {
        let text = Self.db + Shop.pod("db", "app: db") + Shop.pod("api", "app: api")
        let finding = try #require(Self.found("policy-missing-default-deny", text).first)
        #expect(finding.subject == "Deployment shop/api" && finding.severity == .warning)
        #expect(Self.found("policy-missing-default-deny", text).count == 1)
        #expect(Self.found("policy-missing-default-deny", text + (finding.patch ?? "")).isEmpty)
    }

    @Test func aPolicyForIngressAlone_isToldWhereEgressIsHeldElse() {
        let held = Shop.policy("api", "  podSelector: {matchLabels: {app: api}}\n  policyTypes: [Ingress, Egress]")
        let text = Self.db + held + Shop.pod("db", "app: db") + Shop.pod("api", "app: api")
        #expect(Self.found("policy-missing-default-deny", text).places == ["policy-missing-default-deny:8"])
    }

    @Test(arguments: [
        db + Shop.pod("db", "app: db") + Shop.pod("api", "app: api", namespace: "other"),
        db + Shop.sound + Shop.pod("db", "app: db") + Shop.pod("api", "app: api"),
        Shop.pod("db", "app: db") + Shop.pod("api", "app: api"),
        db + Shop.pod("db", "app: db"),
    ])
    func aDefault_orNoPolicyAtAll_isSilent(text: String) {
        #expect(Self.found("policy-missing-default-deny", text).isEmpty)
    }

    private static func narrow(_ more: String) -> String {
        Shop.policy(
            "narrow",
            "  podSelector: {matchLabels: {app: web}}\n  ingress:\n  - from: [{podSelector: {matchLabels: {app: api}}}]\n    ports: [{port: 8080}]"
        )
            + Shop.policy("other", more) + Shop.pod("web", "app: web") + Shop.pod("api", "app: api")
    }

    @Test(arguments: [
        "  podSelector: {matchLabels: {app: web}}\n  ingress:\n  - {}",
        "  podSelector: {}\n  ingress:\n  - from: [{podSelector: {}}]",
        "  podSelector: {}\n  ingress:\n  - ports: [{port: 8000, endPort: 9000}]",
    ])
    func aWideRule_isToldWhereItStands(wide: String) {
        let text = Self.narrow(wide)
        #expect(Self.found("policy-union-widens", text).map { $0.location?.line } == [20])
    }

    @Test(arguments: [
        "  podSelector: {}",
        "  podSelector: {}\n  ingress:\n  - ports: [{protocol: UDP, port: 53}]",
        "  podSelector: {matchLabels: {app: web}}\n  ingress:\n  - from: [{namespaceSelector: {matchLabels: {team: a}}}]",
        "  podSelector: {matchLabels: {app: api}}\n  ingress:\n  - {}",
        "  podSelector: {matchLabels: {app: web}}\n  ingress:\n  - from: [{podSelector: {matchLabels: {app: api}}}]\n    ports: [{port: 8080}]",
    ])
    func whatAllowsSomethingElse_isSilent(other: String) {
        #expect(Self.found("policy-union-widens", Self.narrow(other)).isEmpty)
    }

    private static func peer(_ peer: String, _ more: String) -> String {
        Shop.policy(
            "web",
            "  podSelector: {matchLabels: {app: web}}\n  ingress:\n  - from:\n    - podSelector:\n        matchLabels:\n          \(peer)"
        )
            + Shop.pod("web", "app: web") + more
    }

    @Test func devicesOutside_areNoPods() {
        let text = Self.peer("type: sensor", "")
        #expect(Self.found("policy-peer-mismatch", text).places == ["policy-peer-mismatch:12"])
        #expect(Self.found("policy-peer-mismatch", Self.peer("type: sensor", Shop.pod("s", "type: sensor"))).isEmpty)
    }

    @Test func aPeerWithANearLabel_isTold() {
        #expect(
            Self.found("policy-peer-mismatch", Self.peer("app: storefrunt", Shop.pod("s", "app: storefront"))).map(
                \.confidence)
                == [.likely])
        #expect(
            Self.found("policy-peer-mismatch", Self.peer("app: checkout", Shop.pod("s", "app: storefront"))).isEmpty)
    }

    private static func guide(_ policy: String) -> [Finding] {
        let text = """
            ```bash
            kubectl create namespace shop-prod
            kubectl create namespace shop-staging
            kubectl label namespace shop-prod environment=production
            kubectl label namespace shop-staging environment=staging
            ```
            ```yaml
            \(policy)
            ```
            """
        return audit(text, file: "guide.md").filter { $0.id == "env-isolation-breach" }
    }

    @Test func labelsThatNoPolicyKnows_isolateNothing() throws {
        let finding = try #require(Self.guide(Self.db).first)
        #expect(finding.location?.line == 4 && finding.confidence == .possible)
        #expect(Self.guide(finding.patch ?? "").isEmpty)
    }

    @Test func environmentsThatPoliciesKnow_areSilent() {
        #expect(Self.guide(Self.db.replacing("namespace: shop", with: "namespace: shop-prod")).isEmpty)
        #expect(
            Self.guide(
                Self.db.replacing(
                    "ingress: []",
                    with: "ingress: [{from: [{namespaceSelector: {matchLabels: {environment: production}}}]}]")
            ).isEmpty)
        #expect(Self.guide("").isEmpty)
    }
}
