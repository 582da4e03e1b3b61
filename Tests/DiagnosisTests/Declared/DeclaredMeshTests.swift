import Diagnosis
import NetValues
import Observations
import Planning
import Testing

@MainActor @Suite struct DeclaredMeshTests {
    private static let url = "http://shop.test/admin"

    private static func gateway(_ hosts: String = "[\"*.test\"]") -> String {
        """
        kind: Gateway
        apiVersion: networking.istio.io/v1
        metadata: {name: edge, namespace: shop}
        spec:
          selector: {istio: ingressgateway}
          servers:
          - port: {number: 80, name: http, protocol: HTTP}
            hosts: \(hosts)
        ---

        """
    }

    private static func virtual(
        _ match: String = "[{uri: {prefix: /api}}]", host: String = "shop.test", gateways: String = "[edge]",
        to destination: String = "{host: api}"
    ) -> String {
        """
        kind: VirtualService
        apiVersion: networking.istio.io/v1
        metadata: {name: web, namespace: shop}
        spec:
          hosts: [\(host)]
          gateways: \(gateways)
          http:
          - match: \(match)
            route:
            - destination: \(destination)
        ---
        kind: Service
        apiVersion: v1
        metadata: {name: api, namespace: shop}
        spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
        """
    }

    private func judged(_ answer: Answer, _ manifests: String, url: String = url) -> Judgement {
        judge(asked(url, answer), with: declared(manifests))
    }

