import PlanDerivation
import Planning
import Testing

@Suite struct DerivedChecksTests {
    private static func pod(_ name: String, _ rest: String = "", ports: String = "", status: String = "") -> String {
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: \(name), namespace: shop, labels: {app: \(name)}}
        spec: {containers: [{name: c, ports: [\(ports)]}]\(rest)}
        status: {\(status)}
        ---

        """
    }

    private static func service(_ name: String, _ spec: String) -> String {
        """
        apiVersion: v1
        kind: Service
        metadata: {name: \(name), namespace: shop}
        spec: {\(spec)}
        ---

        """
    }

    private static func policy(_ app: String, _ spec: String) -> String {
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: \(app), namespace: shop}
        spec: {podSelector: {matchLabels: {app: \(app)}}, \(spec)}
        ---

        """
    }

    private static let web = pod("web")
    private static let api = pod("api", ports: "{containerPort: 8080, name: http}")
    private static let apiService = service(
        "api", "clusterIP: 10.96.0.9, selector: {app: api}, ports: [{port: 80, targetPort: http}]")

    @Test func aDeniedFlow_isExpectedBlocked_withThePolicy() throws {
        let closed = Self.policy("api", "policyTypes: [Ingress]")
        let plan = try derive(Self.web + Self.api + Self.apiService + closed, as: "shop/web")
        #expect(plan.lines.contains("tcp api.shop.svc.cluster.local:80 blocked"))
        #expect(
            try plan.check("api.shop.svc.cluster.local:80").reasons.contains {
                $0.contains("ingress by policy shop/api (a.yaml:")
            })
        let open = try derive(Self.web + Self.api + Self.apiService, as: "shop/web")
        #expect(open.lines.contains("tcp api.shop.svc.cluster.local:80"))
    }

    @Test func withoutDNSEgress_servicesAreCheckedByAddress() throws {
        let egress = Self.policy(
            "web",
            "policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: 8080}]}]")
        let plan = try derive(Self.web + Self.api + Self.apiService + egress, as: "shop/web")
        #expect(plan.lines == ["dns kubernetes.default.svc.cluster.local blocked", "tcp 10.96.0.9:80"])
    }

    @Test func aNodesOwnResolver_knowsNoNamesOfTheCluster() throws {
        let text = Self.pod("web", ", hostNetwork: true") + Self.api + Self.apiService
        #expect(try derive(text, as: "shop/web").lines == ["tcp 10.96.0.9:80"])
        let names =
            Self.pod("web", ", hostNetwork: true, dnsPolicy: ClusterFirstWithHostNet") + Self.api + Self.apiService
        #expect(try derive(names, as: "shop/web").lines.contains("tcp api.shop.svc.cluster.local:80"))
    }

    @Test func theVantagesOwnPorts_areLeftOut() throws {
        let plan = try derive(Self.web + Self.api + Self.apiService, as: "shop/api")
        #expect(!plan.lines.contains { $0.hasPrefix("tcp") })
        #expect(plan.notes.contains { $0.contains("the vantage's own") })
    }

    @Test func podsOfKnownAddress_areCheckedAtTheirPorts() throws {
        let db = Self.pod("db", ports: "{containerPort: 5432}, {containerPort: 5432}", status: "podIP: 198.18.2.3")
        let gone = Self.pod("gone", ports: "{containerPort: 1}", status: "podIP: 198.18.2.4, phase: Succeeded")
        let closed = Self.policy("db", "policyTypes: [Ingress]")
        #expect(try derive(Self.web + db + gone, as: "shop/web").lines.suffix(1) == ["tcp 198.18.2.3:5432"])
        #expect(try derive(Self.web + db + closed, as: "shop/web").lines.suffix(1) == ["tcp 198.18.2.3:5432 blocked"])
    }

    @Test func someOfThePodsAllowed_isNoCheck() throws {
        let other = Self.api.replacing("name: api,", with: "name: other,")
        let closed = Self.policy("api", "policyTypes: [Ingress]").replacing(
            "matchLabels: {app: api}", with: "matchLabels: {kind: old}")
        let old = other.replacing("{app: api}", with: "{app: api, kind: old}")
        let plan = try derive(Self.web + Self.api + old + Self.apiService + closed, as: "shop/web")
        #expect(!plan.lines.contains { $0.hasPrefix("tcp") })
        #expect(plan.notes.contains { $0.contains("some of its pods only") })
    }

    @Test func podsThatAreInNoManifest_areReachable_whereNoPolicyMaySelectThem() throws {
        let elsewhere = Self.service("api", "selector: {app: api}, ports: [{port: 80}]")
        func plan(_ policy: String) throws -> DerivedPlan { try derive(Self.web + elsewhere + policy, as: "shop/web") }
        #expect(try plan("").lines.contains("tcp api.shop.svc.cluster.local:80"))
        #expect(
            try plan(Self.policy("db", "policyTypes: [Ingress]")).lines.contains("tcp api.shop.svc.cluster.local:80"))
        #expect(try !plan(Self.policy("api", "policyTypes: [Ingress]")).lines.contains { $0.hasPrefix("tcp") })
    }

    @Test func datagrams_onlyWhereTheirServiceIsSpoken() throws {
        let time = Self.service(
            "time",
            "selector: {app: api}, ports: [{name: ntp, port: 1123, protocol: UDP}, {name: x, port: 7000, protocol: UDP}, {name: s, port: 9, protocol: SCTP}]"
        )
        let plan = try derive(Self.web + Self.api + time, as: "shop/web")
        #expect(plan.lines.contains("udp time.shop.svc.cluster.local:1123"))
        #expect(plan.notes.count(where: { $0.contains("no probe speaks") }) == 2)
        #expect(try read(plan).checks.count == plan.checks.count)
    }

    @Test func theClustersDNS_isAskedItself() throws {
        let server = Self.service(
            "kube-dns", "clusterIP: 10.96.0.10, selector: {k8s-app: kube-dns}, ports: [{port: 53, protocol: UDP}]"
        )
        .replacing("namespace: shop", with: "namespace: kube-system")
        let plan = try derive(Self.web + server, as: "shop/web")
        #expect(plan.text.contains("servers: [\"10.96.0.10\"]"))
        #expect(try read(plan).checks.count == plan.checks.count)
    }

    @Test func readiness_byHTTPSOrCommand_isTold() throws {
        let probed = Self.api.replacing(
            "name: c,", with: "name: c, readinessProbe: {httpGet: {path: /x, port: http, scheme: HTTPS}},")
        let plan = try derive(Self.web + probed + Self.apiService, as: "shop/web")
        #expect(!plan.checks.contains { $0.kind == "http" })
        #expect(plan.notes.contains { $0.contains("the kubelet takes any certificate") })
        let plain = try derive(
            Self.web + probed.replacing(", scheme: HTTPS", with: "") + Self.apiService, as: "shop/web")
        #expect(plain.lines.contains("http http://api.shop.svc.cluster.local:80/x"))
    }

    @Test func aPlanIsBounded_andSaysSo() throws {
        let many = (1...20).map { Self.service("s\($0)", "selector: {app: api}, ports: [{port: 80}]") }.joined()
        let plan = try derive(Self.web + Self.api + many, as: "shop/web", most: 7)
        #expect(plan.checks.count == 7 && plan.droppedChecks == 34)
        #expect(plan.text.contains("left out: 34 further checks"))
        #expect(try read(plan).checks.count == 7)
    }

    @Test func whatIsScaledToNone_isNotReachable() throws {
        let none = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: api, namespace: shop}
            spec: {replicas: 0, template: {metadata: {labels: {app: api}}, spec: {containers: [{name: c}]}}}
            ---

            """
        let plan = try derive(Self.web + none + Self.apiService, as: "shop/web")
        #expect(plan.lines == ["dns kubernetes.default.svc.cluster.local"])
        #expect(plan.notes.contains { $0.contains("scaled to none") })
    }
}
