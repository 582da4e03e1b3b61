/// Document B, scenario 3: a mesh (Istio) that encrypts, routes and admits.
extension Scenario {
    static let serviceMesh = Scenario(
        name: "service-mesh", title: "Service mesh: mutual TLS, routes, who may do what, its own health",
        document: .scenarios, variables: variables, statements: statements, checks: checks, notProbed: notProbed)

    private static let variables: [ScenarioVariable] = [
        ScenarioVariable(
            "SERVICE", .hostPort, example: "premium-service.default.svc.cluster.local:8080",
            "a service of the mesh that takes mutual TLS only; give it where this vantage is outside of the mesh"),
        ScenarioVariable("GATEWAY", .host, example: "microservice.example.com", "the host of the ingress gateway"),
        ScenarioVariable(
            "API", .url, example: "https://microservice.example.com/api/v1/items", "a route that this vantage may GET"),
        ScenarioVariable(
            "DENIED", .url, example: "https://microservice.example.com/admin",
            "a path that the AuthorizationPolicy must deny to this vantage"),
        ScenarioVariable("POD", .host, example: "10.1.2.3", "a pod with a sidecar"),
        ScenarioVariable(
            "HEALTH_PATH", .path, default: "/health",
            "what the liveness probe asks of the sidecar's agent (the document's; Istio's own is /healthz/ready)"),
        ScenarioVariable(
            "ISTIOD", .hostPort, example: "istiod.istio-system.svc.cluster.local:15012", "the control plane"),
        ScenarioVariable(
            "PROMETHEUS", .url, example: "http://prometheus.istio-system.svc.cluster.local:9090/-/healthy",
            "the mesh's Prometheus"),
        ScenarioVariable(
            "GRAFANA", .url, example: "http://grafana.istio-system.svc.cluster.local:3000/api/health", "its Grafana"),
        .optional("CA", .file, example: "/etc/ssl/mesh-ca.pem", "the authorities of the mesh's certificates"),
        .optional("CERTIFICATE", .file, example: "client.pem", "a client certificate that the mesh takes"),
        .optional("KEY", .file, example: "client.key", "its key"),
    ]

