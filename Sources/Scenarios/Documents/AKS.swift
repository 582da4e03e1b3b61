/// Document A: what goes wrong in the network of an AKS cluster, and what its owners should do.
extension Scenario {
    static let aks = Scenario(
        name: "aks", title: "AKS: names, ways out, policies, load balancers, private endpoints, exposure",
        document: .aks, variables: variables, statements: statements, checks: checks, notProbed: notProbed)

    private static let variables: [ScenarioVariable] = [
        ScenarioVariable("CLUSTER_DNS", .servers, example: "10.0.0.10", "the cluster's name servers"),
        ScenarioVariable("CLUSTER_DOMAIN", .word, default: "cluster.local", "the cluster's domain"),
        ScenarioVariable("CUSTOM_NAME", .name, example: "db.corp.example.com", "a name of your own DNS servers"),
        ScenarioVariable(
            "SERVICE", .hostPort, example: "api.prod.svc.cluster.local:8080", "a Service that this vantage must reach"),
        ScenarioVariable(
            "DENIED", .hostPort, example: "api.other.svc.cluster.local:8080", "a Service that must be closed to it"),
        ScenarioVariable(
            "EXTERNAL", .url, example: "https://mcr.microsoft.com/v2/", "something outside that is needed"),
        ScenarioVariable(
            "FORBIDDEN", .hostPort, example: "example.org:443", "something outside that must be closed"),
        ScenarioVariable(
            "HEADLESS", .name, example: "db.prod.svc.cluster.local",
            "a headless Service: it leads to the pods themselves"),
        ScenarioVariable(
            "INTERNAL_LB", .hostPort, example: "10.240.0.42:443", "an internal load balancer: it has private addresses"),
        ScenarioVariable(
            "HEADLESS_PODS", .answers, example: "10.244.1.7,10.244.2.9",
            "the addresses of its pods: kubectl get endpointslices -l kubernetes.io/service-name=NAME"),
        ScenarioVariable("PUBLIC", .host, example: "shop.example.com", "the host of the public load balancer"),
        ScenarioVariable(
            "PRIVATE_ENDPOINT", .hostPort, example: "store.blob.core.windows.net:443",
            "an Azure service that is used by a private endpoint"),
        ScenarioVariable(
            "METADATA", .hostPort, example: "169.254.169.254:80", "the metadata service, which pods need not reach"),
        ScenarioVariable("REMOTE", .hostPort, example: "10.4.0.1:443", "a service of another cluster"),
        ScenarioVariable("ON_PREM", .hostPort, example: "192.168.10.5:443", "a service on premises"),
        ScenarioVariable("WAY", .host, example: "10.4.0.1", "a host for the way, packet sizes and losses"),
        ScenarioVariable(
            "SPEED_SERVER", .hostPort, example: "10.240.0.9:5201",
            "leadsman throughput --listen or iperf3 -s; the test fills the path for 5 s: ask first"),
        ScenarioVariable("RATE", .rate, example: "1Gbit", "what must pass there"),
        ScenarioVariable(
            "SNAT_TARGET", .hostPort, example: "api.example.com:443",
            "a service outside at which 200 connections at once may be opened: ask who runs it first"),
        .optional("CA", .file, example: "/etc/ssl/ca.pem", "the authorities of these certificates"),
    ]

