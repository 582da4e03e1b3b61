/// Document B, scenario 5: an own data centre and two clouds as one network.
extension Scenario {
    static let hybridCloud = Scenario(
        name: "hybrid-cloud", title: "On-premises, AWS and Azure as one network: reach, names, latency, links",
        document: .scenarios, variables: variables, statements: statements, checks: checks, notProbed: notProbed)

    private static let variables: [ScenarioVariable] =
        sites.flatMap { site in
            [
                ScenarioVariable(
                    "\(site.key)", .host, example: site.address, "a host of \(site.words), as the others reach it"),
                ScenarioVariable("\(site.key)_NAME", .name, example: "app.\(site.zone)", "a name of its zone"),
                ScenarioVariable("\(site.key)_DNS", .servers, example: site.server, "the name server of its zone"),
            ]
        } + [
            ScenarioVariable("PORT", .port, default: "443", "the port of the application at each location"),
            ScenarioVariable(
                "HYBRID_DNS", .servers, example: "10.0.0.53,172.16.0.53,192.168.0.53",
                "all to which CoreDNS forwards: each must know every zone"),
            ScenarioVariable("GLOBAL", .host, example: "app.hybrid.example.com", "the name that leads to any location"),
            ScenarioVariable(
                "PRIVATE", .hostPort, example: "10.0.0.1:443", "a service that must be reached by private addresses"),
            ScenarioVariable(
                "BACKUP", .hostPort, example: "10.0.0.2:443", "the same service by the other link (VPN, second circuit)"
            ),
            ScenarioVariable(
                "CLOSED", .hostPort, example: "10.0.0.9:22", "something across that must be closed to here"),
            ScenarioVariable(
                "SPEED_SERVER", .hostPort, example: "10.0.0.5:5201",
                "leadsman throughput --listen or iperf3 -s at the other end; the test fills the link for 5 s: ask first"
            ),
            ScenarioVariable(
                "LINK", .rate, default: "900Mbit", "what the link must carry (the document's 1 Gbps without headers)"),
            ScenarioVariable(
                "METRICS", .url, example: "http://10.0.3.2:9090/metrics", "what the ServiceMonitor scrapes"),
            .optional("CA", .file, example: "/etc/ssl/hybrid-ca.pem", "the authorities of these certificates"),
        ]

    private struct Site {
        let key: String
        let words: String
        let address: String
        let zone: String
        let server: String
        /// Of its zone in the document.
        let line: Int
    }

    private static let sites = [
        Site(
            key: "ON_PREM", words: "the own data centre", address: "10.0.0.1", zone: "onprem.hybrid.example.com",
            server: "10.0.0.53", line: 1290),
        Site(
            key: "AWS", words: "AWS", address: "172.16.0.1", zone: "aws.hybrid.example.com", server: "172.16.0.53",
            line: 1293),
        Site(
            key: "AZURE", words: "Azure", address: "192.168.0.1", zone: "azure.hybrid.example.com",
            server: "192.168.0.53", line: 1296),
    ]

