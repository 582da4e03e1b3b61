import PlanDerivation
import Planning
import Testing

/// Ways to a Service from outside, routes of streams, wildcards, and what is told as not derived.
@Suite struct DerivedFrontsTests {
    private static let web = """
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: shop, labels: {app: web}}
        spec: {containers: [{name: c}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: api, namespace: shop, labels: {app: api}}
        spec: {containers: [{name: c, ports: [{containerPort: 8080}]}]}
        ---

        """

    private static func service(_ spec: String, status: String = "") -> String {
        """
        apiVersion: v1
        kind: Service
        metadata: {name: api, namespace: shop}
        spec: {selector: {app: api}, ports: [{port: 443, targetPort: 8080, nodePort: 30443}], \(spec)}
        \(status)
        ---

        """
    }

    private static let nodes = (1...5).map {
        "apiVersion: v1\nkind: Node\nmetadata: {name: n\($0)}\nstatus: {addresses: [{type: InternalIP, address: 198.18.1.\($0)}]}\n---\n"
    }.joined()

    private static let isolated = """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: web, namespace: shop}
        spec:
          podSelector: {matchLabels: {app: web}}
          policyTypes: [Egress]
          egress: [{ports: [{port: 53, protocol: UDP}]}, {to: [{podSelector: {}}]}]
        ---

        """

    @Test func aLoadBalancersAddresses_areChecked() throws {
        let given = Self.service(
            "type: LoadBalancer, externalIPs: [198.18.4.4]",
            status: "status: {loadBalancer: {ingress: [{ip: 198.18.5.1}, {hostname: lb.example.com}]}}")
        let plan = try derive(Self.web + given, as: "shop/web")
        for target in ["198.18.5.1:443", "lb.example.com:443", "198.18.4.4:443"] {
            #expect(plan.lines.contains("tcp \(target)"), "\(plan.lines)")
        }
        #expect(try plan.check("lb.example.com:443").needs == ["dns of lb.example.com"])
        #expect(try read(plan).checks.count == plan.checks.count)
        let held = try derive(Self.web + given + Self.isolated, as: "shop/web")
        #expect(!held.lines.contains { $0.contains("198.18.5.1") })
        #expect(held.notes.contains { $0.contains("load balancer 198.18.5.1") && $0.contains("isolate the vantage") })
        let limited = try derive(
            Self.web
                + given.replacing(
                    "type: LoadBalancer", with: "type: LoadBalancer, loadBalancerSourceRanges: [198.18.9.0/24]"),
            as: "shop/web")
        #expect(!limited.lines.contains { $0.contains("198.18.5.1") })
        let waiting = try derive(Self.web + Self.service("type: LoadBalancer"), as: "shop/web")
        #expect(waiting.notes.contains { $0.contains("its status holds no address") })
    }

    @Test func portsOfNodes_areCheckedAtAFew() throws {
        let plan = try derive(Self.web + Self.service("type: NodePort") + Self.nodes, as: "shop/web")
        #expect(plan.lines.suffix(3) == ["tcp 198.18.1.1:30443", "tcp 198.18.1.2:30443", "tcp 198.18.1.3:30443"])
        #expect(plan.notes.contains { $0.contains("at 2 further nodes") })
        let local = try derive(
            Self.web + Self.service("type: NodePort, externalTrafficPolicy: Local") + Self.nodes, as: "shop/web")
        #expect(!local.lines.contains { $0.contains("30443") })
        #expect(local.notes.contains { $0.contains("externalTrafficPolicy Local") })
        let none = try derive(Self.web + Self.service("type: NodePort"), as: "shop/web")
        #expect(none.notes.contains { $0.contains("no Node was read") })
        #expect(try read(plan).checks.count == plan.checks.count)
    }

    // MARK: Streams

    private static func gateway(_ status: String) -> String {
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge, namespace: shop}
        spec:
          gatewayClassName: any
          listeners:
          - {name: db, port: 5432, protocol: TCP}
          - {name: dns, port: 53, protocol: UDP}
        \(status)
        ---
        apiVersion: gateway.networking.k8s.io/v1alpha2
        kind: TCPRoute
        metadata: {name: db, namespace: shop}
        spec:
          parentRefs: [{name: edge, sectionName: db}]
          rules: [{backendRefs: [{name: api, port: 443}]}]
        ---
        apiVersion: gateway.networking.k8s.io/v1alpha2
        kind: UDPRoute
        metadata: {name: names, namespace: shop}
        spec:
          parentRefs: [{name: edge}]
          rules: [{backendRefs: [{name: api, port: 443}]}]
        ---

