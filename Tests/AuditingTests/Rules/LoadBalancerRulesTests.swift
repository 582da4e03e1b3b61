import Auditing
import Diagnosis
import ManifestFiles
import Manifests
import NetValues
import Planning
import Testing

@Suite struct LoadBalancerRulesTests {
    private static func balancer(
        annotations: String = "{}", spec: String = "", ports: String = "[{port: 80}]", name: String = "edge"
    ) -> String {
        """
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: \(name)
          namespace: shop
          annotations: \(annotations)
        spec:
          type: LoadBalancer
          selector: {app: edge}
          ports: \(ports)
          \(spec)

        """
    }

    // MARK: public-lb-unrestricted, plaintext-service

    @Test func anOpenPlainBalancer_isToldTwice() {
        #expect(audit(Self.balancer()).ofServices == ["public-lb-unrestricted:9", "plaintext-service:11"])
    }

    @Test(arguments: [
        balancer(annotations: "{service.beta.kubernetes.io/azure-load-balancer-internal: \"true\"}"),
        balancer(annotations: "{networking.gke.io/load-balancer-type: Internal}"),
        balancer(spec: "loadBalancerSourceRanges: [203.0.113.0/24]"),
        balancer(spec: "loadBalancerIP: 10.1.2.3"),
        balancer(ports: "[{name: http, port: 80}, {name: https, port: 443}]"),
        balancer(ports: "[{port: 443, targetPort: 8443}]"),
        balancer(ports: "[{port: 53, protocol: UDP}]"),
        balancer().replacing("type: LoadBalancer", with: "type: ClusterIP"),
        balancer()
            + "---\napiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: {name: p, namespace: metallb-system}\nspec: {addresses: [10.20.0.0/28]}\n",
    ])
    func aBalancerThatIsGuarded_isSilent(text: String) {
        #expect(audit(text).ofServices == [])
    }

    @Test func aDatabaseForEverybody_isTold_alsoBesideTLS() {
        let found = audit(Self.balancer(ports: "[{name: https, port: 443}, {name: db, port: 5432}]"))
        #expect(found.ofServices == ["public-lb-unrestricted:9"])
        #expect(found.first?.summary.contains("PostgreSQL") == true)
        let everybody = Self.balancer(spec: "loadBalancerSourceRanges: [0.0.0.0/0]")
        #expect(audit(everybody).lines(of: "public-lb-unrestricted") == [9])
    }

    @Test func aWayPastTheIngress_isNamed() {
        let text = soundShop.replacing(
            "spec:\n  selector:\n    app: web", with: "spec:\n  type: LoadBalancer\n  selector:\n    app: web")
        let finding = audit(text).first("public-lb-unrestricted")
        #expect(finding?.evidence.contains { $0.contains("Ingress shop/shop") } == true)
    }

    // MARK: lb-config-ineffective

    private static let node = "---\napiVersion: v1\nkind: Node\nmetadata: {name: n1}\nspec: {providerID: \"%:///x\"}\n"
    private static let typed = balancer(
        annotations: "{service.beta.kubernetes.io/aws-load-balancer-type: nlb}", ports: "[{port: 443}]")

    @Test func anAnnotationOfAnotherCloud_isTold() {
        let found = audit(Self.typed + Self.node.replacing("%", with: "azure"))
        #expect(found.ofServices == ["lb-config-ineffective:7"] && found.first?.confidence == .likely)
        #expect(audit(Self.typed).first("lb-config-ineffective")?.confidence == .possible)
    }

    @Test func theAnnotationOfTheCloudInUse_isSilent() {
        #expect(audit(Self.typed + Self.node.replacing("%", with: "aws")).ofServices == [])
        let known = Self.balancer(
            annotations:
                "{service.beta.kubernetes.io/aws-load-balancer-type: external, service.beta.kubernetes.io/aws-load-balancer-scheme: internet-facing}",
            ports: "[{port: 443}]")
        #expect(audit(known).ofServices == [])
        let azure = Self.balancer(
            annotations: "{service.beta.kubernetes.io/azure-load-balancer-internal: \"true\"}")
        #expect(audit(azure).ofServices == [])
        #expect(audit(azure + Self.node.replacing("%", with: "aws")).lines(of: "lb-config-ineffective") == [7])
    }

