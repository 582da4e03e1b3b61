import Auditing
import Diagnosis
import Planning
import Testing

/// policy-missing-dns-egress.
@Suite struct DNSEgressTests {
    private static let id = "policy-missing-dns-egress"

    private static func web(_ egress: String) -> String {
        Shop.policy(
            "web",
            "  podSelector: {matchLabels: {app: web}}\n  policyTypes: [Ingress, Egress]\n  ingress: []\n  egress:\n\(egress)"
        )
            + Shop.pod("web", "app: web")
    }

    private static let api = "  - to: [{podSelector: {matchLabels: {app: api}}}]\n    ports: [{port: 8080}]"

    private static func found(_ text: String) -> [Finding] { audit(text).filter { $0.id == id } }

    @Test func egressWithoutDNS_isToldAtTheEgressRules() throws {
        let text = Self.web(Self.api)
        let finding = try #require(Self.found(text).first)
        #expect(finding.location?.line == text.line(of: "  egress:"))
        #expect(finding.severity == .error && finding.confidence == .likely)
    }

    @Test func thePatch_isAPolicyThatMendsIt() throws {
        let text = Self.web(Self.api)
        let patch = try #require(Self.found(text).first?.patch)
        #expect(Self.found("\(text)\n\(patch)").isEmpty)
    }

    @Test(arguments: [
        "  - to: [{namespaceSelector: {}}]\n    ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]",
        "  - to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}]",
        "  - ports: [{protocol: UDP, port: 53}, {port: 53}]",
        "  - to: [{ipBlock: {cidr: 10.0.0.0/8}}]",
        "  - to: [{ipBlock: {cidr: 10.96.0.10/32}}]\n    ports: [{protocol: UDP, port: 53}, {port: 53}]",
        "  - ports: [{protocol: UDP, port: 50, endPort: 60}, {port: 1, endPort: 1000}]",
        "  - {}",
        "  - to: [{namespaceSelector: {matchLabels: {name: openshift-dns}}}]\n    ports: [{protocol: UDP, port: 5353}, {port: 5353}]",
    ])
    func whatLetsQueriesThrough_isSilent(rule: String) {
        #expect(Self.found(Self.web("\(Self.api)\n\(rule)")).isEmpty)
    }

    @Test func anotherPolicyOfTheSamePods_countsToo() {
        #expect(Self.found(Self.web(Self.api) + Shop.sound).isEmpty)
    }

    @Test func podsThatMayReachNothing_needNoNames() {
        let denied = Shop.policy("deny", "  podSelector: {}\n  policyTypes: [Egress]") + Shop.pod("web", "app: web")
        #expect(Self.found(denied).isEmpty)
    }

    @Test func udpAlone_isAWarning() {
        let text = Self.web("\(Self.api)\n  - ports: [{protocol: UDP, port: 53}]")
        #expect(Self.found(text).map(\.severity) == [.warning])
    }

    /// The peer means pods of shop, where there is no cluster DNS.
    @Test func theDNSPodsOfTheOwnNamespace_areNotTheClusters() {
        let rule =
            "  - to: [{podSelector: {matchLabels: {k8s-app: kube-dns}}}]\n    ports: [{protocol: UDP, port: 53}, {port: 53}]"
        let text = Self.web(rule)
        #expect(Self.found(text).map { $0.location?.line } == [text.line(of: "k8s-app: kube-dns")])
        let own = Shop.pod("kube-dns", "k8s-app: kube-dns").replacing("containerPort: 8080", with: "containerPort: 53")
        #expect(Self.found(text + own).isEmpty)
    }

    @Test func theNodeLocalCache_needsItsAddress() {
        let cache = """
            apiVersion: apps/v1
            kind: DaemonSet
            metadata: {name: node-local-dns, namespace: kube-system}
            spec:
              selector: {matchLabels: {k8s-app: node-local-dns}}
              template:
                metadata: {labels: {k8s-app: node-local-dns}}
                spec: {hostNetwork: true, containers: [{name: c, image: c:1}]}
            ---

            """
        let block =
            "\n  - to: [{ipBlock: {cidr: 169.254.20.10/32}}]\n    ports: [{protocol: UDP, port: 53}, {port: 53}]"
        let pods =
            "\(Self.api)\n  - to: [{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}]\n    ports: [{protocol: UDP, port: 53}, {port: 53}]"
        #expect(Self.found(Self.web(pods)).isEmpty)
        #expect(Self.found(Self.web(pods) + cache).count == 1)
        #expect(Self.found(Self.web(pods + block) + cache).isEmpty)
    }

    @Test func policiesThatAreNotEvaluated_mayAllowIt() {
        let cilium =
            "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: dns, namespace: shop}\nspec: {}\n"
        #expect(Self.found(Self.web(Self.api) + cilium).isEmpty)
    }
}
