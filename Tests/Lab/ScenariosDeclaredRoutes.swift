/// What Ingresses, Services, PeerAuthentications and VirtualServices say, joined with what proxies and servers answer.
extension Scenario {
    static let declaredRoutes: [Scenario] = [
        backendMissing, backendSound, backendHealthy, wrongTargetPort, soundTargetPort, strictPeers, permissivePeers,
        uncoveredPath, coveredPath, unevenSplit, evenSplit,
    ]

    private static func manifest(_ text: String) -> LabChange {
        .shell("c", "cat >{lab}/shop.yaml <<'END'\n\(text)\nEND")
    }

    private static let manifests = ["--manifests", "{lab}/shop.yaml"]
    private static let shopHost = LabChange.hosts("198.18.2.2 shop.test")

    private static func pageFails(_ id: String, says: [String] = []) -> Expected {
        Expected(
            verdict: "failing", exit: 1, must: [id], statuses: ["fine": "passed", "page": "failed"], headline: id,
            says: says)
    }

    // MARK: Ingress

    /// As ingress-nginx: 503 for a backend without endpoints, a default backend for other hosts.
    private static let ingress = nginx(
        """
        server { listen 80 default_server; return 404 'default backend - 404'; }
        server { listen 80; server_name shop.test; location / { return 200 'ok'; } location /api { return 503; } }
        """)

    private static func shop(port: Int) -> LabChange {
        manifest(
            """
            kind: Ingress
            apiVersion: networking.k8s.io/v1
            metadata: {name: shop, namespace: shop}
            spec:
              rules:
              - host: shop.test
                http:
                  paths:
                  - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
                  - {path: /api, pathType: Prefix, backend: {service: {name: web, port: {number: \(port)}}}}
            ---
            kind: Service
            apiVersion: v1
            metadata: {name: web, namespace: shop}
            spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
            ---
            kind: Pod
            apiVersion: v1
            metadata: {name: web, namespace: shop, labels: {app: web}}
            spec: {containers: [{name: web, ports: [{containerPort: 8080}]}]}
            """)
    }

    private static let pages = """
          - {name: fine, http: "http://shop.test/"}
          - {name: page, http: "http://shop.test/api"}
        """

    private static let backendMissing = Scenario(
        name: "declared: an Ingress leads to a port that its Service has not",
        changes: [ingress, shopHost, shop(port: 8080)],
        checks: pages, options: manifests,
        expected: pageFails("ingress-backend-missing", says: ["Ingress shop/shop", "port 8080 of Service shop/web"]))

    private static let backendSound = Scenario(
        name: "declared: an Ingress as it should be, and 503 all the same",
        changes: [ingress, shopHost, shop(port: 80)],
        checks: pages, options: manifests, expected: pageFails("http-status-unexpected", says: ["503"]))

    private static let backendHealthy = Scenario(
        name: "declared: a page of an Ingress", changes: [ingress, shopHost, shop(port: 8080)],
        checks: "  - {name: fine, http: \"http://shop.test/\"}", options: manifests, expected: .healthy)

    // MARK: TLS

    /// The router leads the Service's address to the server, as kube-proxy does.
    private static func service(to port: Int) -> [LabChange] {
        [
            .shell(
                "r",
                "nft add table ip service; nft 'add chain ip service to { type nat hook prerouting priority dstnat; }'; "
                    + "nft 'add rule ip service to ip daddr 198.18.2.9 tcp dport 443 dnat to 198.18.2.2:\(port)'"),
            manifest(
                """
                kind: Pod
                apiVersion: v1
                metadata: {name: web, namespace: shop, labels: {app: web}}
                spec:
                  containers:
                  - name: web
                    ports: [{name: http, containerPort: 8080}, {name: https, containerPort: 8443}]
                ---
                kind: Service
                apiVersion: v1
                metadata: {name: web, namespace: shop}
                spec:
                  clusterIP: 198.18.2.9
                  selector: {app: web}
                  ports:
                  - {name: https, port: 443, targetPort: \(port)}
                """),
        ]
    }

    private static let tlsCheck = """
          - {name: fine, tls: "198.18.2.2:8443", serverName: shop.test, ca: "{lab}/ca.pem"}
          - {name: page, tls: "198.18.2.9:443", serverName: shop.test, ca: "{lab}/ca.pem"}
        """

    private static let wrongTargetPort = Scenario(
        name: "declared: a port of TLS that leads to one of plain HTTP",
        changes: [.certificates, .http(port: 8080), .tls("good", port: 8443)] + service(to: 8080), checks: tlsCheck,
        options: manifests,
        expected: pageFails(
            "tls-plaintext-on-tls-port",
            says: ["port 443 to the wrong port of its pods; 8443 (https) seems to be meant"]))

    private static let soundTargetPort = Scenario(
        name: "declared: a port of TLS that leads to one of TLS",
        changes: [.certificates, .http(port: 8080), .tls("good", port: 8443)] + service(to: 8443), checks: tlsCheck,
        options: manifests, expected: .healthy)

    // MARK: Mesh