        """
    }

    @Test func routesOfStreams_areCheckedAtTheirGatewaysAddress() throws {
        let known = Self.gateway("status: {addresses: [{type: IPAddress, value: 198.18.5.9}]}")
        let plan = try derive(Self.web + known, as: "shop/web")
        #expect(plan.lines.contains("tcp 198.18.5.9:5432") && plan.lines.contains("udp 198.18.5.9:53"))
        #expect(try read(plan).checks.count == plan.checks.count)
        let unknown = try derive(Self.web + Self.gateway(""), as: "shop/web")
        #expect(
            unknown.notes.count(where: { $0.contains("neither status nor spec of its Gateway holds an address") }) == 2)
    }

    private static let mesh = """
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: edge, namespace: shop}
        spec:
          servers:
          - {port: {number: 8443, protocol: TLS}, tls: {mode: PASSTHROUGH}, hosts: ["*.example.com"]}
          - {port: {number: 5432, protocol: TCP}, hosts: ["*"]}
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: v, namespace: shop}
        spec:
          hosts: [db.example.com]
          gateways: [edge]
          tls:
          - match: [{port: 8443, sniHosts: [db.example.com]}]
            route: [{destination: {host: api}}]
          tcp:
          - match: [{port: 5432}]
            route: [{destination: {host: api}}]
        ---

        """

    @Test func routesOfStreamsInAMesh_areCheckedAtTheirGateway() throws {
        let plan = try derive(Self.web + Self.mesh, as: "shop/web")
        #expect(plan.lines.contains("tls db.example.com:8443") && plan.lines.contains("tcp db.example.com:5432"))
        #expect(try read(plan).checks.count == plan.checks.count)
        let inner = try derive(
            Self.web + Self.mesh.replacing("gateways: [edge]", with: "gateways: [mesh]"), as: "shop/web")
        #expect(!inner.lines.contains { $0.contains("db.example.com") })
        #expect(inner.notes.contains { $0.contains("tls route") && $0.contains("of the mesh") })
        let lost = try derive(
            Self.web + Self.mesh.replacing("gateways: [edge]", with: "gateways: [egde]"), as: "shop/web")
        #expect(lost.notes.contains { $0.contains("its Gateway egde is in no manifest") })
    }

    // MARK: Wildcards

    private static let wildcard = """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: i, namespace: shop}
        spec:
          tls: [{hosts: ["*.example.com"]}]
          rules:
          - host: "*.example.com"
            http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: api, port: {number: 443}}}}]}
        ---

        """

    private static let record = """
        apiVersion: externaldns.k8s.io/v1alpha1
        kind: DNSEndpoint
        metadata: {name: d, namespace: shop}
        spec: {endpoints: [{dnsName: "*.example.com", recordType: A, targets: [198.18.5.1]}]}
        ---

        """

    @Test func aWildcard_isAskedForByALabel_whereDNSHasIt() throws {
        let plan = try derive(Self.web + Self.wildcard + Self.record, as: "shop/web")
        #expect(plan.lines.contains("https://leadsman-check.example.com/".asHTTP))
        #expect(
            plan.lines.contains("dns leadsman-check.example.com")
                && plan.lines.contains("tls leadsman-check.example.com:443"))
        #expect(try read(plan).checks.count == plan.checks.count)
        let alone = try derive(Self.web + Self.wildcard, as: "shop/web")
        #expect(!alone.lines.contains { $0.contains("example.com") })
        #expect(alone.notes.contains { $0.contains("*.example.com names no single host, and no DNSEndpoint") })
    }

    // MARK: What is not derived

    @Test func whatLeadsToNoCheck_isTold() throws {
        let more = """
            apiVersion: traefik.io/v1alpha1
            kind: IngressRoute
            metadata: {name: r, namespace: shop}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: worker, namespace: shop}
            spec: {template: {metadata: {labels: {app: worker}}, spec: {containers: [{name: c}]}}}

            """
        let plan = try derive(Self.web + Self.service("type: ClusterIP") + more, as: "shop/web")
        #expect(plan.notes.contains { $0.contains("Deployment shop/worker") && $0.contains("no Service leads to it") })
        #expect(
            plan.notes.contains { $0.contains("IngressRoute shop/r") && $0.contains("not known here (traefik.io)") })
        #expect(!plan.notes.contains { $0.contains("Pod shop/api") || $0.contains("Pod shop/web") })
        #expect(plan.text.contains("# not derived: Deployment shop/worker"))
    }
}

extension String {
    fileprivate var asHTTP: String { "http \(self)" }
}
