/// Document B, scenario 1: a shop on Kubernetes, its zones and environments kept apart.
extension Scenario {
    static let ecommerce = Scenario(
        name: "ecommerce", title: "E-commerce platform: zones, environments, TLS, load balancers",
        document: .scenarios, variables: variables, statements: statements, checks: checks, notProbed: notProbed)

    private static let variables: [ScenarioVariable] = [
        ScenarioVariable("SHOP", .host, example: "shop.example.com", "the shop's public name"),
        ScenarioVariable(
            "FRONTEND", .hostPort, example: "frontend-service.ecommerce.svc.cluster.local:80", "the frontend's Service"),
        ScenarioVariable(
            "API", .hostPort, example: "api-service.ecommerce.svc.cluster.local:8080",
            "the api's Service; give it where the api may be reached from"),
        ScenarioVariable(
            "API_TLS", .hostPort, example: "api-service.ecommerce.svc.cluster.local:8443",
            "the api's port for TLS, where it has one: the document's own 8080 speaks plain HTTP"),
        ScenarioVariable(
            "HEALTH", .url, example: "http://api-service.ecommerce.svc.cluster.local:8080/health",
            "what the readiness probe asks, by https where the api speaks TLS"),
        ScenarioVariable(
            "DATABASE", .hostPort, example: "database.ecommerce.svc.cluster.local:5432",
            "the database as it must be closed to this vantage, which is not the api"),
        ScenarioVariable(
            "OWN_DATABASE", .hostPort, example: "database.ecommerce.svc.cluster.local:5432",
            "the database as it must be open to this vantage, which is the api"),
        ScenarioVariable(
            "OTHER_SERVICE", .hostPort, example: "api-service.ecommerce-staging.svc.cluster.local:8080",
            "a service of the other environment, which must be closed to this one"),
        ScenarioVariable("ENVIRONMENT", .word, default: "production", "the environment of this vantage"),
        ScenarioVariable("OTHER_ENVIRONMENT", .word, default: "staging", "the other environment"),
        ScenarioVariable(
            "SHOP_ADDRESSES", .answers, example: "203.0.113.10,203.0.113.11",
            "the addresses that the shop's name must have: more than one, where it is to outlive one"),
        ScenarioVariable("CLUSTER_DNS", .servers, example: "10.96.0.10", "the cluster's name servers"),
        ScenarioVariable("CLUSTER_DOMAIN", .word, default: "cluster.local", "the cluster's domain"),
        ScenarioVariable("METRICS", .url, example: "http://10.1.2.3:9090/metrics", "what the ServiceMonitor scrapes"),
        ScenarioVariable(
            "STATIC", .url, example: "https://shop.example.com/logo.png", "something of the shop that should be cached"),
        ScenarioVariable(
            "LOAD_TARGET", .hostPort, example: "shop.example.com:443",
            "where 200 connections at once may be opened: ask who runs it first"),
        .optional("CA", .file, example: "/etc/ssl/shop-ca.pem", "the authorities that sign the shop's certificates"),
    ]

