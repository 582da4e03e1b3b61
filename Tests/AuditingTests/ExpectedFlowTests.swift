import Auditing
import Diagnosis
import Planning
import Testing

/// policy-denies-expected-flow.
@Suite struct ExpectedFlowTests {
    private static let id = "policy-denies-expected-flow"

    private static func found(_ text: String) -> [Finding] { audit(text).filter { $0.id == id } }

    private static func client(_ env: String, namespace: String = "shop") -> String {
        Shop.pod("web", "app: web", namespace: namespace).replacing(
            "image: c:1", with: "image: c:1\n        env: \(env)")
    }

    private static let db =
        Shop.pod("db", "app: db") + Shop.service("db", "app: db", "{port: 5432, targetPort: 8080}")
    private static let url = "[{name: DB_URL, value: \"postgres://me:secret@db:5432/shop\"}]"

    private static func ingress(_ rules: String) -> String {
        Shop.policy("db", "  podSelector: {matchLabels: {app: db}}\n  policyTypes: [Ingress]\n  ingress: \(rules)")
    }

    @Test func anUnnamedClient_isDenied() throws {
        let text =
            Self.ingress("[{from: [{podSelector: {matchLabels: {app: api}}}]}]") + Self.db + Self.client(Self.url)
        let finding = try #require(Self.found(text).first)
        #expect(finding.location?.line == text.line(of: "  ingress: "))
        #expect(finding.evidence.contains { $0.contains("egress allows it, ingress denies it") })
        #expect(!finding.evidence.joined().contains("secret"))
        let patch = try #require(finding.patch)
        #expect(Self.found("\(text)\n\(patch)").isEmpty)
    }

    @Test func bothSides_areNamedAndMended() throws {
        let held = Shop.policy("web", "  podSelector: {matchLabels: {app: web}}\n  policyTypes: [Egress]\n  egress: []")
        let text = Self.ingress("[]") + held + Self.db + Self.client(Self.url)
        let finding = try #require(Self.found(text).first)
        #expect(finding.evidence.contains { $0.contains("egress and ingress deny it") })
        #expect(Self.found("\(text)\n\(finding.patch ?? "")").isEmpty)
    }

    @Test(arguments: [
        ingress("[{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 8080}]}]") + db + client(url),
        ingress("[{}]") + db + client(url),
        db + client(url),
        // Whether a range holds a pod whose address is in no manifest, nobody knows.
        ingress("[{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]") + db + client(url),
        // A word that is no Service's name in use, and a variable without a value.
        ingress("[]") + db + client("[{name: MODE, value: db}]"),
        ingress("[]") + db + client("[{name: DB_HOST, valueFrom: {secretKeyRef: {name: s, key: k}}}]"),
        // The same name in another namespace.
        ingress("[]") + db + client(url, namespace: "other"),
        ingress("[]") + db + client("[{name: DB_HOST, value: db.example.com}]"),
    ])
    func whatIsAllowedOrNotMeant_isSilent(text: String) {
        #expect(Self.found(text).isEmpty)
    }

    @Test(arguments: [
        "[{name: DB_HOST, value: db}]", "[{name: DB, value: \"db.shop.svc.cluster.local:5432\"}]",
        "[{name: A, value: db.shop}]",
    ])
    func otherWaysToName_areRead(env: String) {
        #expect(Self.found(Self.ingress("[]") + Self.db + Self.client(env)).count == 1)
    }

    private static let entry =
        Shop.service("web", "app: web", "{port: 80, targetPort: 8080}")
        + "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop}\nspec: {defaultBackend: {service: {name: web, port: {number: 80}}}}\n---\n"

    private static func web(_ rules: String) -> String {
        Shop.policy("web", "  podSelector: {matchLabels: {app: web}}\n  policyTypes: [Ingress]\n  ingress: \(rules)")
            + Shop.pod("web", "app: web") + Shop.pod("api", "app: api") + entry
    }

    @Test func anIngressToPodsThatNobodyMayEnter_isDenied() {
        #expect(Self.found(Self.web("[]")).count == 1)
        #expect(Self.found(Self.web("[{from: [{podSelector: {matchLabels: {app: api}}}]}]")).count == 1)
    }

    /// Whoever carries the Ingress may be among these.
    @Test(arguments: [
        "[{from: [{namespaceSelector: {matchLabels: {name: ingress}}}]}]", "[{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]",
        "[{}]", "[{from: [{podSelector: {matchLabels: {app: controller}}}]}]", "[{ports: [{port: 8080}]}]",
    ])
    func aRuleForOthers_isSilent(rules: String) {
        #expect(Self.found(Self.web(rules)).isEmpty)
    }
}
