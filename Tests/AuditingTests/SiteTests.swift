import Auditing
import Diagnosis
import Planning
import Testing

/// cidr-overlap, vip-collides-reserved, ip-pool-exhausted, failover-not-happening, sync-delayed, sync-endpoint-unreachable,
/// offline-dependency, replication-path-broken.
@Suite struct SiteTests {
    private static func found(_ id: String, _ text: String, file: String = "a.yaml") -> [Finding] {
        audit(text, file: file).filter { $0.id == id }
    }

    private static func chart(_ name: String, pods: String, services: String) -> String {
        """
        apiVersion: helm.cattle.io/v1
        kind: HelmChart
        metadata: {name: \(name), namespace: kube-system}
        spec:
          set:
            global.clusterCIDR: "\(pods)"
            global.serviceCIDR: "\(services)"
        ---

        """
    }

    private static func route(_ range: String) -> String {
        """
        apiVersion: eks.aws.k8s.io/v1alpha1
        kind: TransitGatewayConfig
        metadata: {name: transit}
        spec: {routes: [{destinationCidrBlock: "\(range)"}]}
        ---

        """
    }

    @Test func aRouteOverAClustersOwnRanges_isTold() {
        let text = Self.chart("edge", pods: "10.42.0.0/16", services: "10.43.0.0/16") + Self.route("10.0.0.0/8")
        let findings = Self.found("cidr-overlap", text)
        #expect(findings.places == ["cidr-overlap:6"] && findings.map(\.confidence) == [.possible])
    }