    @Test func anAnnotationWithoutABalancer_isTold() {
        let text = Self.balancer(annotations: "{service.beta.kubernetes.io/azure-load-balancer-internal: \"true\"}")
            .replacing("type: LoadBalancer", with: "type: ClusterIP")
        #expect(audit(text).ofServices == ["lb-config-ineffective:7"])
    }

    private static func weighed(_ priority: Int) -> String {
        """
        apiVersion: v1
        kind: Service
        metadata:
          name: global
          annotations:
            example.com/config: |
              {"locations": {
                "a": {"weight": 40, "priority": 1},
                "b": {"weight": 60, "priority": \(priority)}
              }}
        spec: {type: LoadBalancer, selector: {app: a}, ports: [{port: 443}]}
        """
    }

    @Test func weightsAcrossPriorities_areToldAtTheTargetThatGetsNothing() {
        #expect(audit(Self.weighed(2)).ofServices == ["lb-config-ineffective:9"])
        #expect(audit(Self.weighed(1)).ofServices == [])
    }

    @Test func anInventedController_isTold() {
        let text = Self.weighed(1).replacing("example.com/config", with: "global.load.balancer/config")
        #expect(audit(text).ofServices == ["lb-config-ineffective:6"])
    }

    // MARK: lb-ip-pending, arp-duplicate-ip

    private static let map = """
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: config, namespace: metallb-system}
        data:
          config: |
            address-pools:
            - name: default
              protocol: layer2
              addresses:
              - 10.20.30.1-10.20.30.4

        """
    private static func pool(_ addresses: String) -> String {
        "---\napiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: {name: p, namespace: metallb-system}\nspec:\n  addresses:\n  - \(addresses)\n---\napiVersion: metallb.io/v1beta1\nkind: L2Advertisement\nmetadata: {name: p, namespace: metallb-system}\n"
    }

    @Test func theOldConfigMap_isTold_withTheObjectsThatTakeItsPlace() throws {
        let finding = try #require(audit(Self.map).first("lb-ip-pending"))
        #expect(finding.location?.line == 7)
        #expect(audit(finding.patch ?? "").isEmpty)
        #expect(finding.patch?.contains("10.20.30.1-10.20.30.4") == true)
    }

