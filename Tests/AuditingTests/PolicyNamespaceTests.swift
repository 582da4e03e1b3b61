import Auditing
import Diagnosis
import Planning
import Testing

/// Peers and policies of namespaces that are not the ones meant; UDP 53.
@Suite struct PolicyNamespaceTests {
    private static func namespace(_ name: String, _ labels: String = "") -> String {
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: \(name), labels: {\(labels)}}\n---\n"
    }

    private static func peer(_ label: String, _ more: String = "") -> String {
        Shop.sound + namespace("shop") + namespace("ingress-nginx") + more + Shop.pod("web", "app: web")
            + Shop.policy(
                "web",
                """
                  podSelector: {matchLabels: {app: web}}
                  policyTypes: [Ingress]
                  ingress:
                  - from:
                    - namespaceSelector:
                        matchLabels:
                          \(label)
                    ports: [{port: 8080}]
                """)
    }

    @Test(arguments: ["kubernetes.io/metadata.name: ingress-ngnix", "name: ingress-nginx"])
    func aSelectorOfNoNamespace_isToldAtItsLabel(label: String) {
        let text = Self.peer(label)
        #expect(audit(text).places == ["policy-peer-mismatch:\(text.line(of: "          \(label)"))"])
    }

    @Test(arguments: [
        peer("kubernetes.io/metadata.name: ingress-nginx"), peer("kubernetes.io/metadata.name: monitoring"),
        peer("name: traefik"), peer("team: web"), peer("name: ingress-nginx", namespace("db", "name: db")),
        peer("kubernetes.io/metadata.name: ingress-ngnix", namespace("ingress-ngnix")),
    ])
    func namespacesThatAreThere_orDeclaredElsewhere_areSilent(text: String) {
        #expect(audit(text).isEmpty)
    }

    private static func lands(_ name: String, _ more: String = "") -> [Finding] {
        let policy = Shop.policy(
            "web", namespace: name,
            "  podSelector: {matchLabels: {app: web}}\n  policyTypes: [Ingress]\n  ingress: [{from: [{podSelector: {}}]}]"
        )
        return audit(Shop.sound + namespace("shop") + more + Shop.pod("web", "app: web") + policy)
    }

    @Test func aNamespaceWithALetterTooMany_isTold() {
        #expect(Self.lands("shopp").ids.contains("policy-namespace-mismatch"))
        #expect(!Self.lands("shop").ids.contains("policy-namespace-mismatch"))
        #expect(!Self.lands("shop2").ids.contains("policy-namespace-mismatch"))
        #expect(!Self.lands("shopp", Self.namespace("shopp")).ids.contains("policy-namespace-mismatch"))
    }

    // MARK: DNS

    private static func dns(_ rule: String) -> (text: String, found: [Finding]) {
        let text =
            Shop.policy(
                "web",
                "  podSelector: {matchLabels: {app: web}}\n  policyTypes: [Egress]\n  egress:\n\(rule)")
            + Shop.pod("web", "app: web")
        return (text, audit(text).filter { $0.id == "policy-missing-dns-egress" })
    }

    @Test func tcpAlone_isAnError() {
        let (text, found) = Self.dns("  - ports:\n    - port: 53")
        #expect(found.map { $0.location?.line } == [text.line(of: "- port: 53")])
        #expect(found.first?.severity == .error && found.first?.confidence == .likely)
        #expect(Self.dns("  - ports: [{port: 53}, {port: 53, protocol: UDP}]").found.isEmpty)
        #expect(Self.dns("  - ports: [{port: 443}]\n  - ports: [{port: 53}, {port: 53, protocol: UDP}]").found.isEmpty)
    }

    @Test(arguments: [
        "{ipBlock: {cidr: 8.8.8.8/32}}", "{namespaceSelector: {matchLabels: {name: kube-system}}}",
    ])
    func whereTheClusterDNSHardlyIs_isPossible(peer: String) {
        let ports = "ports: [{port: 53}, {port: 53, protocol: UDP}]"
        let (text, found) = Self.dns("  - to:\n    - \(peer)\n    \(ports)")
        #expect(found.map { $0.location?.line } == [text.line(of: peer)])
        #expect(found.first?.confidence == .possible)
        let labelled = Self.namespace("kube-system", "name: kube-system")
        #expect(
            audit(text.replacing("8.8.8.8/32", with: "10.96.0.10/32") + labelled).filter {
                $0.id == "policy-missing-dns-egress"
            }.isEmpty)
    }
}
