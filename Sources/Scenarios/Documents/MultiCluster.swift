/// Document B, scenario 2: clusters in several regions that find, reach and replace each other.
extension Scenario {
    static let multiCluster = Scenario(
        name: "multi-cluster", title: "Clusters in several regions: reach, failover, regions, replication",
        document: .scenarios, variables: variables, statements: statements, checks: checks, notProbed: notProbed)

    private static let variables: [ScenarioVariable] = [
        ScenarioVariable(
            "REMOTE_SERVICE", .hostPort, example: "10.4.0.1:443",
            "the service in the other cluster, as this one reaches it"),
        ScenarioVariable("REMOTE_HOST", .host, example: "10.4.0.1", "a host of the other cluster, for the way to it"),
        ScenarioVariable(
            "GLOBAL_NAME", .name, example: "financial-app.global.example.com", "the name that leads to any cluster"),
        ScenarioVariable(
            "GLOBAL_ADDRESSES", .answers, example: "10.0.0.1,10.4.0.1", "the addresses that the name must have"),
        ScenarioVariable(
            "NAME_SERVERS", .servers, example: "10.0.0.53,10.4.0.53", "name servers of all clusters, which must agree"),
        ScenarioVariable("PORT", .port, default: "443", "the port of the global service"),
        ScenarioVariable("ACTIVE", .url, example: "https://us.financial-app.example.com/health", "the active site"),
        ScenarioVariable(
            "STANDBY", .url, example: "https://eu.financial-app.example.com/health", "the site that takes over"),
        ScenarioVariable("DATA_NAME", .name, example: "db.eu.financial-app.example.com", "where a region's data lie"),
        ScenarioVariable("REGION_RANGES", .ranges, example: "10.4.0.0/14", "the addresses of that region"),
        ScenarioVariable(
            "REPLICA", .hostPort, example: "financial-db-0.financial-db.eu.example.com:5432",
            "the database that is replicated to"),
        ScenarioVariable(
            "CLOSED", .hostPort, example: "10.4.0.9:6443", "something of the other cluster that must be closed to here"),
        ScenarioVariable(
            "METRICS", .url, example: "http://10.4.3.2:9090/metrics", "what the other cluster lets scrape"),
        ScenarioVariable(
            "LATENCY", .span, default: "500ms",
            "the most that 95 % of the requests to the other cluster may take (this scenario has no number; 0.5 s is scenario 5's)"
        ),
        .optional("CA", .file, example: "/etc/ssl/mesh-ca.pem", "the authorities of the services' certificates"),
        .optional("CERTIFICATE", .file, example: "client.pem", "a client certificate, where one is asked for"),
        .optional("KEY", .file, example: "client.key", "its key"),
    ]