    private static let statements: [Statement] =
        .list(
            .requirement, from: 1210, "Secure cross-cloud connectivity", "Consistent networking policies",
            "Service discovery", "Load balancing", "Disaster recovery", "Compliance monitoring", "Traffic optimization")
        + sites.map { Statement($0.line, .configuration, "domain: \"\($0.zone)\"") }
        + [
            Statement(1270, .configuration, #"- "172.16.0.0/16""#),
            Statement(1274, .configuration, #"addressPrefix: "172.16.1.0/24""#),
            Statement(1317, .configuration, "cidr: 10.0.0.0/8"), Statement(1319, .configuration, "cidr: 172.16.0.0/16"),
            Statement(1321, .configuration, "cidr: 192.168.0.0/16"), Statement(1324, .configuration, "port: 443"),
            Statement(1328, .configuration, "cidr: 10.0.0.0/8"), Statement(1330, .configuration, "cidr: 172.16.0.0/16"),
            Statement(1332, .configuration, "cidr: 192.168.0.0/16"), Statement(1348, .configuration, #""weight": 40"#),
            Statement(1352, .configuration, #""weight": 30"#), Statement(1356, .configuration, #""weight": 30"#),
            Statement(1377, .configuration, #"--bandwidth "1Gbps""#),
            Statement(1385, .configuration, #"--bandwidth "1000""#),
            Statement(1401, .configuration, "forward . 10.0.0.53 172.16.0.53 192.168.0.53"),
            Statement(1402, .configuration, "cache 30"), Statement(1416, .configuration, "interval: 30s"),
        ]
        + .list(
            .bestPractice, from: 1427, "Plan IP address spaces carefully", "Implement redundant connections",
            "Use consistent CIDR blocks", "Document network topology", "Regular connectivity testing")
        + .list(
            .bestPractice, from: 1436, "Encrypt all cross-cloud traffic", "Implement strict network policies",
            "Regular security audits", "Monitor traffic patterns", "Implement access controls")
        + .list(
            .bestPractice, from: 1445, "Use regional endpoints", "Implement caching", "Monitor latency",
            "Optimize routing", "Regular testing")
        + .list(
            .pitfall, from: 1456, "IP range conflicts", "DNS resolution problems", "Routing misconfiguration",
            "Bandwidth limitations", "Latency issues")
        + .list(
            .pitfall, from: 1465, "Complex troubleshooting", "Configuration drift", "Cost management",
            "Compliance monitoring", "Performance bottlenecks")
        + [
            Statement(1485, .alert, "alert: CrossCloudLatencyHigh"),
            Statement(1486, .alert, "hybrid_network_latency_seconds > 0.5"), Statement(1487, .alert, "for: 5m"),
            Statement(1502, .healthCheck, #"locations=("on-prem" "aws" "azure")"#),
            Statement(1504, .healthCheck, #"ping -c 1 "${loc}-endpoint""#),
        ]

    private static let checks: [ScenarioCheck] =
        sites.flatMap { checks(of: $0) } + [
            ScenarioCheck(
                "every address of the global name", covers: [1213, 1214],
                """
                tcp: "${var:GLOBAL}:${var:PORT}"
                """),
            ScenarioCheck(
                "global name speaks TLS", covers: [1210, 1436],
                """
                tls: "${var:GLOBAL}:${var:PORT}"
                ca: "${var:CA}"
                expect: {validFor: 14d, version: ["1.2", "1.3"]}
                """),
            ScenarioCheck(
                "private traffic stays private", covers: [1210, 1215, 1216],
                """
                tcp: "${var:PRIVATE}"
                expect: {within: private}
                """),
            ScenarioCheck(
                "the other link carries too", covers: [1214, 1428],
                """
                tcp: "${var:BACKUP}"
                """),
            ScenarioCheck(
                "what is not shared is closed", covers: [1211, 1437, 1440],
                """
                tcp: "${var:CLOSED}"
                expect: blocked
                """),
            ScenarioCheck(
                "bandwidth of the link", covers: [1377, 1385, 1459, 1469],
                """
                throughput: "${var:SPEED_SERVER}"
                samples: 1
                interval: 1h
                duration: 5s
                timeout: 20s
                expect: {min: "${var:LINK}"}
                """),
            ScenarioCheck(
                "metrics can be scraped", covers: [1447],
                """
                http: "${var:METRICS}"
                ca: "${var:CA}"
                expect: {status: 2xx}
                """),
        ]

    private static func checks(of site: Site) -> [ScenarioCheck] {
        [
            ScenarioCheck(
                "\(site.words) answers echoes", covers: [1431, 1502, 1504],
                """
                icmp: "${var:\(site.key)}"
                samples: 5
                """),
            ScenarioCheck(
                "\(site.words) is reached in time",
                covers: [1210, 1324, 1445, 1447, 1449, 1460, 1485, 1486, 1487],
                """
                tcp: "${var:\(site.key)}:${var:PORT}"
                samples: 20
                expect: {latency: {p95: 500ms, for: 5m}}
                """),
            ScenarioCheck(
                "way to \(site.words)", covers: [1448, 1458],
                """
                trace: "${var:\(site.key)}"
                interval: 1s
                port: "${var:PORT}"
                """),
            ScenarioCheck(
                "names of \(site.words) by their own server", covers: [1212, site.line, 1457],
                """
                dns: "${var:\(site.key)_NAME}"
                servers: ${var:\(site.key)_DNS}
                """),
            ScenarioCheck(
                "names of \(site.words) by every forwarder", covers: [1212, 1401, 1457],
                """
                dns: "${var:\(site.key)_NAME}"
                servers: ${var:HYBRID_DNS}
                reach: "${var:PORT}"
                severity: error
                """),
        ]
    }

    private static let notProbed: [NotProbed] = [
        NotProbed(
            [1427, 1429, 1456], findings: ["cidr-overlap", "vip-collides-reserved"],
            "which ranges are given twice stands in manifests (leadsman audit); a route that misleads shows in the way"),
        NotProbed(
            [1430, 1438, 1466, 1468], findings: ["config-drift", "compliance-evidence"],
            "drawings, reviews and drift of what is declared: leadsman audit over the manifests of all locations; a kept report is evidence"
        ),
        NotProbed(
            [1439], findings: ["cross-cloud-unencrypted", "unrestricted-egress"],
            "what others send is seen by a capture (leadsman capture)"),
        NotProbed(
            [1270, 1274], findings: ["cidr-overlap"],
            "the ranges of a VNet are asked of Azure; that two ranges overlap stands in manifests (leadsman audit)"),
        NotProbed(
            [1317, 1319, 1321, 1328, 1330, 1332],
            findings: ["policy-ipblock-excludes-lb-source", "policy-denies-expected-flow"],
            "which ranges a policy lets in and out stands in manifests (leadsman audit --connectivity); what it denies to here is checked at CLOSED"
        ),
        NotProbed(
            [1348, 1352, 1356], findings: ["lb-uneven"],
            "shares of traffic show in the balancer's own figures; that every location answers is checked"),
        NotProbed(
            [1402], findings: ["caching-ineffective"],
            "how long CoreDNS keeps an answer shows only to who asks it again: leadsman dns NAME --samples 40"),
        NotProbed([1416], "how often Prometheus asks is seen in Prometheus; that it may ask is checked"),
        NotProbed([1446], findings: ["caching-ineffective"], "the document does not say what is to be cached"),
        NotProbed([1465], "what the checks themselves are for: run them from each location, and compare"),
        NotProbed([1467], findings: ["cross-zone-egress"], "costs are not on the network"),
    ]
}
