import Auditing
import Diagnosis
import Planning
import Testing

/// dns-forward-inconsistent-upstreams, dns-ttl-delays-failover, dns-stale-record, dns-resolvconf-invalid.
@Suite struct DNSDeclarationTests {
    private static func found(_ id: String, _ text: String) -> [Finding] { audit(text).filter { $0.id == id } }

    private static let zones = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: zones, namespace: kube-system}
        data:
          zones.conf: |
            zones:
              - name: "on-prem"
                domain: "onprem.example.com"
                servers: ["10.0.0.53"]
              - name: "aws"
                domain: "aws.example.com"
                servers:
                - 172.16.0.53
        ---

        """

    private static func coredns(_ forward: String) -> String {
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: coredns-custom, namespace: kube-system}
        data:
          hybrid.server: |
            example.com:53 {
                errors
                \(forward)
                cache 30
            }
        ---

        """
    }

    private static let forward = "dns-forward-inconsistent-upstreams"

    @Test func serversOfTwoZonesInOneForward_areToldAtTheLine() throws {
        let text = Self.zones + Self.coredns("forward . 10.0.0.53 172.16.0.53")
        let finding = try #require(Self.found(Self.forward, text).first)
        #expect(finding.location?.line == text.line(of: "forward ."))
        let patch = try #require(finding.patch)
        #expect(patch.contains("onprem.example.com:53 {\n        forward . 10.0.0.53\n"))
        #expect(Self.found(Self.forward, Self.zones + patch).isEmpty)
    }

    @Test(arguments: [
        zones + coredns("forward . 10.0.0.53"),
        zones + coredns("forward . 10.0.0.53 10.0.0.54 {\n            policy sequential\n        }"),
        coredns("forward . 10.0.0.53 172.16.0.53"),
        zones.replacing("aws.example.com", with: "onprem.example.com") + coredns("forward . 10.0.0.53 172.16.0.53"),
        zones,
    ])
    func replicas_areSilent(text: String) {
        #expect(Self.found(Self.forward, text).isEmpty)
    }

    private static func record(_ ttl: Int, _ targets: String, more: String = "") -> String {
        """
        apiVersion: externaldns.k8s.io/v1alpha1
        kind: DNSEndpoint
        metadata: {name: shop, namespace: shop}
        spec:
          endpoints:
          - dnsName: shop.example.com
            recordTTL: \(ttl)
            recordType: A
            targets: [\(targets)]
        \(more)
        """
    }

    @Test func aLongTTLOfTwoAddresses_isTold() throws {
        let text = Self.record(180, "198.51.100.1, 198.51.100.2")
        let finding = try #require(Self.found("dns-ttl-delays-failover", text).first)
        #expect(finding.location?.line == 7 && finding.severity == .warning)
        #expect(Self.found("dns-ttl-delays-failover", finding.patch ?? "").isEmpty && finding.patch?.isEmpty == false)
        #expect(Self.found("dns-stale-record", text).map { $0.location?.line } == [9])
    }

    @Test func aShortTTLAndHealthChecks_areSilent() {
        let text = Self.record(
            30, "198.51.100.1, 198.51.100.2",
            more: "    providerSpecific: [{name: aws/health-check-id, value: abc}]")
        #expect(Self.found("dns-ttl-delays-failover", text).isEmpty && Self.found("dns-stale-record", text).isEmpty)
        let single = Self.record(3600, "198.51.100.1")
        #expect(Self.found("dns-ttl-delays-failover", single).isEmpty && Self.found("dns-stale-record", single).isEmpty)
    }

    private static func pod(_ spec: String) -> String {
        Shop.pod("web", "app: web").replacing(
            "    spec:\n      containers:",
            with: "    spec:\n\(spec)\n      containers:"
        ).replacing("image: c:1", with: "image: c:1\n        env: [{name: DB_HOST, value: db}]")
            + Shop.service("db", "app: db", "{port: 5432}")
    }

    private static let resolver = "dns-resolvconf-invalid"

    @Test(arguments: ["      hostNetwork: true", "      dnsPolicy: Default"])
    func aResolverThatKnowsNoServices_isTold(line: String) {
        let text = Self.pod(line)
        #expect(Self.found(Self.resolver, text).map { $0.location?.line } == [text.line(of: line)])
    }

    @Test(arguments: [
        "      hostNetwork: true\n      dnsPolicy: ClusterFirstWithHostNet", "      dnsPolicy: ClusterFirst",
        "      dnsPolicy: None\n      dnsConfig: {nameservers: [10.96.0.10]}",
    ])
    func aResolverThatDoes_isSilent(lines: String) {
        #expect(Self.found(Self.resolver, Self.pod(lines)).isEmpty)
    }

    /// kube-proxy and the like: on the node, and without a word of a Service.
    @Test func aNodesPodWithoutServices_isSilent() {
        let text = Self.pod("      hostNetwork: true").replacing("value: db}", with: "value: localhost}")
        #expect(Self.found(Self.resolver, text).isEmpty)
    }

    @Test func loopbackAndFourServers_areTold() {
        let stub = Self.pod("      dnsPolicy: None\n      dnsConfig: {nameservers: [127.0.0.53]}")
        #expect(Self.found(Self.resolver, stub).map(\.severity) == [.error])
        #expect(Self.found(Self.resolver, stub.replacing("containerPort: 8080", with: "containerPort: 53")).isEmpty)
        let many = Self.pod("      dnsConfig: {nameservers: [10.0.0.1, 10.0.0.2, 10.0.0.3]}")
        #expect(Self.found(Self.resolver, many).map(\.severity) == [.warning])
        #expect(
            Self.found(Self.resolver, many.replacing("dnsConfig:", with: "dnsPolicy: None\n      dnsConfig:")).isEmpty)
    }
}