    private static func bank(_ mode: String) -> LabChange {
        manifest(
            """
            kind: Namespace
            apiVersion: v1
            metadata: {name: bank, labels: {istio-injection: enabled}}
            ---
            kind: Pod
            apiVersion: v1
            metadata: {name: ledger, namespace: bank, labels: {app: ledger}}
            spec: {containers: [{name: ledger, ports: [{containerPort: 80}]}]}
            status: {podIP: 198.18.2.2}
            ---
            kind: PeerAuthentication
            apiVersion: security.istio.io/v1
            metadata: {name: default, namespace: bank}
            spec: {mtls: {mode: \(mode)}}
            """)
    }

    private static func hungUpOn(_ mode: String, _ expected: Expected) -> Scenario {
        Scenario(
            name: "declared: plaintext is hung up on, and mutual TLS is \(mode)",
            changes: [.server("s", .web, ["80", "--at", "close-on-bytes"]), .http(port: 81), bank(mode)],
            checks: """
                  - {name: fine, http: "http://198.18.2.2:81/ok"}
                  - {name: page, http: "http://198.18.2.2/ok"}
                """, options: manifests, expected: expected)
    }

    private static let strictPeers = hungUpOn(
        "STRICT", pageFails("mtls-required", says: ["PeerAuthentication bank/default"]))
    private static let permissivePeers = hungUpOn("PERMISSIVE", pageFails("http-protocol-error"))

    /// A gateway that answers as Envoy does.
    private static func envoy(_ rules: String) -> LabChange {
        .daemon(
            "s", .haproxy,
            """
            global
              maxconn 100
            defaults
              mode http
              timeout connect 300ms
              timeout client 2s
              timeout server 2s
            frontend edge
              bind 198.18.2.2:80
              \(rules)
            """)
    }

    private static func edge(_ routes: String) -> LabChange {
        manifest(
            """
            kind: Gateway
            apiVersion: networking.istio.io/v1
            metadata: {name: edge, namespace: shop}
            spec:
              selector: {istio: ingressgateway}
              servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.test]}]
            ---
            kind: VirtualService
            apiVersion: networking.istio.io/v1
            metadata: {name: web, namespace: shop}
            spec:
              hosts: [shop.test]
              gateways: [edge]
              http:
            \(routes)
            ---
            kind: Deployment
            apiVersion: apps/v1
            metadata: {name: web-v1, namespace: shop}
            spec: {template: {metadata: {labels: {app: web, version: v1}}, spec: {containers: []}}}
            ---
            kind: Deployment
            apiVersion: apps/v1
            metadata: {name: web-v2, namespace: shop}
            spec: {template: {metadata: {labels: {app: web, version: v2}}, spec: {containers: []}}}
            ---
            kind: DestinationRule
            apiVersion: networking.istio.io/v1
            metadata: {name: web, namespace: shop}
            spec:
              host: web
              subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
            ---
            kind: Service
            apiVersion: v1
            metadata: {name: web, namespace: shop}
            spec: {selector: {app: web}, ports: [{port: 80}]}
            """)
    }

    private static let onlyAPI = envoy(
        """
        http-request return status 404 hdr server istio-envoy if !{ path_beg /fine }
          http-request return status 200 hdr server istio-envoy content-type text/plain string ok
        """)

    private static func routed(_ name: String, to prefix: String, _ expected: Expected) -> Scenario {
        Scenario(
            name: "declared: \(name)",
            changes: [
                onlyAPI, shopHost,
                edge("  - match: [{uri: {prefix: \(prefix)}}]\n    route: [{destination: {host: web, subset: v1}}]"),
            ],
            checks: """
                  - {name: fine, http: "http://shop.test/fine"}
                  - {name: page, http: "http://shop.test/admin"}
                """, options: manifests, expected: expected)
    }

    private static let uncoveredPath = routed(
        "a path that no route of the VirtualService takes", to: "/fine",
        pageFails("mesh-route-missing", says: ["VirtualService shop/web has no route for http://shop.test/admin"]))
    private static let coveredPath = routed(
        "a path that a route takes, and 404 all the same", to: "/", pageFails("http-status-unexpected"))

    /// Each second, or each tenth answer, is of the other version.
    private static func split(_ name: String, seen: Int, _ expected: Expected) -> Scenario {
        Scenario(
            name: "declared: \(name)",
            changes: [
                envoy(
                    """
                    http-request return status 200 hdr server istio-envoy hdr x-pod web-v1-7d9c-abcde content-type text/plain string ok if { rand(100) lt \(seen) }
                      http-request return status 200 hdr server istio-envoy hdr x-pod web-v2-5f6b-fghij content-type text/plain string ok
                    """), shopHost,
                edge(
                    """
                      - route:
                        - {destination: {host: web, subset: v1}, weight: 90}
                        - {destination: {host: web, subset: v2}, weight: 10}
                    """),
            ], checks: "  - {name: page, http: \"http://shop.test/\", samples: 80, interval: 5ms}", options: manifests,
            expected: expected)
    }

    private static let unevenSplit = split(
        "requests that are split half and half, where 90 and 10 are declared", seen: 50,
        Expected(
            verdict: "degraded", exit: 0, must: ["lb-uneven"], statuses: ["page": "warned"], headline: "lb-uneven",
            says: ["declared v1 90 % and v2 10 %"]))
    private static let evenSplit = split("requests that are split as declared", seen: 90, .healthy)
}