    @Test func theOldConfigMap_isSilent_besideNewObjectsOrAnOldMetalLB() {
        #expect(audit(Self.map + Self.pool("10.20.30.0/29")).ofServices == [])
        let old =
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: controller, namespace: metallb-system}\nspec: {template: {spec: {containers: [{name: c, image: \"quay.io/metallb/controller:v0.12.1\"}]}}}\n"
        #expect(audit(Self.map + old).lines(of: "lb-ip-pending") == [])
        #expect(audit(Self.map.replacing("metallb-system", with: "shop")).ofServices == [])
    }

    @Test func aPoolThatIsTooSmall_isTold() {
        let two = Self.balancer(ports: "[{port: 443}]") + Self.balancer(ports: "[{port: 443}]", name: "other")
        #expect(audit(two + Self.pool("10.20.30.1-10.20.30.1")).lines(of: "lb-ip-pending") == [30])
        #expect(audit(two + Self.pool("10.20.30.1-10.20.30.2")).ofServices == [])
        let shared = two.replacing("annotations: {}", with: "annotations: {metallb.io/allow-shared-ip: a}")
        #expect(audit(shared + Self.pool("10.20.30.1-10.20.30.1")).ofServices == [])
    }

    @Test func anAddressOfNoPool_isTold() {
        let asked = Self.balancer(spec: "loadBalancerIP: 10.20.31.1")
        #expect(audit(asked + Self.pool("10.20.30.0/24")).ofServices == ["lb-ip-pending:12"])
        #expect(audit(asked + Self.pool("10.20.31.0/24")).ofServices == [])
    }

    private static func served(_ status: String, at now: String) -> [Finding] {
        let text =
            balancer(spec: "loadBalancerSourceRanges: [203.0.113.0/24]").replacing(
                "  name: edge", with: "  name: edge\n  uid: a-b\n  creationTimestamp: 2026-01-01T00:00:00Z")
            + "status:\n  loadBalancer: \(status)\n"
        var set = ManifestReader.read(Array(text.utf8), file: "a.yaml")
        set.readAt = WallTime(rfc3339: now)
        return AuditBook.judge(DeclaredState(set))
    }

    @Test func aBalancerWithoutAnAddress_isTold_onceItHadTheTime() {
        let late = Self.served("{}", at: "2026-01-01T01:00:00Z")
        #expect(late.lines(of: "lb-ip-pending") == [16] && late.first("lb-ip-pending")?.confidence == .certain)
        #expect(Self.served("{}", at: "2026-01-01T00:02:00Z").lines(of: "lb-ip-pending") == [])
        #expect(Self.served("{ingress: [{ip: 192.0.2.1}]}", at: "2026-01-01T01:00:00Z").ofServices == [])
    }

    @Test func aPoolOfTheRoutersOwnNetwork_isARisk_ofTheOldFormOnly() {
        let home = Self.map.replacing("10.20.30.1-10.20.30.4", with: "192.168.1.240-192.168.1.250")
        let finding = audit(home).first("arp-duplicate-ip")
        #expect(finding?.confidence == .possible && finding?.severity == .warning && finding?.location?.line == 11)
        #expect(audit(Self.map).lines(of: "arp-duplicate-ip") == [])
        #expect(audit(Self.pool("192.168.1.240-192.168.1.250")).ofServices == [])
    }

    @Test func aPoolThatHoldsANode_isCertain() {
        func node(_ address: String) -> String {
            "---\napiVersion: v1\nkind: Node\nmetadata: {name: n1}\nstatus: {addresses: [{type: InternalIP, address: \(address)}]}\n"
        }
        #expect(audit(Self.pool("10.20.30.0/29") + node("10.20.30.3")).first("arp-duplicate-ip")?.severity == .critical)
        #expect(audit(Self.pool("10.20.30.0/29") + node("10.20.30.8")).ofServices == [])
    }

    // MARK: lb-sprawl, lb-no-local-endpoints

    @Test func threeBalancersForHTTP_areSprawl() {
        func some(_ count: Int) -> String {
            (0..<count).map { Self.balancer(ports: "[{port: 443}]", name: "s\($0)") }.joined()
        }
        #expect(audit(some(3)).ofServices == ["lb-sprawl:9"])
        #expect(audit(some(2)).ofServices == [])
    }

    private static func local(_ kind: String, nodes: Int, policy: String = "externalTrafficPolicy: Local") -> String {
        """
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec:
          type: NodePort
          selector: {app: web}
          \(policy)
          ports: [{port: 443}]
        ---
        apiVersion: apps/v1
        kind: \(kind)
        metadata: {name: web, namespace: shop}
        spec: {replicas: 2, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: a}]}}}

        """ + (0..<nodes).map { "---\napiVersion: v1\nkind: Node\nmetadata: {name: n\($0)}\n" }.joined()
    }

    @Test func aLocalNodePortOnFewerNodes_isTold() {
        #expect(audit(Self.local("Deployment", nodes: 3)).ofServices == ["lb-no-local-endpoints:7"])
        #expect(audit(Self.local("Deployment", nodes: 2)).ofServices == [])
        #expect(audit(Self.local("DaemonSet", nodes: 3)).ofServices == [])
        // A load balancer asks the health port.
        #expect(
            audit(Self.local("Deployment", nodes: 3).replacing("NodePort", with: "LoadBalancer")).lines(
                of: "lb-no-local-endpoints") == [])
        #expect(
            audit(Self.local("Deployment", nodes: 3, policy: "internalTrafficPolicy: Local")).first(
                "lb-no-local-endpoints")?.confidence
                == .possible)
    }
}