    private static let statements: [Statement] =
        .list(
            .pitfall, from: 7, "DNS resolution problems", "Outbound internet access restrictions",
            "Service discovery limitations")
        + .list(
            .bestPractice, from: 12, "Implement custom DNS configurations", "Configure Network Security Groups (NSG)",
            "Optimize network policies", "Ensure proper subnet and IP allocation")
        + .list(
            .pitfall, from: 20, "Ingress and egress traffic control", "Service-to-service communication",
            "External service access restrictions")
        + .list(
            .bestPractice, from: 25, "Implement granular network policies", "Use Kubernetes Network Policies",
            "Leverage Azure Network Policies", "Configure service endpoints")
        + .list(
            .pitfall, from: 33, "Inefficient CNI configuration", "Suboptimal IP allocation",
            "Bandwidth and latency issues")
        + .list(
            .bestPractice, from: 38, "Choose appropriate CNI plugin", "Optimize subnet sizing",
            "Implement network performance monitoring", "Use Azure CNI with advanced features")
        + .list(
            .pitfall, from: 46, "Inefficient load balancer configuration", "Complex service discovery",
            "High availability requirements")
        + .list(
            .bestPractice, from: 51, "Use Azure Load Balancer", "Implement internal load balancers",
            "Configure service annotations", "Utilize headless services")
        + .list(
            .pitfall, from: 59, "Unrestricted network access", "Potential vulnerability exposures",
            "Compliance and governance issues")
        + .list(
            .bestPractice, from: 64, "Implement Azure Firewall", "Use network policies",
            "Configure strict ingress/egress rules", "Implement network logging and monitoring")
        + furtherStatements

    private static let furtherStatements: [Statement] =
        .list(
            .requirement, from: 72, "Comprehensive network diagnostics", "Packet capture and analysis",
            "Performance monitoring", "Connectivity testing")
        + .list(
            .requirement, from: 78, "Kubernetes network debugging pods", "Azure Network Watcher",
            "Packet capture utilities", "Logging and monitoring solutions")
        + .list(
            .bestPractice, from: 86, "Minimize unnecessary network resources", "Optimize load balancer usage",
            "Reduce egress traffic", "Implement efficient network design")
        + .list(
            .bestPractice, from: 92, "Consolidate network resources", "Use shared ingress controllers",
            "Implement caching mechanisms", "Leverage Azure CDN")
        + .list(
            .requirement, from: 100, "Multi-cluster networking", "Hybrid cloud connectivity",
            "Advanced routing configurations", "Global server load balancing")
        + .list(
            .bestPractice, from: 106, "Use Azure Virtual Network (VNet) integration",
            "Implement service mesh technologies", "Configure advanced routing policies",
            "Explore multi-cluster networking solutions")
        + .list(
            .bestPractice, from: 114, "Regular network configuration reviews", "Continuous performance monitoring",
            "Stay updated with AKS networking features", "Implement automated network testing")
        + .list(
            .bestPractice, from: 120, "Implement infrastructure as code", "Use automated network policy management",
            "Conduct regular security audits", "Maintain comprehensive documentation")