    private static let statements: [Statement] =
        .list(
            .requirement, from: 278, "Cross-cluster communication", "Regional data compliance", "Automatic failover",
            "Service discovery", "Traffic routing", "Security compliance", "Performance monitoring")
        + [
            Statement(430, .configuration, "dnsName: financial-app.global.example.com"),
            Statement(431, .configuration, "recordTTL: 180"),
            Statement(354, .configuration, "cidr: 10.0.0.0/14"), Statement(356, .configuration, "cidr: 10.4.0.0/14"),
            Statement(363, .configuration, "cidr: 10.0.0.0/14"), Statement(365, .configuration, "cidr: 10.4.0.0/14"),
            Statement(434, .configuration, "10.0.0.1"), Statement(435, .configuration, "10.4.0.1"),
            Statement(457, .configuration, #"value: "master""#), Statement(479, .configuration, "interval: 30s"),
        ]
        + .list(
            .bestPractice, from: 508, "Plan IP ranges carefully", "Implement proper segmentation",
            "Use consistent naming", "Document topology", "Regular failover testing")
        + .list(
            .bestPractice, from: 517, "Encrypt cross-cluster traffic", "Implement strict policies",
            "Regular security audits", "Certificate management", "Access control")
        + .list(
            .bestPractice, from: 526, "Use regional endpoints", "Implement caching", "Monitor latency",
            "Optimize routing", "Regular testing")
        + .list(
            .pitfall, from: 537, "IP range conflicts", "DNS resolution problems", "Routing misconfiguration",
            "Certificate issues", "Policy conflicts")
        + .list(
            .pitfall, from: 546, "Complex troubleshooting", "Inconsistent configurations", "Data synchronization",
            "Monitoring complexity", "Failover issues")
        + [
            Statement(557, .healthCheck, "Check cluster health"), Statement(561, .healthCheck, "Verify service status"),
            Statement(565, .healthCheck, "Initiate failover"),
        ]
        + .list(
            .healthCheck, from: 572, "Verify data consistency", "Check replication status", "Update DNS records",
            "Test applications", "Monitor performance")

    private static let checks: [ScenarioCheck] = [
        ScenarioCheck(
            "other cluster is reached", covers: [278, 539, 541],
            """
            tcp: "${var:REMOTE_SERVICE}"
            """),
        ScenarioCheck(
            "other cluster speaks TLS", covers: [283, 517, 520, 540],
            """
            tls: "${var:REMOTE_SERVICE}"
            ca: "${var:CA}"
            certificate: "${var:CERTIFICATE}"
            key: "${var:KEY}"
            expect: {validFor: 14d, version: ["1.2", "1.3"]}
            """),
        ScenarioCheck(
            "latency to the other cluster", covers: [284, 526, 528, 576],
            """
            tcp: "${var:REMOTE_SERVICE}"
            samples: 20
            expect: {latency: {p95: "${var:LATENCY}", for: 5m}}
            """),
        ScenarioCheck(
            "way to the other cluster", covers: [282, 529, 539],
            """
            trace: "${var:REMOTE_HOST}"
            interval: 1s
            port: "${var:PORT}"
            """),
        ScenarioCheck(
            "global name and its TTL", covers: [281, 430, 431, 538, 574],
            """
            dns: "${var:GLOBAL_NAME}"
            type: A
            expect: {rcode: NOERROR, ttl: {max: 180s}}
            """),
        ScenarioCheck(
            "global name has its addresses", covers: [280, 434, 435, 574],
            """
            dns: "${var:GLOBAL_NAME}"
            expect: {answers: ${var:GLOBAL_ADDRESSES}}
            """),
        ScenarioCheck(
            "all clusters know the same addresses", covers: [281, 538, 547],
            """
            dns: "${var:GLOBAL_NAME}"
            servers: ${var:NAME_SERVERS}
            reach: "${var:PORT}"
            """),
        ScenarioCheck(
            "every address of the global name answers", covers: [282],
            """
            tcp: "${var:GLOBAL_NAME}:${var:PORT}"
            """),
        ScenarioCheck(
            "active site is healthy", covers: [280, 557, 561, 575],
            """
            http: "${var:ACTIVE}"
            ca: "${var:CA}"
            certificate: "${var:CERTIFICATE}"
            key: "${var:KEY}"
            expect: {status: 2xx}
            """),
        ScenarioCheck(
            "standby site is healthy", covers: [280, 512, 550, 557, 561],
            """
            http: "${var:STANDBY}"
            ca: "${var:CA}"
            certificate: "${var:CERTIFICATE}"
            key: "${var:KEY}"
            expect: {status: 2xx}
            """),
        ScenarioCheck(
            "data stay in their region", covers: [279, 283, 526],
            """
            dns: "${var:DATA_NAME}"
            expect: {within: ${var:REGION_RANGES}}
            """),
        ScenarioCheck(
            "path of the replication", covers: [548, 573],
            """
            tcp: "${var:REPLICA}"
            """),
        ScenarioCheck(
            "other cluster's inside is closed", covers: [509, 518, 521],
            """
            tcp: "${var:CLOSED}"
            expect: blocked
            """),
        ScenarioCheck(
            "other cluster's metrics can be scraped", covers: [284, 549],
            """
            http: "${var:METRICS}"
            ca: "${var:CA}"
            expect: {status: 2xx}
            """),
    ]

    private static let notProbed: [NotProbed] = [
        NotProbed(
            [508, 537], findings: ["cidr-overlap", "vip-collides-reserved", "arp-duplicate-ip"],
            "which ranges a plan of addresses gives twice stands in manifests (leadsman audit); a route that misleads shows in the way"
        ),
        NotProbed(
            [457, 572], findings: ["replication-path-broken"],
            "whether data agree is asked of the database, not of the network"),
        NotProbed(
            [510, 511, 519], findings: ["config-drift", "multicluster-export-invalid"],
            "names, drawings and reviews of what is declared: leadsman audit over the manifests of all clusters"),
        NotProbed(
            [354, 356, 363, 365], findings: ["policy-ipblock-excludes-lb-source", "policy-denies-expected-flow"],
            "which ranges a policy lets in and out stands in manifests (leadsman audit --connectivity); what it denies to here is checked at CLOSED"
        ),
        NotProbed([479], "how often Prometheus asks is seen in Prometheus; that it may ask is checked"),
        NotProbed([527], findings: ["caching-ineffective"], "the document does not say what is to be cached"),
        NotProbed([530, 546], "what the checks themselves are for: run them from each cluster, and compare"),
        NotProbed(
            [565], findings: ["failover-not-happening", "dns-ttl-delays-failover"],
            "a probe changes nothing: make the failover, and let run --duration watch the active and the standby site meanwhile"
        ),
    ]
}