    @Test func rangesThatMeetNowhere_areSilent() {
        let chart = Self.chart("edge", pods: "10.42.0.0/16", services: "10.43.0.0/16")
        #expect(Self.found("cidr-overlap", chart + Self.route("10.128.0.0/9")).isEmpty)
        #expect(
            Self.found("cidr-overlap", chart + Self.chart("b", pods: "10.52.0.0/16", services: "10.53.0.0/16")).isEmpty)
    }

    @Test func podsAndServicesOfOneCluster_mustNotMeet() {
        let findings = Self.found("cidr-overlap", Self.chart("edge", pods: "10.42.0.0/15", services: "10.43.0.0/16"))
        #expect(findings.map(\.confidence) == [.certain] && findings.map { $0.location?.line } == [7])
    }

    /// Without a way between them two clusters may use the same ranges.
    @Test func theSameRangesInTwoClusters_areANote() {
        let text =
            Self.chart("a", pods: "10.42.0.0/16", services: "10.43.0.0/16")
            + Self.chart("b", pods: "10.42.0.0/16", services: "10.53.0.0/16")
        #expect(Self.found("cidr-overlap", text).map(\.severity) == [.info])
        let joined = text + "apiVersion: multicluster.x-k8s.io/v1alpha1\nkind: ServiceExport\nmetadata: {name: web}\n"
        #expect(Self.found("cidr-overlap", joined).map(\.severity) == [.warning])
    }

    private static func imported(_ address: String) -> String {
        "apiVersion: multicluster.x-k8s.io/v1alpha1\nkind: ServiceImport\nmetadata: {name: web, namespace: shop}\nspec:\n  ips:\n  - \(address)\n---\n"
    }

    @Test func theAPIServersAddress_isTold() {
        #expect(Self.found("vip-collides-reserved", Self.imported("10.96.0.1")).places == ["vip-collides-reserved:6"])
        #expect(Self.found("vip-collides-reserved", Self.imported("10.96.0.7")).isEmpty)
        let own = Self.chart("edge", pods: "10.42.0.0/16", services: "10.50.0.0/16")
        #expect(Self.found("vip-collides-reserved", own + Self.imported("10.50.0.1")).map(\.confidence) == [.certain])
        let api =
            "apiVersion: v1\nkind: Service\nmetadata: {name: kubernetes, namespace: default}\nspec: {clusterIP: 10.96.0.1}\n"
        #expect(Self.found("vip-collides-reserved", api).isEmpty)
    }

    @Test func aSubnetForAHandfulOfNodes_isTold() {
        let network = { (range: String, name: String) in
            "apiVersion: network.azure.com/v1alpha1\nkind: VirtualNetwork\nmetadata: {name: v}\nspec:\n  subnets:\n  - name: \(name)\n    properties: {addressPrefix: \(range)}\n"
        }
        let findings = Self.found("ip-pool-exhausted", network("172.16.1.0/24", "aks-subnet"))
        #expect(findings.places == ["ip-pool-exhausted:7"] && findings.first?.summary.contains("7 nodes") == true)
        #expect(Self.found("ip-pool-exhausted", network("172.16.0.0/20", "aks-subnet")).isEmpty)
        #expect(Self.found("ip-pool-exhausted", network("172.16.1.0/24", "gateway")).isEmpty)
    }

    @Test func aNodeWithMorePodsThanAddresses_isTold() {
        let node = { (range: String) in
            "apiVersion: v1\nkind: Node\nmetadata: {name: n}\nspec: {podCIDR: \(range)}\nstatus: {capacity: {pods: \"110\"}}\n"
        }
        #expect(Self.found("ip-pool-exhausted", node("10.0.1.0/26")).map(\.confidence) == [.certain])
        #expect(Self.found("ip-pool-exhausted", node("10.0.1.0/24")).isEmpty)
    }

    private static func guide(_ shell: String) -> String { "```bash\n\(shell)\n```\n" }

    @Test func aFailoverByAnnotation_isTold() {
        let patch = "kubectl patch svc web \\\n  -p '{\"metadata\":{\"annotations\":{\"%\":\"eu\"}}}'"
        let unknown = Self.guide(patch.replacing("%", with: "lb.example/active"))
        #expect(Self.found("failover-not-happening", unknown, file: "g.md").places == ["failover-not-happening:2"])
        for other in ["service.beta.kubernetes.io/azure-active", "example.com/owner"] {
            #expect(
                Self.found("failover-not-happening", Self.guide(patch.replacing("%", with: other)), file: "g.md")
                    .isEmpty)
        }
        let annotate = Self.guide("kubectl annotate service web lb.example/failover=eu")
        #expect(Self.found("failover-not-happening", annotate, file: "g.md").count == 1)
    }

    private static func check(_ find: String) -> String {
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: sync-check}\ndata:\n  check.sh: |\n    #!/bin/bash\n    if [[ $(\(find)) ]]; then exit 1; fi\n---\n"
    }

    private static func job(_ mount: String, schedule: String = "*/15 * * * *") -> String {
        """
        apiVersion: batch/v1
        kind: CronJob
        metadata: {name: data-sync}
        spec:
          schedule: "\(schedule)"
          jobTemplate:
            spec:
              template:
                spec:
                  containers:
                  - name: sync
                    image: sync:v1
                    \(mount)
        """
    }

    @Test func aCheckOfAnyOldFile_isTold() {
        let old = Self.check("find /data -mmin +30 -type f")
        #expect(Self.found("sync-delayed", old).places == ["sync-delayed:7"])
        #expect(Self.found("sync-delayed", Self.check("find /data -newer /data/.last-success -mmin +30")).isEmpty)
    }

    @Test func aJobThatDoesNotSeeTheFiles_isTold() {
        let check = Self.check("find /data -newer /data/.last-success -mmin +30")
        let mount = "volumeMounts: [{name: data, mountPath: /data}]"
        #expect(Self.found("sync-delayed", check + Self.job("env: []")).map(\.subject) == ["CronJob data-sync"])
        #expect(Self.found("sync-delayed", check + Self.job(mount)).isEmpty)
        #expect(Self.found("sync-delayed", check + Self.job(mount, schedule: "0 * * * *")).count == 1)
        #expect(Self.found("sync-delayed", Self.job("env: []")).isEmpty)
    }

    private static func edge(_ cidr: String) -> String {
        Shop.policy(
            "edge",
            "  podSelector: {matchLabels: {app: edge}}\n  egress:\n  - to:\n    - ipBlock:\n        cidr: \(cidr)")
    }

    private static func sender(_ value: String) -> String {
        Shop.pod("edge", "app: edge").replacing(
            "image: c:1", with: "image: c:1\n        env: [{name: CLOUD_ENDPOINT, value: \(value)}]")
    }

    @Test func aPublicEndpointBehindPrivateEgress_isTold() {
        let text = Self.edge("10.0.0.0/8") + Self.sender("\"https://203.0.113.5/upload\"")
        let findings = Self.found("sync-endpoint-unreachable", text)
        #expect(findings.places == ["sync-endpoint-unreachable:11"] && findings.map(\.confidence) == [.likely])
        #expect(
            Self.found("sync-endpoint-unreachable", Self.edge("10.0.0.0/8") + Self.sender("\"https://10.1.1.1\""))
                .isEmpty)
        #expect(
            Self.found("sync-endpoint-unreachable", Self.edge("0.0.0.0/0") + Self.sender("\"https://203.0.113.5\""))
                .isEmpty)
        #expect(Self.found("sync-endpoint-unreachable", Self.edge("10.0.0.0/8")).isEmpty)
    }

    @Test func anImageThatIsPulledAtTheEdge_isTold() {
        let pod = { (selector: String, image: String) in
            Shop.pod("edge", "app: edge").replacing(
                "      containers:", with: "      nodeSelector: {\(selector): x}\n      containers:"
            ).replacing("image: c:1", with: "image: \(image)")
        }
        #expect(Self.found("offline-dependency", pod("edge-location", "registry.example.com:5000/c")).count == 1)
        #expect(Self.found("offline-dependency", pod("edge-location", "c:latest")).count == 1)
        #expect(Self.found("offline-dependency", pod("edge-location", "c:1")).isEmpty)
        #expect(Self.found("offline-dependency", pod("zone", "c:latest")).isEmpty)
    }

    private static func database(_ role: String, replicas: Int = 3) -> String {
        """
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: db, namespace: shop}
        spec:
          replicas: \(replicas)
          selector: {matchLabels: {app: db}}
          template:
            metadata: {labels: {app: db}}
            spec:
              containers:
              - name: postgresql
                image: postgres:13
                env: [{name: REPLICATION_MODE, value: \(role)}]
        ---

        """
    }

    @Test func threeWriters_areTold() {
        #expect(Self.found("replication-path-broken", Self.database("master")).places == ["replication-path-broken:13"])
        #expect(Self.found("replication-path-broken", Self.database("slave")).isEmpty)
        #expect(Self.found("replication-path-broken", Self.database("master", replicas: 1)).isEmpty)
    }

    @Test func sitesWithoutTheDatabasesPort_areTold() throws {
        let policy = { (port: Int) in
            Shop.policy(
                "sites",
                "  podSelector: {matchLabels: {app: db}}\n  policyTypes: [Egress]\n  egress:\n  - to: [{ipBlock: {cidr: 10.0.0.0/14}}, {ipBlock: {cidr: 10.4.0.0/14}}]\n    ports:\n    - port: \(port)"
            )
        }
        let text = policy(8080) + Self.database("slave")
        let finding = try #require(Self.found("replication-path-broken", text).first)
        #expect(finding.location?.line == 12 && finding.confidence == .likely)
        #expect(Self.found("replication-path-broken", "\(text)\n\(finding.patch ?? "")").isEmpty)
        #expect(Self.found("replication-path-broken", policy(5432) + Self.database("slave")).isEmpty)
    }
}
