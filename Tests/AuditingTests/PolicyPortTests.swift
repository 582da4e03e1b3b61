import Auditing
import Diagnosis
import Planning
import Testing

/// policy-port-not-targetport, policy-ipblock-excludes-lb-source.
@Suite struct PolicyPortTests {
    private static func found(_ id: String, _ text: String) -> [Finding] { audit(text).filter { $0.id == id } }

    private static func web(port: String) -> String {
        Shop.policy(
            "web",
            """
              podSelector: {matchLabels: {app: web}}
              policyTypes: [Ingress]
              ingress:
              - from: [{namespaceSelector: {}}]
                ports:
                - protocol: TCP
                  port: \(port)
            """)
            + Shop.service("web", "app: web", "{port: 443, targetPort: 8080}") + Shop.pod("web", "app: web")
    }

    @Test func theServicesPort_isToldAtItsNumber() throws {
        let text = Self.web(port: "443")
        let finding = try #require(Self.found("policy-port-not-targetport", text).first)
        #expect(finding.location?.line == text.line(of: "port: 443"))
        let patch = try #require(finding.patch)
        #expect(patch.contains("port: 8080") && !patch.contains("443"))
    }

    @Test func thePodsPort_isSilent() {
        #expect(Self.found("policy-port-not-targetport", Self.web(port: "8080")).isEmpty)
        #expect(Self.found("policy-port-not-targetport", Self.web(port: "web")).isEmpty)
    }

    @Test func aPortThatPodsHaveToo_isSilent() {
        let text = Self.web(port: "443")
        #expect(
            Self.found(
                "policy-port-not-targetport",
                text.replacing(
                    "ports: [{name: web, containerPort: 8080}]",
                    with: "ports: [{containerPort: 8080}, {containerPort: 443}]")
            ).isEmpty)
        #expect(
            Self.found(
                "policy-port-not-targetport", text + Shop.service("direct", "app: web", "{port: 8443, targetPort: 443}")
            ).isEmpty)
        #expect(
            Self.found(
                "policy-port-not-targetport",
                text.replacing(
                    "spec:\n  selector: {app: web}", with: "spec:\n  clusterIP: None\n  selector: {app: web}")
            ).isEmpty)
    }

    @Test func egressToAService_isJudgedToo() {
        let client = { (port: Int) in
            Shop.policy(
                "client",
                "  podSelector: {matchLabels: {app: client}}\n  policyTypes: [Egress]\n  egress:\n  - to: [{podSelector: {matchLabels: {app: web}}}]\n    ports:\n    - port: \(port)"
            )
                + Shop.service("web", "app: web", "{port: 80, targetPort: web}") + Shop.pod("web", "app: web")
        }
        #expect(Self.found("policy-port-not-targetport", client(80)).map { $0.location?.line } == [12])
        #expect(Self.found("policy-port-not-targetport", client(8080)).isEmpty)
    }

    private static func open(_ from: String, type: String = "  type: LoadBalancer") -> String {
        Shop.policy(
            "web",
            "  podSelector: {matchLabels: {app: web}}\n  policyTypes: [Ingress]\n  ingress:\n  - from:\n\(from)\n    ports: [{port: 8080}]"
        )
            + Shop.service("web", "app: web", "{port: 80, targetPort: 8080}", more: type) + Shop.pod("web", "app: web")
    }

    private static let excepted = "    - ipBlock:\n        cidr: 0.0.0.0/0\n        except:\n        - 10.0.0.0/8"

    @Test func anExceptedPrivateRange_isToldAtTheException() throws {
        let text = Self.open(Self.excepted)
        let finding = try #require(Self.found("policy-ipblock-excludes-lb-source", text).first)
        #expect(finding.location?.line == text.line(of: "- 10.0.0.0/8"))
        #expect(finding.patch?.contains("externalTrafficPolicy: Local") == true)
    }

    @Test func publicRangesOnly_areToldAtTheRange() {
        let text = Self.open("    - ipBlock:\n        cidr: 203.0.113.0/24")
        #expect(
            Self.found("policy-ipblock-excludes-lb-source", text).map { $0.location?.line } == [
                text.line(of: "203.0.113.0")
            ])
    }

    @Test(arguments: [
        open("    - ipBlock: {cidr: 0.0.0.0/0}"),
        open("    - ipBlock: {cidr: 0.0.0.0/0, except: [10.9.0.0/16]}"),
        open(excepted + "\n    - ipBlock: {cidr: 10.240.0.0/16}"),
        open(excepted + "\n    - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress-nginx}}"),
        open(excepted, type: "  type: LoadBalancer\n  externalTrafficPolicy: Local"),
        open(excepted, type: "  type: ClusterIP"),
    ])
    func whatLetsNodesIn_isSilent(text: String) {
        #expect(Self.found("policy-ipblock-excludes-lb-source", text).isEmpty)
    }

    /// Behind an Ingress the source is its controller, whatever the Service keeps.
    @Test func theServiceOfAnIngress_isEnteredByItsController() {
        let ingress =
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop}\nspec: {defaultBackend: {service: {name: web, port: {number: 80}}}}\n"
        let text = Self.open(Self.excepted, type: "  type: ClusterIP") + ingress
        #expect(Self.found("policy-ipblock-excludes-lb-source", text).count == 1)
    }

    /// With nodes known nothing need be guessed.
    @Test func theAddressesOfNodes_decide() {
        let node = { (address: String) in
            "apiVersion: v1\nkind: Node\nmetadata: {name: n}\nstatus: {addresses: [{type: InternalIP, address: \(address)}]}\n"
        }
        let text = Self.open(Self.excepted)
        #expect(Self.found("policy-ipblock-excludes-lb-source", text + node("192.168.7.4")).isEmpty)
        #expect(
            Self.found("policy-ipblock-excludes-lb-source", text + node("10.9.0.4")).map(\.confidence) == [.certain])
    }
}