    private static let checks: [ScenarioCheck] = [
        ScenarioCheck(
            "names of the cluster", covers: [7, 9, 47],
            """
            dns: "kubernetes.default.svc.${var:CLUSTER_DOMAIN}"
            type: A
            servers: ${var:CLUSTER_DNS}
            samples: 10
            expect: {rcode: NOERROR}
            """),
        ScenarioCheck(
            "names of your own servers", covers: [7, 12],
            """
            dns: "${var:CUSTOM_NAME}"
            servers: ${var:CLUSTER_DNS}
            """),
        ScenarioCheck(
            "Service answers", covers: [9, 13, 14, 20, 21, 47, 75],
            """
            tcp: "${var:SERVICE}"
            """),
        ScenarioCheck(
            "latency of the Service", covers: [35, 40, 74, 115],
            """
            tcp: "${var:SERVICE}"
            samples: 20
            expect: {latency: {p95: 2s, for: 5m}}
            """),
        ScenarioCheck(
            "what policies deny is closed", covers: [20, 25, 26, 27, 59, 65, 66],
            """
            tcp: "${var:DENIED}"
            expect: blocked
            """),
        ScenarioCheck(
            "way out of the cluster", covers: [8, 13, 22],
            """
            http: "${var:EXTERNAL}"
            ca: "${var:CA}"
            expect: {status: [2xx, 3xx, 401]}
            """),
        ScenarioCheck(
            "way out is closed for the rest", covers: [20, 59, 64, 66],
            """
            tcp: "${var:FORBIDDEN}"
            expect: blocked
            """),
        ScenarioCheck(
            "headless Service leads to pods", covers: [47, 54],
            """
            dns: "${var:HEADLESS}"
            expect: {answers: ${var:HEADLESS_PODS}, within: private}
            """),
        ScenarioCheck(
            "internal load balancer is private", covers: [46, 51, 52, 53],
            """
            tcp: "${var:INTERNAL_LB}"
            expect: {within: private}
            """),
        ScenarioCheck(
            "every address of the public load balancer", covers: [46, 48, 51, 103],
            """
            tcp: "${var:PUBLIC}:443"
            """),
        ScenarioCheck(
            "certificate of the public load balancer", covers: [60],
            """
            tls: "${var:PUBLIC}:443"
            ca: "${var:CA}"
            expect: {validFor: 14d, version: ["1.2", "1.3"]}
            """),
        ScenarioCheck(
            "Azure service by its private endpoint", covers: [28, 88, 106],
            """
            tcp: "${var:PRIVATE_ENDPOINT}"
            expect: {within: private}
            """),
        ScenarioCheck(
            "metadata service is closed to pods", covers: [60, 66], labels: ["outbound: metadata"],
            """
            http: "http://${var:METADATA}/metadata/instance?api-version=2021-02-01"
            headers: {Metadata: "true"}
            keep: status
            samples: 1
            expect: blocked
            """),
        ScenarioCheck(
            "other cluster is reached", covers: [100, 109],
            """
            tcp: "${var:REMOTE}"
            """),
        ScenarioCheck(
            "on-premises is reached", covers: [101],
            """
            tcp: "${var:ON_PREM}"
            """),
        ScenarioCheck(
            "way", covers: [72, 102, 108],
            """
            trace: "${var:WAY}"
            interval: 1s
            """),
        ScenarioCheck(
            "losses on the way", covers: [33, 35, 75],
            """
            icmp: "${var:WAY}"
            samples: 20
            expect: {loss: 1%}
            """),
        ScenarioCheck(
            "packet sizes on the way", covers: [33, 38, 41],
            """
            mtu: "${var:WAY}"
            samples: 1
            interval: 5m
            timeout: 10s
            """),
        ScenarioCheck(
            "bandwidth", covers: [35, 40],
            """
            throughput: "${var:SPEED_SERVER}"
            samples: 1
            interval: 1h
            duration: 5s
            timeout: 20s
            expect: {min: "${var:RATE}"}
            """),
        ScenarioCheck(
            "ports of the way out", covers: [8, 88],
            """
            flows: "${var:SNAT_TARGET}"
            samples: 1
            interval: 1h
            count: 200
            timeout: 20s
            """),
    ]

    private static let notProbed: [NotProbed] = [
        NotProbed(
            [15, 34, 39], findings: ["ip-pool-exhausted", "cidr-overlap"],
            "how many addresses a subnet has left is asked of Azure; overlapping ranges stand in manifests (leadsman audit)"
        ),
        NotProbed(
            [67, 73, 80, 81], findings: ["cross-cloud-unencrypted", "unrestricted-egress"],
            "leadsman capture and pcap, and run --evidence, which keeps the checks' own packets"),
        NotProbed([78, 79], "Leadsman runs in such a pod; Network Watcher shows what Azure's own switches do"),
        NotProbed(
            [86, 87, 89, 92, 93], findings: ["lb-sprawl", "cross-zone-egress"],
            "costs: how many load balancers and addresses are declared stands in manifests (leadsman audit)"),
        NotProbed([94, 95], findings: ["caching-ineffective"], "the document does not say what is to be cached"),
        NotProbed([107], findings: ["mesh-sidecar-missing", "mtls-required"], "the scenario service-mesh"),
        NotProbed([116, 123], "not on the network"),
        NotProbed(
            [61, 114, 117, 120, 121, 122], findings: ["config-drift", "compliance-evidence"],
            "leadsman audit and run in the pipeline, at each change and by the clock; kept reports are the evidence"),
    ]
}
