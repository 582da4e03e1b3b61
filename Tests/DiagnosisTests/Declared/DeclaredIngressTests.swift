import Diagnosis
import NetValues
import Observations
import Planning
import Testing

@MainActor @Suite struct DeclaredIngressTests {
    private static let url = "http://shop.test/api/orders"

    /// The Ingress, and what stands behind it.
    private static func ingress(
        service: String = "api", port: String = "number: 80", path: String = "/api", type: String = "Prefix",
        also more: String = "", selector: String = "web"
    ) -> String {
        """
        kind: Ingress
        apiVersion: networking.k8s.io/v1
        metadata: {name: shop, namespace: shop}
        spec:
          rules:
          - host: shop.test
            http:
              paths:
              - path: /
                pathType: Prefix
                backend:
                  service: {name: api, port: {number: 80}}
              - path: \(path)
                pathType: \(type)
                backend:
                  service:
                    name: \(service)
                    port:
                      \(port)
        ---
        kind: Service
        apiVersion: v1
        metadata: {name: api, namespace: shop}
        spec:
          selector: {app: \(selector)}
          ports:
          - {name: http, port: 80, targetPort: http}
        ---
        \(more)
        """
    }

    private func judged(_ answer: Answer, _ manifests: String, url: String = url) -> Judgement {
        judge(asked(url, answer), with: declared(manifests))
    }

    @Test func aServiceThatIsNotThere_isNamedAtItsLine() throws {
        let judgement = judged(.nginx503, Self.ingress(service: "apl"))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["ingress-backend-missing"] && finding.severity == .critical)
        #expect(finding.confidence == .likely)
        #expect(finding.location?.object == "Ingress shop/shop" && finding.location?.line == 33)
        #expect(finding.patch?.contains("name: api") ?? false)
        #expect(judged(.nginx404, Self.ingress(service: "apl")).ids == ["ingress-backend-missing"])
    }

    /// Only some manifests were given, and the Service may be in others.
    @Test func aServiceThatMayBeElsewhere_saysNothing() {
        #expect(judged(.nginx503, Self.ingress(service: "frontend")).ids == ["http-status-unexpected"])
    }

    @Test func aPortThatTheServiceHasNot_isNamed() throws {
        let judgement = judged(.nginx503, Self.ingress(port: "number: 8080"))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["ingress-backend-missing"] && finding.confidence == .certain)
        #expect(finding.summary.contains("port 8080 of Service shop/api, which has 80 (http)"))
        #expect(finding.location?.line == 35 && finding.patch?.contains("number: 80") ?? false)
        #expect(judged(.nginx503, Self.ingress(port: "name: web")).ids == ["ingress-backend-missing"])
        // The page of ingress-nginx itself; an application that is nginx may say the same, so only a sure fault counts.
        let page = Answer(status: 404, headers: ["Server": "nginx"], body: "<center><h1>404 Not Found</h1></center>")
        #expect(judged(page, Self.ingress(port: "number: 8080")).ids == ["ingress-backend-missing"])
        #expect(judged(page, Self.ingress(service: "apl")).ids == ["http-status-unexpected"])
    }

    @Test func aServiceWithoutPods_isNamed() throws {
        let judgement = judged(.nginx503, Self.ingress(selector: "website"))
        #expect(judgement.ids == ["ingress-backend-missing"])
        #expect(judgement.findings.first?.summary.contains("whose selector matches no workload") ?? false)
    }

    @Test(
        "An application's own answer, a sound backend, another host and a path that is a pattern leave the finding of HTTP"
    )
    func lookalikes() {
        let unexpected = ["http-status-unexpected"]
        #expect(judged(.application503, Self.ingress(port: "number: 8080")).ids == unexpected)
        #expect(judged(.nginx503, Self.ingress()).ids == unexpected)
        #expect(judged(.nginx503, Self.ingress(service: "apl"), url: "http://other.test/api").ids == unexpected)
        #expect(judged(.nginx503, Self.ingress(service: "apl"), url: "http://shop.test/apis").ids == unexpected)
        let pattern = Self.ingress(service: "apl", path: "/ap(.*)", type: "ImplementationSpecific")
        #expect(judged(.nginx503, pattern).ids == unexpected)
        #expect(judge(asked(Self.url, .nginx503)).ids == unexpected)
        #expect(judged(Answer(status: 200), Self.ingress(service: "apl")).ids.isEmpty)
    }

    @Test func aPathOfTheSoundBackend_isNotBlamedOnTheOther() {
        #expect(
            judged(.nginx503, Self.ingress(service: "apl"), url: "http://shop.test/").ids == ["http-status-unexpected"])
    }

    private static func route(_ backend: String, also match: String = "") -> String {
        """
        kind: HTTPRoute
        apiVersion: gateway.networking.k8s.io/v1
        metadata: {name: shop, namespace: shop}
        spec:
          hostnames: [shop.test]
          rules:
          - matches:
            - path: {type: PathPrefix, value: /api}\(match)
            backendRefs:
            - \(backend)
        ---
        kind: Service
        apiVersion: v1
        metadata: {name: api, namespace: shop}
        spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
        """
    }

    @Test func aRouteOfTheGatewayAPI_isJudgedTheSameWay() throws {
        let failing = Answer(status: 500, headers: ["server": "envoy"])
        let judgement = judged(failing, Self.route("{name: api, port: 8080}"))
        #expect(judgement.ids == ["ingress-backend-missing", "proxy-in-path"])
        #expect(judgement.findings.first?.location?.object == "HTTPRoute shop/shop")
        #expect(
            judged(failing, Self.route("{name: api, port: 80}")).ids == ["http-status-unexpected", "proxy-in-path"])
        let conditional = Self.route("{name: api, port: 8080}", also: "\n      headers: [{name: x, value: y}]")
        #expect(judged(failing, conditional).ids == ["http-status-unexpected", "proxy-in-path"])
    }
}