    private static let statements: [Statement] =
        .list(
            .requirement, from: 9, "Secure service-to-service communication", "External access through load balancers",
            "Network isolation between environments", "High availability", "Performance monitoring", "DDoS protection")
        + [
            Statement(85, .configuration, "app: api"), Statement(88, .configuration, "port: 5432"),
            Statement(130, .configuration, "kubectl create namespace ecommerce-staging"),
            Statement(156, .configuration, #"nginx.ingress.kubernetes.io/ssl-redirect: "true""#),
        ]
        + .list(
            .bestPractice, from: 194, "Implement network policies by default", "Use TLS for all services",
            "Regular security audits", "Monitor network traffic", "Implement rate limiting")
        + .list(
            .bestPractice, from: 203, "Use appropriate service types", "Optimize network policies",
            "Monitor network metrics", "Configure proper health checks", "Implement caching")
        + .list(
            .bestPractice, from: 212, "Regular certificate rotation", "Monitor network usage",
            "Update security policies", "Backup configurations", "Document network topology")
        + .list(
            .pitfall, from: 223, "Over-restrictive policies", "Missing egress rules", "Incorrect selectors",
            "Policy conflicts", "Missing default policies")
        + .list(
            .pitfall, from: 232, "Incorrect service type selection", "Missing health checks",
            "Improper load balancing", "Certificate management", "DNS configuration")
        + [
            Statement(252, .alert, "alert: HighLatency"),
            Statement(253, .alert, "histogram_quantile(0.95, rate(http_request_duration_seconds_bucket[5m])) > 2"),
            Statement(254, .alert, "for: 5m"),
            Statement(264, .healthCheck, "path: /health"), Statement(265, .healthCheck, "port: 8080"),
            Statement(266, .healthCheck, "initialDelaySeconds: 5"), Statement(267, .healthCheck, "periodSeconds: 10"),
        ]

    private static let checks: [ScenarioCheck] = [
        ScenarioCheck(
            "name of the shop", covers: [236],
            """
            dns: "${var:SHOP}"
            """),
        ScenarioCheck(
            "names of the cluster", covers: [224, 236],
            """
            dns: "kubernetes.default.svc.${var:CLUSTER_DOMAIN}"
            type: A
            servers: ${var:CLUSTER_DNS}
            expect: {rcode: NOERROR}
            """),
        ScenarioCheck(
            "the shop has its addresses", covers: [12],
            """
            dns: "${var:SHOP}"
            expect: {answers: ${var:SHOP_ADDRESSES}}
            """),
        ScenarioCheck(
            "every address of the shop", covers: [10, 234],
            """
            tcp: "${var:SHOP}:443"
            """),
        ScenarioCheck(
            "the shop answers within its limit", covers: [10, 13, 205, 252, 253, 254],
            """
            http: "https://${var:SHOP}/"
            samples: 20
            ca: "${var:CA}"
            expect: {status: [2xx, 3xx], latency: {p95: 2s, for: 5m}}
            """),
        ScenarioCheck(
            "plain http is sent to https", covers: [156, 195],
            """
            http: "http://${var:SHOP}/"
            expect: {redirect: https}
            """),
        ScenarioCheck(
            "certificate of the shop", covers: [195, 212, 235],
            """
            tls: "${var:SHOP}:443"
            ca: "${var:CA}"
            expect: {validFor: 14d, version: ["1.2", "1.3"]}
            """),
        ScenarioCheck(
            "frontend Service answers", covers: [203, 223, 225, 232],
            """
            tcp: "${var:FRONTEND}"
            """),
        ScenarioCheck(
            "api Service answers", covers: [203, 223, 224, 225, 232],
            """
            tcp: "${var:API}"
            """),
        ScenarioCheck(
            "api speaks TLS", covers: [9, 195],
            """
            tls: "${var:API_TLS}"
            ca: "${var:CA}"
            severity: warning
            """),
        ScenarioCheck(
            "health of the api", covers: [206, 233, 264, 265],
            """
            http: "${var:HEALTH}"
            timeout: 1s
            ca: "${var:CA}"
            expect: {status: 2xx}
            """),
        ScenarioCheck(
            "database is closed to others", covers: [9, 85, 88, 194, 227],
            """
            tcp: "${var:DATABASE}"
            expect: blocked
            """),
        ScenarioCheck(
            "database is open to the api", covers: [88, 223, 224, 225],
            """
            tcp: "${var:OWN_DATABASE}"
            """),
        ScenarioCheck(
            "other environment is closed", covers: [11, 130, 194, 227],
            labels: [#"from: "${var:ENVIRONMENT}""#, #"to: "${var:OTHER_ENVIRONMENT}""#],
            """
            tcp: "${var:OTHER_SERVICE}"
            expect: blocked
            """),
        ScenarioCheck(
            "metrics can be scraped", covers: [13, 205],
            """
            http: "${var:METRICS}"
            ca: "${var:CA}"
            expect: {status: 2xx}
            """),
        ScenarioCheck(
            "static content may be cached", covers: [207],
            """
            http: "${var:STATIC}"
            ca: "${var:CA}"
            severity: warning
            expect: {status: 2xx, headers: {Cache-Control: "max-age|s-maxage|immutable"}}
            """),
        ScenarioCheck(
            "many connections at once", covers: [14, 198],
            """
            flows: "${var:LOAD_TARGET}"
            samples: 1
            interval: 1h
            count: 200
            timeout: 20s
            expect: {connected: 200}
            """),
    ]

    private static let notProbed: [NotProbed] = [
        NotProbed(
            [196, 214], findings: ["policy-missing-default-deny", "policy-selector-matches-nothing", "config-drift"],
            "a review of what is declared: leadsman audit, at each change"),
        NotProbed(
            [197, 213], findings: ["plaintext-service", "unrestricted-egress"],
            "what others send is seen by a capture (leadsman capture; run --evidence for the checks' own packets)"),
        NotProbed(
            [204, 226], findings: ["policy-union-widens", "policy-peer-mismatch"],
            "which policies speak of the same pods stands in manifests (leadsman audit; run --manifests)"),
        NotProbed(
            [14, 198], findings: ["rate-limited"],
            "that a limit stops an attacker is not tried; “many connections at once” shows only that 200 of a good client come through, or which limit they meet"
        ),
        NotProbed(
            [266, 267],
            "when and how often the kubelet asks stands in the manifest; that it answers at all is checked at HEALTH"),
        NotProbed([215, 216], "copies and drawings are not on the network"),
    ]
}