    @Test func aPathThatNoRouteTakes_isNamed() throws {
        let judgement = judged(.envoy404, Self.gateway() + Self.virtual())
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["mesh-route-missing"] && finding.confidence == .likely)
        #expect(finding.summary.contains("VirtualService shop/web has no route for http://shop.test/admin"))
        #expect(finding.evidence.contains { $0.contains("takes path begins with /api") })
        #expect(finding.location?.object == "VirtualService shop/web" && finding.location?.line == 32)
        #expect(finding.patch == "- route:\n  - destination:\n      host: api")
        let header = Self.gateway() + Self.virtual("[{headers: {user-type: {exact: premium}}}]")
        #expect(judged(.envoy404, header).ids == ["mesh-route-missing"])
    }

    @Test func aHostThatTheGatewayDoesNotListenFor_isNamed() throws {
        let finding = try #require(
            judged(.envoy404, Self.gateway("[other.test]") + Self.virtual("[{uri: {prefix: /}}]")).findings.first)
        #expect(finding.id == "mesh-route-missing" && finding.location?.object == "Gateway shop/edge")
        #expect(finding.patch?.contains("- shop.test") ?? false)
    }

    @Test func aVirtualServiceWithoutItsGateway_isNamed() throws {
        let finding = try #require(
            judged(.envoy404, Self.gateway() + Self.virtual("[{uri: {prefix: /}}]", gateways: "[mesh]")).findings.first)
        #expect(finding.id == "mesh-route-missing" && finding.patch == "spec:\n  gateways:\n  - edge\n  - mesh")
        #expect(finding.summary.contains("is bound to no gateway"))
    }

    @Test func aHostThatIsNearlyTheOneAskedFor_isNamed() throws {
        let finding = try #require(
            judged(.envoy404, Self.gateway() + Self.virtual(host: "shpo.test")).findings.first)
        #expect(finding.id == "mesh-route-missing" && finding.summary.contains("shpo.test"))
    }

    @Test(
        "A route that takes it, or might, an application's 404, another host and no manifests leave the finding of HTTP"
    )
    func lookalikes() {
        let unexpected = ["http-status-unexpected"]
        let all = Self.gateway() + Self.virtual("[{uri: {prefix: /}}]")
        #expect(judged(.envoy404, all).ids == unexpected)
        #expect(judged(.envoy404, Self.gateway() + Self.virtual("[{uri: {regex: \"/ad.*\"}}]")).ids == unexpected)
        #expect(judged(.envoy404, Self.gateway() + Self.virtual("[{sourceLabels: {app: x}}]")).ids == unexpected)
        #expect(judged(.envoy404, Self.gateway() + Self.virtual(), url: "http://books.test/").ids == unexpected)
        let passed = Answer(
            status: 404, headers: ["server": "istio-envoy", "x-envoy-upstream-service-time": "3"])
        #expect(judged(passed, Self.gateway() + Self.virtual()).ids == unexpected + ["proxy-in-path"])
        #expect(
            judged(Answer(status: 404, body: "404 page not found"), Self.gateway() + Self.virtual()).ids == unexpected)
        #expect(judge(asked(Self.url, .envoy404)).ids == unexpected)
        #expect(judged(Answer(status: 200), Self.gateway() + Self.virtual()).ids.isEmpty)
    }

    private static let subsets = """

        ---
        kind: DestinationRule
        apiVersion: networking.istio.io/v1
        metadata: {name: api, namespace: shop}
        spec:
          host: api
          subsets:
          - name: stable
            labels: {app: web}
          - name: canary
            labels: {app: web, version: v2}
        """

    private static func toSubset(_ name: String) -> String {
        gateway() + virtual("[{uri: {prefix: /}}]", to: "{host: api, subset: \(name)}") + subsets
    }

    @Test func aSubsetThatIsNotThere_isNamed() throws {
        let judgement = judged(.envoy503, Self.toSubset("stabel"))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["mesh-subset-undefined"])
        #expect(finding.patch?.contains("subset: stable") ?? false)
        let empty = judged(.envoy503, Self.toSubset("canary"))
        #expect(empty.ids == ["mesh-subset-undefined"])
        #expect(empty.findings.first?.location?.object == "DestinationRule shop/api")
    }

    @Test func aSubsetThatIsThere_isNotBlamed() {
        #expect(judged(.envoy503, Self.toSubset("stable")).ids == ["http-status-unexpected"])
        #expect(judged(.application503, Self.toSubset("stabel")).ids == ["http-status-unexpected"])
    }

    @Test func aRouteToAServiceThatIsNotThere_isNamed() throws {
        let finding = try #require(
            judged(.envoy503, Self.gateway() + Self.virtual("[{uri: {prefix: /}}]", to: "{host: apl}")).findings.first)
        #expect(finding.id == "mesh-route-missing" && finding.patch == "destination:\n  host: api")
        let unknown = Self.gateway() + Self.virtual("[{uri: {prefix: /}}]", to: "{host: payments}")
        #expect(judged(.envoy503, unknown).ids == ["http-status-unexpected"])
    }

    // MARK: Weights

    private static func split(_ first: Int, _ second: Int) -> String {
        gateway() + """
            kind: VirtualService
            apiVersion: networking.istio.io/v1
            metadata: {name: web, namespace: shop}
            spec:
              hosts: [shop.test]
              gateways: [edge]
              http:
              - route:
                - {destination: {host: api, subset: v1}, weight: \(first)}
                - {destination: {host: api, subset: v2}, weight: \(second)}
            ---
            kind: DestinationRule
            apiVersion: networking.istio.io/v1
            metadata: {name: api, namespace: shop}
            spec:
              host: api
              subsets:
              - {name: v1, labels: {version: v1}}
              - {name: v2, labels: {version: v2}}
            ---
            kind: Deployment
            apiVersion: apps/v1
            metadata: {name: api-v1, namespace: shop}
            spec: {template: {metadata: {labels: {app: api, version: v1}}, spec: {containers: []}}}
            ---
            kind: Deployment
            apiVersion: apps/v1
            metadata: {name: api-v2, namespace: shop}
            spec: {template: {metadata: {labels: {app: api, version: v2}}, spec: {containers: []}}}
            ---
            kind: Service
            apiVersion: v1
            metadata: {name: api, namespace: shop}
            spec: {selector: {app: api}, ports: [{port: 80}]}
            """
    }

    private func answers(
        _ first: Int, _ second: Int, header: String = "x-pod",
        as names: (String, String) = ("api-v1-7d9c-x", "api-v2-5f6b-y"),
        server: String = "istio-envoy"
    ) -> [Answer] {
        [(names.0, first), (names.1, second)].flatMap { name, count in
            Array(repeating: Answer(status: 200, headers: ["server": server, header: name]), count: count)
        }
    }

    private func judged(_ answers: [Answer], _ manifests: String) -> [String] {
        judge(asked("http://shop.test/", answers), with: declared(manifests)).ids
    }

    @Test func answersThatAreNotSplitAsDeclared_areUneven() throws {
        let judgement = judge(asked("http://shop.test/", answers(50, 50)), with: declared(Self.split(90, 10)))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["lb-uneven"] && judgement.status("page") == .warned)
        #expect(finding.summary.contains("seen are v1 50 % and v2 50 % of 100 answers, declared v1 90 % and v2 10 %"))
        #expect(finding.location?.object == "VirtualService shop/web")
        #expect(judged(answers(50, 50, header: "x-version", as: ("v1", "v2")), Self.split(90, 10)) == ["lb-uneven"])
        #expect(judged(answers(100, 0), Self.split(50, 50)) == ["lb-uneven"])
    }

    @Test("As declared, by chance, too few, not through Envoy, or of nobody knows whom: not uneven")
    func evenEnough() {
        #expect(judged(answers(90, 10), Self.split(90, 10)).isEmpty)
        #expect(judged(answers(84, 16), Self.split(90, 10)).isEmpty)
        #expect(judged(answers(5, 5), Self.split(90, 10)).isEmpty)
        #expect(judged(answers(50, 50, server: "nginx"), Self.split(90, 10)).isEmpty)
        #expect(judged(answers(50, 50, as: ("a", "b")), Self.split(90, 10)).isEmpty)
        // The version of an interface, which both have.
        #expect(judged(answers(100, 0, header: "x-api-version", as: ("v1", "v1")), Self.split(50, 50)).isEmpty)
        #expect(judge(asked("http://shop.test/", answers(50, 50))).ids.isEmpty)
    }
}
