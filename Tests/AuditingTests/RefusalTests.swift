import Auditing
import Diagnosis
import Planning
import Testing

/// What the API does not take: versions, groups, and ways into a Service.
@Suite struct RefusalTests {
    private static let policy = Shop.policy("p", "  podSelector: {}\n  policyTypes: [Ingress]")

    @Test func versionsAndGroupsWithASlip_areErrors() {
        let config = "apiVersion: V1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: b}\n"
        #expect(audit(config).places == ["manifest-api-unknown:1"] && audit(config).first?.severity == .error)
        #expect(audit(config.replacing("V1", with: "v1")).isEmpty)
        let slipped = audit(Self.policy.replacing("networking.k8s.io", with: "network.k8s.io"))
        #expect(slipped.places == ["manifest-api-unknown:1"] && slipped.first?.severity == .error)
        #expect(audit(Self.policy.replacing("io/v1", with: "io/1")).places.contains("manifest-api-unknown:1"))
        #expect(audit(Self.policy).isEmpty)
    }

    private static func service(_ spec: String) -> [String] {
        let text = "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: shop}\nspec:\n\(spec)\n"
        return audit(text).places.filter { $0.hasPrefix("manifest-invalid") }
    }

    @Test(arguments: [
        ("  ports:\n  - port: 80\n    nodePort: 30080", "manifest-invalid:7"),
        ("  type: LoadBalancer\n  clusterIP: None\n  ports: [{port: 80}]", "manifest-invalid:6"),
        ("  ports:\n  - port: 80\n    name: bad_name", "manifest-invalid:7"),
        ("  type: NodePort\n  externalTrafficPolicy: local\n  ports: [{port: 80}]", "manifest-invalid:6"),
        ("  externalTrafficPolicy: Local\n  ports: [{port: 80}]", "manifest-invalid:5"),
    ])
    func waysIntoAService_thatItsTypeHasNot(spec: String, place: String) {
        #expect(Self.service(spec) == [place])
    }

    @Test(arguments: [
        "  type: NodePort\n  externalTrafficPolicy: Local\n  ports: [{port: 80, nodePort: 30080, name: web-1}]",
        "  externalTrafficPolicy: Local\n  externalIPs: [10.0.0.9]\n  ports: [{port: 80, nodePort: 0}]",
        "  clusterIP: None\n  ports: [{port: 80}]",
    ])
    func waysThatItHas_areSilent(spec: String) {
        #expect(Self.service(spec).isEmpty)
    }

    @Test func labelsOfPods_areHeldToTheSameRules() {
        let pod = Shop.pod("web", "app: web").replacing(
            "metadata: {labels: {app: web}}", with: "metadata: {labels: {app: web, team: \"has space\"}}")
        #expect(audit(pod).ids.contains("manifest-invalid"))
    }

    // MARK: ways that lead to nothing

    private static func door(_ ingress: String) -> [Finding] {
        audit(
            Shop.sound + Shop.pod("web", "app: web")
                + Shop.service("web", "app: web", "{port: 443, targetPort: 8080}", more: "  type: LoadBalancer")
                + Shop.policy("web", "  podSelector: {matchLabels: {app: web}}\n  policyTypes: [Ingress]\n\(ingress)")
        ).filter { $0.id == "policy-denies-expected-flow" }
    }

    @Test func aLoadBalancerBeforePodsThatNobodyMayEnter_isTold() {
        #expect(Self.door("  ingress: []").count == 1)
        #expect(Self.door("  ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]").isEmpty)
        #expect(Self.door("  ingress: [{from: [{namespaceSelector: {}}]}]").isEmpty)
    }

    private static func route(_ parent: String, _ host: String) -> [Finding] {
        audit(
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: gw, namespace: shop}
            spec:
              gatewayClassName: x
              listeners: [{name: http, protocol: HTTP, port: 80, hostname: \"*.example.com\"}]
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: r, namespace: shop}
            spec:
              parentRefs: [{name: \(parent)}]
              hostnames: [\(host)]
              rules: [{backendRefs: [{name: web, port: 80}]}]
            ---

            """ + Shop.pod("web", "app: web") + Shop.service("web", "app: web", "{port: 80, targetPort: 8080}")
        ).filter { $0.id == "ingress-backend-missing" }
    }

    @Test func routesThatNoGatewayTakes_areTold() {
        #expect(Self.route("gwx", "a.example.com").places == ["ingress-backend-missing:12"])
        #expect(Self.route("gw", "b.example.org").places == ["ingress-backend-missing:13"])
        #expect(Self.route("gw", "a.example.com").isEmpty)
        #expect(Self.route("outer", "a.example.com").isEmpty)
    }

    @Test func aDestinationPortThatTheServiceHasNot_isTold() {
        let text = { (port: Int) in
            """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: web, namespace: shop}
            spec:
              hosts: [web]
              http:
              - route:
                - destination: {host: web, port: {number: \(port)}}
            ---

            """ + Shop.pod("web", "app: web") + Shop.service("web", "app: web", "{port: 80, targetPort: 8080}")
        }
        #expect(audit(text(8888)).places.contains("mesh-route-missing:8"))
        #expect(!audit(text(80)).ids.contains("mesh-route-missing"))
    }

    // MARK: replicas

    private static func database(_ peers: String) -> [Finding] {
        let pods = Shop.pod("db", "app: db").replacing("kind: Deployment", with: "kind: StatefulSet")
            .replacing("spec:\n  selector", with: "spec:\n  replicas: 3\n  serviceName: db\n  selector")
            .replacing("image: c:1", with: "image: postgres:16")
        let rule = "{to: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: 5432}]}"
        return audit(
            Shop.sound + pods
                + Shop.policy(
                    "db",
                    """
                      podSelector: {matchLabels: {app: db}}
                      policyTypes: [Ingress, Egress]
                      ingress: [{from: [\(peers)], ports: [{port: 5432}]}]
                      egress: [\(rule)]
                    """)
        ).filter { $0.id == "replication-path-broken" }
    }

    @Test func replicasThatMayLeaveAndNotArrive_areTold() throws {
        #expect(Self.database("{podSelector: {matchLabels: {app: api}}}").count == 1)
        #expect(Self.database("{podSelector: {matchLabels: {app: db}}}").isEmpty)
        #expect(Self.database("{ipBlock: {cidr: 10.0.0.0/8}}").isEmpty)
    }
}
