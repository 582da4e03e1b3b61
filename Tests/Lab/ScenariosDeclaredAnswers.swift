/// Placeholders, denials, health checks and names without pods, each with what the manifests say of them.
extension Scenario {
    static let declaredAnswers: [Scenario] = [
        placeholder, deniedByMesh, deniedByApplication, unservedHealth, headlessAndEmpty, headlessInUse,
    ]

    private static func manifest(_ text: String) -> LabChange {
        .shell("c", "cat >{lab}/shop.yaml <<'END'\n\(text)\nEND")
    }

    private static let manifests = ["--manifests", "{lab}/shop.yaml"]

    private static let placeholder = Scenario(
        name: "declared: a host without a tls entry gets the controller's placeholder",
        changes: [
            .shell(
                "s",
                "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -keyout {lab}/fake.key -out {lab}/fake.pem "
                    + "-subj '/O=Acme Co/CN=Kubernetes Ingress Controller Fake Certificate' -addext subjectAltName=DNS:ingress.local 2>/dev/null"
            ), .tls("fake"), .hosts("198.18.2.2 shop.test"),
            manifest(
                """
                kind: Ingress
                apiVersion: networking.k8s.io/v1
                metadata: {name: shop, namespace: shop}
                spec:
                  tls: [{hosts: [api.shop.test], secretName: shop-tls}]
                  rules:
                  - host: shop.test
                    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
                """),
        ], checks: "  - {name: page, http: \"https://shop.test/\"}", options: manifests,
        expected: fails("tls-default-certificate", says: ["Ingress shop/shop has no tls entry for this host"]))

    private static let ledger = """
        kind: Pod
        apiVersion: v1
        metadata: {name: ledger, namespace: bank, labels: {app: ledger}}
        spec:
          containers:
          - name: ledger
            ports: [{name: http, containerPort: 80}]
            readinessProbe: {httpGet: {path: /status/404, port: http}}
        status: {podIP: 198.18.2.2}
        ---
        kind: AuthorizationPolicy
        apiVersion: security.istio.io/v1
        metadata: {name: readers, namespace: bank}
        spec:
          selector: {matchLabels: {app: ledger}}
          rules: [{from: [{source: {principals: [cluster.local/ns/bank/sa/reader]}}]}]
        """

    private static func denied(_ name: String, _ body: String, _ expected: Expected) -> Scenario {
        Scenario(
            name: "declared: \(name)",
            changes: [
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
                    frontend ledger
                      bind 198.18.2.2:80
                      http-request return status 403 hdr server istio-envoy content-type text/plain string "\(body)"
                    """), manifest(ledger),
            ], checks: "  - {name: page, http: \"http://198.18.2.2/\"}", options: manifests, expected: expected)
    }

    private static let deniedByMesh = denied(
        "403 that a sidecar says", "RBAC: access denied",
        fails("mesh-authz-denied", says: ["AuthorizationPolicy bank/readers"]))
    private static let deniedByApplication = denied(
        "403 that the application says", "sign in first", fails("http-status-unexpected"))

    private static let unservedHealth = Scenario(
        name: "declared: a readiness path that is not served", changes: [.http(), manifest(ledger)],
        checks: "  - {name: page, http: \"http://198.18.2.2/status/404\"}", options: manifests,
        expected: fails("lb-health-check-misconfigured", says: ["readinessProbe of bank/ledger[Pod]"]))

    private static func headless(_ name: String, _ app: String, _ expected: Expected) -> Scenario {
        Scenario(
            name: "declared: \(name)",
            changes: [
                .names("other.bank.svc.cluster.local A 198.18.2.5"), .resolver("nameserver 198.18.2.2"),
                manifest(
                    """
                    \(ledger)
                    ---
                    kind: Service
                    apiVersion: v1
                    metadata: {name: peers, namespace: bank}
                    spec: {clusterIP: None, selector: {app: \(app)}, ports: [{port: 80}]}
                    """),
            ], checks: "  - {name: page, dns: peers.bank.svc.cluster.local}", options: manifests, expected: expected)
    }

    private static let headlessAndEmpty = headless(
        "the name of a headless Service that selects nothing", "peer",
        fails("service-no-endpoints", says: ["The headless Service bank/peers has no endpoints"]))
    private static let headlessInUse = headless(
        "the name of a headless Service that selects a pod", "ledger", fails("dns-name-not-found"))
}
