/// Document B, scenario 4: factories that work by themselves and send their data to a cloud.
extension Scenario {
    static let edge = Scenario(
        name: "edge", title: "Edge locations: local services, the uplink, synchronisation, nodes that are down",
        document: .scenarios, variables: variables, statements: statements, checks: checks, notProbed: notProbed)

    private static let variables: [ScenarioVariable] = [
        ScenarioVariable(
            "PROCESSOR", .hostPort, example: "edge-processor.edge-processing.svc.cluster.local:8080",
            "the local data processor, as sensors reach it"),
        ScenarioVariable(
            "LOCAL_LATENCY", .span, example: "20ms",
            "the most that 95 % of the connections to the processor may take (the document has no number)"),
        ScenarioVariable(
            "NODE_EXPORTER", .url, example: "http://192.168.1.10:9100/metrics", "what says that the edge node is up"),
        ScenarioVariable("NODE", .host, example: "192.168.1.10", "the edge node, for echoes"),
        ScenarioVariable(
            "VIP", .hostPort, example: "192.168.1.240:80",
            "a Service at an address of the local pool (192.168.1.240-250)"),
        ScenarioVariable("CLUSTER_DNS", .servers, example: "10.43.0.10", "the edge cluster's name servers"),
        ScenarioVariable(
            "LOCAL_NAME", .name, example: "edge-processor.edge-processing.svc.cluster.local", "a local name"),
        ScenarioVariable(
            "CLOUD", .url, example: "https://sync.example.com/health", "the cloud end of the synchronisation"),
        ScenarioVariable("CLOUD_HOST", .host, example: "sync.example.com", "the same host, for the way to it"),
        ScenarioVariable(
            "CLOUD_TLS", .hostPort, example: "sync.example.com:443", "the same end, for its certificate"),
        ScenarioVariable(
            "SYNC_STATUS", .url, example: "http://192.168.1.10:8081/sync",
            "what answers 2xx as long as nothing waits longer than 30 minutes (check.sh behind HTTP)"),
        ScenarioVariable("MANAGEMENT", .hostPort, example: "mgmt.example.com:6443", "the central control plane"),
        ScenarioVariable(
            "CLOSED", .hostPort, example: "203.0.113.7:443", "something outside that egress must be closed to"),
        ScenarioVariable("CLOCK", .hostPort, example: "192.168.1.1:123", "the time server"),
        ScenarioVariable(
            "SPEED_SERVER", .hostPort, example: "198.51.100.5:5201",
            "leadsman throughput --listen or iperf3 -s at the cloud end; the test fills the uplink for 5 s: ask first"),
        ScenarioVariable("UPLINK", .rate, example: "20Mbit", "what the uplink is declared to carry"),
        .optional("CA", .file, example: "/etc/ssl/edge-ca.pem", "the authorities of these certificates"),
    ]

