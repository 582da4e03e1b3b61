import Auditing
import Diagnosis
import Planning
import Testing

/// What names a Service and is no flow to it, and which policy a denied flow is told at.
@Suite struct DoubtfulFlowTests {
    private static func found(_ text: String) -> [Finding] {
        audit(text).filter { $0.id == "policy-denies-expected-flow" }
    }

    private static let denial = Shop.policy("deny", "  podSelector: {}\n  policyTypes: [Ingress]")
    private static let web =
        Shop.pod("web", "app: web") + Shop.service("web", "app: web", "{port: 80, targetPort: 8080}")

    private static func api(_ more: String) -> String {
        Shop.pod("api", "app: api").replacing("image: c:1", with: "image: c:1\n        \(more)")
    }

    @Test(arguments: [
        "env: [{name: CORS_ALLOWED_ORIGINS, value: \"http://web\"}]",
        "env: [{name: OTEL_SERVICE_NAME, value: \"web:80\"}]",
        "env: [{name: NO_PROXY, value: \"localhost,web.shop\"}]", "env: [{name: PUBLIC_URL, value: \"http://web\"}]",
        "args: [\"--allowed-origin=http://web:80\"]", "command: [probe, \"--urls=http://web.shop:80/status\"]",
    ])
    func aName_thatIsNoCall_isOnlyPossible(more: String) throws {
        let finding = try #require(Self.found(Self.denial + Self.web + Self.api(more)).first)
        #expect(finding.confidence == .possible && finding.severity == .warning && finding.patch == nil)
    }

    @Test func aVariableForTheService_isACall() {
        let more = "env: [{name: WEB_URL, value: \"http://web\"}]\n        args: [\"--web=http://web\"]"
        let found = Self.found(Self.denial + Self.web + Self.api(more))
        #expect(found.map(\.confidence) == [.likely] && found.map(\.severity) == [.error])
    }

    @Test func aPodsOwnService_isNoFlow() {
        let own = Shop.pod("web", "app: web").replacing(
            "image: c:1", with: "image: c:1\n        env: [{name: SELF_URL, value: \"http://web\"}]")
        #expect(Self.found(Self.denial + own + Shop.service("web", "app: web", "{port: 80, targetPort: 8080}")).isEmpty)
    }

    private static let call = api("env: [{name: WEB_URL, value: \"http://web\"}]")

    private static func policy(_ rules: String) -> String {
        Shop.policy("web", "  podSelector: {matchLabels: {app: web}}\n  policyTypes: [Ingress]\n  ingress:\n\(rules)")
    }

    /// The rule that all but fits, and every policy that isolates.
    @Test(arguments: [
        ("  - from: [{podSelector: {matchLabels: {app: api}}}]\n    ports: [{port: 80}]", "ports: [{port: 80}]"),
        ("  - from: [{podSelector: {matchLabels: {app: apy}}}]\n    ports: [{port: 8080}]", "app: apy"),
        ("  - from: [{podSelector: {matchLabels: {app: x}}}]\n    ports: [{port: 9}]", "  ingress:"),
    ])
    func theRuleToMend_isTold(rules: String, line: String) throws {
        let text = Self.denial + Self.policy(rules) + Self.web + Self.call
        let finding = try #require(Self.found(text).first)
        #expect(finding.location?.line == text.line(of: line))
        #expect(finding.subject == "NetworkPolicy shop/web")
        #expect(finding.summary.contains("no rule of NetworkPolicy shop/deny and NetworkPolicy shop/web allows it"))
    }

    @Test func aPolicyAstray_isNotAskedForDNS() {
        let egress =
            "  podSelector: {matchLabels: {app: api}}\n  policyTypes: [Egress]\n  egress: [{to: [{podSelector: {matchLabels: {app: web}}}]}]"
        let pods = Shop.pod("api", "app: api") + Self.web
        let id = "policy-missing-dns-egress"
        #expect(audit(Shop.policy("api", egress) + pods).ids.contains(id))
        #expect(!audit(Shop.policy("api", namespace: nil, egress) + pods).ids.contains(id))
        #expect(!audit(Shop.policy("api", namespace: "shopp", egress) + pods).ids.contains(id))
        #expect(audit(Shop.policy("api", egress)).ids.contains(id))
    }
}