    private static let statements: [Statement] =
        .list(
            .requirement, from: 585, "Service-to-service encryption", "Traffic management", "Observability",
            "Access control", "Load balancing", "Circuit breaking", "Fault injection", "API gateway integration")
        + [
            Statement(676, .configuration, "exact: premium"), Statement(681, .configuration, "weight: 90"),
            Statement(685, .configuration, "weight: 10"), Statement(699, .configuration, "maxConnections: 100"),
            Statement(701, .configuration, "http1MaxPendingRequests: 1024"),
            Statement(703, .configuration, "consecutive5xxErrors: 5"), Statement(704, .configuration, "interval: 30s"),
            Statement(705, .configuration, "baseEjectionTime: 30s"), Statement(718, .configuration, "mode: STRICT"),
            Statement(735, .configuration, #"methods: ["GET"]"#),
            Statement(736, .configuration, #"paths: ["/api/v1/*"]"#),
        ]
        + .list(
            .bestPractice, from: 814, "Enable mTLS by default", "Implement least privilege", "Regular security audits",
            "Certificate rotation", "Monitor security events")
        + .list(
            .bestPractice, from: 823, "Optimize proxy resources", "Configure circuit breakers", "Monitor latency",
            "Set appropriate timeouts", "Regular performance testing")
        + .list(
            .bestPractice, from: 832, "Implement distributed tracing", "Set up metrics collection",
            "Configure proper logging", "Create dashboards", "Set up alerts")
        + .list(
            .pitfall, from: 843, "Resource constraints", "Complex configurations", "Version mismatches",
            "Proxy conflicts", "Performance impact")
        + .list(
            .pitfall, from: 852, "Debugging complexity", "Certificate management", "Configuration drift",
            "Monitoring overhead", "Update procedures")
        + [
            Statement(872, .alert, "alert: HighLatency"),
            Statement(873, .alert, #"istio_request_duration_milliseconds_sum{reporter="destination"} > 1000"#),
            Statement(874, .alert, "for: 5m"),
            Statement(884, .healthCheck, "path: /health"), Statement(885, .healthCheck, "port: 15020"),
            Statement(886, .healthCheck, "initialDelaySeconds: 5"), Statement(887, .healthCheck, "periodSeconds: 5"),
        ]

    private static let checks: [ScenarioCheck] = [
        ScenarioCheck(
            "sidecar accepts connections", covers: [586],
            """
            tcp: "${var:SERVICE}"
            """),
        ScenarioCheck(
            "plain http is refused by the mesh", covers: [585, 718, 814],
            """
            http: "http://${var:SERVICE}/"
            needs: [sidecar accepts connections]
            samples: 2
            expect: blocked
            """),
        ScenarioCheck(
            "gateway answers at every address", covers: [589, 592],
            """
            tcp: "${var:GATEWAY}:443"
            """),
        ScenarioCheck(
            "certificate of the gateway", covers: [817, 853],
            """
            tls: "${var:GATEWAY}:443"
            ca: "${var:CA}"
            certificate: "${var:CERTIFICATE}"
            key: "${var:KEY}"
            expect: {validFor: 14d}
            """),
        ScenarioCheck(
            "requests without the header are routed", covers: [586, 592, 735, 736, 844],
            """
            http: "${var:API}"
            ca: "${var:CA}"
            certificate: "${var:CERTIFICATE}"
            key: "${var:KEY}"
            expect: {status: 2xx}
            """),
        ScenarioCheck(
            "requests of premium users are routed", covers: [586, 676],
            """
            http: "${var:API}"
            headers: {user-type: premium}
            ca: "${var:CA}"
            certificate: "${var:CERTIFICATE}"
            key: "${var:KEY}"
            expect: {status: 2xx}
            """),
        ScenarioCheck(
            "latency through the mesh", covers: [589, 825, 827, 847, 872, 873, 874],
            """
            http: "${var:API}"
            samples: 20
            ca: "${var:CA}"
            certificate: "${var:CERTIFICATE}"
            key: "${var:KEY}"
            expect: {status: 2xx, latency: {p95: 1s, for: 5m}}
            """),
        ScenarioCheck(
            "what is not allowed is denied", covers: [588, 736, 815],
            """
            http: "${var:DENIED}"
            ca: "${var:CA}"
            certificate: "${var:CERTIFICATE}"
            key: "${var:KEY}"
            expect: {status: [401, 403]}
            """),
        ScenarioCheck(
            "health of the sidecar", covers: [884, 885],
            """
            http: "http://${var:POD}:15020${var:HEALTH_PATH}"
            timeout: 1s
            expect: {status: 2xx}
            """),
        ScenarioCheck(
            "sidecar's metrics can be scraped", covers: [587, 833],
            """
            http: "http://${var:POD}:15020/stats/prometheus"
            keep: status
            expect: {status: 2xx}
            """),
        ScenarioCheck(
            "control plane is reached", covers: [853],
            """
            tcp: "${var:ISTIOD}"
            """),
        ScenarioCheck(
            "Prometheus answers", covers: [587, 833, 836],
            """
            http: "${var:PROMETHEUS}"
            ca: "${var:CA}"
            expect: {status: 2xx}
            """),
        ScenarioCheck(
            "Grafana answers", covers: [587, 835],
            """
            http: "${var:GRAFANA}"
            ca: "${var:CA}"
            expect: {status: 2xx}
            """),
    ]

    private static let notProbed: [NotProbed] = [
        NotProbed(
            [590, 699, 701, 703, 704, 705, 824], findings: ["mesh-circuit-open", "mesh-subset-undefined"],
            "a breaker opens under a load of requests, which a diagnosis must not make; what is declared is audited, and its 503s fail the checks of the api"
        ),
        NotProbed(
            [681, 685], findings: ["mesh-subset-undefined"],
            "which subset answered a request is not in the answer: istioctl proxy-config routes shows the weights, the mesh's metrics the shares"
        ),
        NotProbed(
            [591], findings: ["mesh-circuit-open"],
            "an injected fault looks like a real one from outside: take it out of the VirtualService before the run"),
        NotProbed(
            [816, 818], "reviews and the events of others: leadsman audit at each change; the proxies' access logs"),
        NotProbed(
            [823, 843], findings: ["mesh-sidecar-throttled"],
            "the limits of a sidecar stand in manifests (leadsman audit); that they are too small shows as latency"),
        NotProbed([826], "a time-out shows only when a backend hangs; what is declared stands in the VirtualService"),
        NotProbed(
            [832, 834],
            "spans and logs are no network path of their own: the collector is one more HTTP check of your plan"),
        NotProbed(
            [845, 854, 856], findings: ["mesh-version-skew", "config-drift"],
            "versions and drift stand in manifests (leadsman audit) and in istioctl version"),
        NotProbed(
            [846], findings: ["mesh-proxy-conflict"],
            "ports and users that only the sidecar may have stand in manifests (leadsman audit)"),
        NotProbed([852, 855], "no fault of the network"),
        NotProbed(
            [886, 887], "when and how often the kubelet asks stands in the manifest; that it answers at all is checked"),
    ]
}