    private static let statements: [Statement] =
        .list(
            .requirement, from: 896, "Local data processing", "Low latency networking", "Offline operation capability",
            "Data synchronization", "Security compliance", "Resource optimization", "Remote management")
        + [
            Statement(947, .configuration, #"global.clusterDNS: "10.43.0.10""#),
            Statement(1008, .configuration, #"schedule: "*/15 * * * *""#),
            Statement(1020, .configuration, "name: sync-config"),
            Statement(1050, .configuration, "port: 8080"), Statement(1054, .configuration, "cidr: 10.0.0.0/8"),
            Statement(1073, .configuration, "192.168.1.240-192.168.1.250"),
        ]
        + .list(
            .bestPractice, from: 1123, "Implement resource limits", "Use local storage efficiently",
            "Configure proper scheduling", "Monitor resource usage", "Implement cleanup policies")
        + .list(
            .bestPractice, from: 1132, "Use appropriate CNI plugin", "Implement traffic prioritization",
            "Configure proper MTU", "Monitor bandwidth usage", "Optimize DNS caching")
        + .list(
            .bestPractice, from: 1141, "Secure edge communication", "Implement access controls",
            "Regular security updates", "Monitor security events", "Encrypt sensitive data")
        + .list(
            .pitfall, from: 1152, "Bandwidth limitations", "Latency problems", "DNS resolution issues",
            "Network partitioning", "Synchronization failures")
        + .list(
            .pitfall, from: 1161, "Storage limitations", "CPU/Memory pressure", "Network bottlenecks",
            "Power constraints", "Temperature issues")
        + [
            Statement(1181, .alert, "alert: EdgeNodeDown"), Statement(1182, .alert, #"up{job="edge-node"} == 0"#),
            Statement(1183, .alert, "for: 5m"), Statement(1185, .alert, "severity: critical"),
            Statement(1198, .healthCheck, "find /data -mmin +30 -type f"),
        ]

    private static let checks: [ScenarioCheck] = [
        ScenarioCheck(
            "local processor answers", covers: [896, 898, 1050],
            """
            tcp: "${var:PROCESSOR}"
            """),
        ScenarioCheck(
            "local latency", covers: [897, 1153],
            """
            tcp: "${var:PROCESSOR}"
            samples: 20
            expect: {latency: {p95: "${var:LOCAL_LATENCY}"}}
            """),
        ScenarioCheck(
            "edge node is up", covers: [1181, 1182, 1183, 1185],
            """
            http: "${var:NODE_EXPORTER}"
            severity: critical
            keep: status
            expect: {status: 2xx}
            """),
        ScenarioCheck(
            "edge node answers echoes", covers: [1155, 1163],
            """
            icmp: "${var:NODE}"
            samples: 10
            expect: {loss: 0%}
            """),
        ScenarioCheck(
            "address of the local pool", covers: [1073],
            """
            tcp: "${var:VIP}"
            """),
        ScenarioCheck(
            "local names", covers: [898, 947, 1136, 1154],
            """
            dns: "${var:LOCAL_NAME}"
            servers: ${var:CLUSTER_DNS}
            samples: 10
            """),
        ScenarioCheck(
            "cloud end of the synchronisation", covers: [899, 1020, 1154, 1155, 1156],
            """
            http: "${var:CLOUD}"
            ca: "${var:CA}"
            expect: {status: 2xx}
            """),
        ScenarioCheck(
            "certificate of the cloud end", covers: [900, 1141, 1145],
            """
            tls: "${var:CLOUD_TLS}"
            ca: "${var:CA}"
            expect: {validFor: 14d, version: ["1.2", "1.3"]}
            """),
        ScenarioCheck(
            "losses and latency of the uplink", covers: [1153, 1155],
            """
            icmp: "${var:CLOUD_HOST}"
            samples: 20
            expect: {loss: 1%, latency: {p95: 500ms, for: 5m}}
            """),
        ScenarioCheck(
            "packet sizes of the uplink", covers: [1132, 1134],
            """
            mtu: "${var:CLOUD_HOST}"
            samples: 1
            interval: 5m
            timeout: 10s
            """),
        ScenarioCheck(
            "way to the cloud", covers: [1155],
            """
            trace: "${var:CLOUD_HOST}"
            interval: 1s
            expect: {reaches: true}
            """),
        ScenarioCheck(
            "bandwidth of the uplink", covers: [901, 1135, 1152, 1163],
            """
            throughput: "${var:SPEED_SERVER}"
            samples: 1
            interval: 1h
            duration: 5s
            timeout: 20s
            expect: {min: "${var:UPLINK}"}
            """),
        ScenarioCheck(
            "nothing waits too long", covers: [899, 1008, 1156, 1198],
            """
            http: "${var:SYNC_STATUS}"
            ca: "${var:CA}"
            expect: {status: 2xx}
            """),
        ScenarioCheck(
            "control plane is reached", covers: [902, 1155],
            """
            tcp: "${var:MANAGEMENT}"
            """),
        ScenarioCheck(
            "egress is closed", covers: [900, 1054, 1142],
            """
            tcp: "${var:CLOSED}"
            expect: blocked
            """),
        ScenarioCheck(
            "clock", covers: [1156],
            """
            udp: "${var:CLOCK}"
            service: ntp
            """),
    ]

    private static let notProbed: [NotProbed] = [
        NotProbed(
            [898], findings: ["offline-dependency"],
            "that the location works alone shows while it is alone: cut the uplink, and run the checks of PROCESSOR, LOCAL_NAME, CLUSTER_DNS and VIP only"
        ),
        NotProbed(
            [1123, 1125, 1126, 1162], findings: ["node-resource-pressure", "vantage-throttled"],
            "limits stand in manifests; pressure on its own node each run sees by itself, and says where its figures suffer"
        ),
        NotProbed([1124, 1127, 1161], "disks are not on the network"),
        NotProbed(
            [1133], findings: ["bandwidth-limited", "bufferbloat"],
            "which traffic goes first is set in routers; that small packets wait behind large ones shows as bufferbloat where SPEED_SERVER is given"
        ),
        NotProbed([1143, 1144], "updates and the events of others"),
        NotProbed(
            [1164, 1165],
            "power and temperature are not observable from a network: a node that fails of them is down, and that is checked"
        ),
    ]
}
