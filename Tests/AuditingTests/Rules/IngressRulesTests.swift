import Auditing
import Diagnosis
import ManifestFiles
import Manifests
import Testing

@Suite struct IngressRulesTests {
    private static let id = "ingress-backend-missing"

    private static func whole(_ text: String) -> [Finding] {
        var set = ManifestReader.read(Array(text.utf8), file: "a.yaml")
        set.isComplete = true
        return AuditBook.judge(DeclaredState(set))
    }

    @Test func aServiceOfAnotherNamespace_isToldWhereTheNamespaceIsMissing() {
        let text = soundShop.replacing("metadata:\n  name: shop\n  namespace: shop", with: "metadata:\n  name: shop")
        let found = audit(text)
        #expect(found.lines(of: Self.id) == [46] && found.lines(of: "tls-default-certificate") == [52])
        #expect(found.first(Self.id)?.patch?.contains("name: shop\n  namespace: shop\nspec:") == true)
        #expect(found.first(Self.id)?.confidence == .likely)
    }

    @Test func aServiceThatIsNotThere_isPossible_andCertainInAWholeCluster() {
        let text = soundShop.replacing("            name: web\n", with: "            name: checkout\n")
        #expect(audit(text).lines(of: Self.id) == [62])
        #expect(audit(text).first(Self.id)?.confidence == .possible)
        #expect(Self.whole(text).first(Self.id)?.confidence == .certain)
        #expect(audit(text.replacing("checkout", with: "wep")).first(Self.id)?.confidence == .likely)
    }

    /// Services of an application are often declared in another file.
    @Test func anIngressByItself_isSilent() throws {
        let start = try #require(soundShop.firstRange(of: "apiVersion: networking.k8s.io/v1\nkind: Ingress\n"))
        #expect(audit(String(soundShop[start.lowerBound...])).ofServices == [])
    }

    @Test func aPortThatTheServiceHasNot_isCertain() {
        let number = audit(soundShop.replacing("number: 80", with: "number: 8080"))
        #expect(number.lines(of: Self.id) == [64] && number.first(Self.id)?.confidence == .certain)
        #expect(number.first(Self.id)?.evidence.contains { $0.contains("targetPort") } == true)
        #expect(audit(soundShop.replacing("number: 80", with: "name: web")).lines(of: Self.id) == [64])
        #expect(audit(soundShop.replacing("number: 80", with: "name: http")).ofServices == [])
    }

    @Test func aClassThatIsNotThere_isTold() {
        let text = soundShop.replacing("ingressClassName: nginx", with: "ingressClassName: traefik")
        #expect(audit(text).lines(of: Self.id) == [50])
        #expect(audit(text.replacing("kind: IngressClass", with: "kind: Other")).ofServices == [])
        let none = soundShop.replacing("  ingressClassName: nginx\n", with: "")
        #expect(audit(none).ofServices == [])
        #expect(Self.whole(none).lines(of: Self.id) == [44])
        let byDefault = none.replacing(
            "metadata: {name: nginx}",
            with: "metadata: {name: nginx, annotations: {ingressclass.kubernetes.io/is-default-class: \"true\"}}")
        #expect(Self.whole(byDefault).lines(of: Self.id) == [])
    }

    // MARK: tls-default-certificate

    @Test func aHostWithoutACertificate_isTold() {
        let text = soundShop.replacing("  - host: shop.example.com", with: "  - host: pay.example.com")
        #expect(audit(text).lines(of: "tls-default-certificate") == [55])
        let wildcard = text.replacing("hosts: [shop.example.com]", with: "hosts: [\"*.example.com\"]")
        #expect(audit(wildcard).ofServices == [])
    }

    /// Secrets are seldom kept with manifests, and cert-manager makes them.
    @Test func aSecretThatIsNotThere_isToldInAWholeClusterOnly() {
        let text = soundShop.replacing("secretName: shop-tls", with: "secretName: other-tls")
        #expect(audit(text).ofServices == [])
        #expect(Self.whole(text).first("tls-default-certificate")?.confidence == .certain)
        let issued = text.replacing(
            "  name: shop\n", with: "  name: shop\n  annotations: {cert-manager.io/cluster-issuer: a}\n")
        #expect(Self.whole(issued).lines(of: "tls-default-certificate") == [])
    }

    // MARK: Gateway API

    private static let routed = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge, namespace: infra}
        spec:
          gatewayClassName: envoy
          listeners:
          - name: https
            port: 443
            protocol: HTTPS
            tls: {certificateRefs: [{name: edge-tls}]}
            allowedRoutes: {namespaces: {from: All}}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: shop, namespace: front}
        spec:
          parentRefs:
          - {name: edge, namespace: infra, sectionName: https}
          rules:
          - backendRefs:
            - name: web
              namespace: shop
              port: 80
        ---
        apiVersion: gateway.networking.k8s.io/v1beta1
        kind: ReferenceGrant
        metadata: {name: g, namespace: shop}
        spec:
          from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: front}]
          to: [{group: "", kind: Service}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {ports: [{port: 80, targetPort: 8080}]}

        """

    @Test func aRouteThatLeadsSomewhere_isSilent() {
        #expect(audit(Self.routed).ofServices == [])
    }

    @Test(arguments: [
        ("              port: 80", "              port: 8080", 23), ("- name: web", "- name: wep", 21),
        ("sectionName: https", "sectionName: http", 18), ("from: All", "from: Same", 18),
        ("{name: edge, namespace: infra, sectionName", "{name: edge, sectionName", 18),
        ("kind: HTTPRoute, namespace: front", "kind: HTTPRoute, namespace: other", 21),
    ])
    func aRouteThatLeadsNowhere_isTold(_ sound: String, _ faulty: String, _ line: Int) {
        // The text above is indented further in this file than in itself.
        let trimmed = sound.drop { $0 == " " }
        let text = Self.routed.replacing(trimmed, with: faulty.drop { $0 == " " }, maxReplacements: 1)
        let found = audit(
            sound.hasPrefix(" ") ? Self.routed.replacing("      port: 80\n", with: "      port: 8080\n") : text)
        #expect(found.lines(of: Self.id) == [line])
    }

    @Test func aGrantThatWasNotRead_isPossible_withTheOneToAdd() throws {
        let range = try #require(Self.routed.firstRange(of: "apiVersion: gateway.networking.k8s.io/v1beta1"))
        let end = try #require(Self.routed.firstRange(of: "apiVersion: v1\nkind: Service"))
        let text = String(Self.routed[..<range.lowerBound] + Self.routed[end.lowerBound...])
        let finding = try #require(audit(text).first(Self.id))
        #expect(finding.confidence == .possible)
        #expect(audit(text + "---\n" + (finding.patch ?? "")).ofServices == [])
    }

    @Test func aSelectorOfNamespaces_isJudgedOnlyWithTheirLabels() {
        let text = Self.routed.replacing("from: All", with: "from: Selector, selector: {matchLabels: {edge: open}}")
        #expect(audit(text).ofServices == [])
        let labelled = text + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: front, labels: {edge: shut}}\n"
        #expect(audit(labelled).lines(of: Self.id) == [18])
    }
}
