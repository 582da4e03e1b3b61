import Auditing
import Diagnosis
import Planning
import Testing

/// What Sidecars and installations of Istio let out, and how clients speak.
@Suite struct MeshEgressTests {
    private static let namespace = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, labels: {istio-injection: enabled}}
        ---

        """

    private static func installation(_ mesh: String, name: String = "istio", values: String = "") -> String {
        """
        apiVersion: install.istio.io/v1alpha1
        kind: IstioOperator
        metadata: {name: \(name), namespace: istio-system}
        spec:
          meshConfig:
            \(mesh)
        \(values)
        ---

        """
    }

    private static let registryOnly = installation("outboundTrafficPolicy: {mode: REGISTRY_ONLY}")

    private static func client(_ value: String, annotations: String = "") -> String {
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop}
        spec:
          replicas: 2
          selector: {matchLabels: {app: web}}
          template:
            metadata:
              labels: {app: web}
              annotations: {\(annotations)}
            spec:
              containers:
              - name: c
                image: c:1
                env:
                - name: PAY_URL
                  value: \(value)
        ---

        """
    }

    private static func entry(_ host: String) -> String {
        """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: pay, namespace: shop}
        spec:
          hosts: [\(host)]
          ports: [{number: 443, name: https, protocol: TLS}]
          resolution: DNS
        ---

        """
    }

    private static func of(_ id: String, _ text: String) -> [Finding] { audit(text).filter { $0.id == id } }

    @Test func aHostThatTheMeshIsNotToldOf_isRefused() throws {
        let text = Self.namespace + Self.registryOnly + Self.client("https://me:secret@api.pay.example/v1")
        let finding = try #require(Self.of("egress-fqdn-filtered", text).first)
        #expect(finding.location?.line == text.line(of: "          value: ") && finding.confidence == .possible)
        #expect(finding.severity == .warning)
        #expect(finding.evidence.contains { $0.contains("IstioOperator istio-system/istio (a.yaml:10)") })
        // Values of the environment may be secrets.
        #expect(!"\(finding)".contains("secret") && !"\(finding)".contains("pay.example"))
        let other = Self.of("egress-fqdn-filtered", text + Self.entry("other.example"))
        #expect(other.first?.confidence == .likely)
    }

    @Test(arguments: [
        namespace + registryOnly + client("https://api.pay.example/v1") + entry("api.pay.example"),
        namespace + registryOnly + client("https://api.pay.example/v1") + entry("\"*.pay.example\""),
        namespace + installation("outboundTrafficPolicy: {mode: ALLOW_ANY}") + client("https://api.pay.example/v1"),
        namespace + installation("accessLogFile: /dev/stdout") + client("https://api.pay.example/v1"),
        // Outside the mesh, past the proxy, within the cluster, no URL.
        registryOnly + client("https://api.pay.example/v1"),
        namespace + registryOnly
            + client(
                "https://api.pay.example/v1",
                annotations: "traffic.sidecar.istio.io/excludeOutboundIPRanges: 0.0.0.0/0"),
        namespace + registryOnly + client("http://db.shop.svc.cluster.local:8080"),
        namespace + registryOnly + client("https://198.51.100.7/"),
        namespace + registryOnly + client("api.pay.example"),
    ])
    func whatIsKnownOrPassedOn_isSilent(text: String) {
        #expect(Self.of("egress-fqdn-filtered", text).isEmpty, "\(audit(text).places)")
    }

    @Test func theClustersOwnConfiguration_countsToo() {
        let map = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: istio, namespace: istio-system}
            data:
              mesh: |-
                outboundTrafficPolicy:
                  mode: REGISTRY_ONLY
            ---

            """
        let text = Self.namespace + map + Self.client("https://api.pay.example/v1")
        #expect(Self.of("egress-fqdn-filtered", text).count == 1)
        #expect(Self.of("egress-fqdn-filtered", text.replacing("REGISTRY_ONLY", with: "ALLOW_ANY")).isEmpty)
    }

    // MARK: Sidecar

    private static func sidecar(_ hosts: String, mode: String = "REGISTRY_ONLY") -> String {
        """
        apiVersion: networking.istio.io/v1
        kind: Sidecar
        metadata: {name: default, namespace: shop}
        spec:
          outboundTrafficPolicy: {mode: \(mode)}
          egress:
          - hosts: \(hosts)
        ---

        """
    }

    private static let stock = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: stock, labels: {istio-injection: enabled}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: api, namespace: stock}
        spec: {selector: {app: api}, ports: [{name: http, port: 80, targetPort: 8080}]}
        ---

        """ + Shop.pod("api", "app: api", namespace: "stock")

    private static let caller = client("http://api.stock.svc.cluster.local/")

    @Test func aServiceThatASidecarLeavesOut_hasNoRoute() throws {
        let text =
            Self.namespace + Self.sidecar("[\"./*\", \"istio-system/*\"]") + Self.stock + Self.caller
        let finding = try #require(Self.of("mesh-route-missing", text).first)
        #expect(finding.location?.line == text.line(of: "  - hosts: "))
        let patch = try #require(finding.patch)
        #expect(patch.contains("- stock/api.stock.svc.cluster.local"))
        let mended = text.replacing(
            "[\"./*\", \"istio-system/*\"]",
            with: "[\"./*\", \"istio-system/*\", \"stock/api.stock.svc.cluster.local\"]")
        #expect(Self.of("mesh-route-missing", mended).isEmpty)
    }

    @Test func passedOnInPlaintext_itIsHarmfulOnlyWhereThatIsRefused() {
        let text = Self.namespace + Self.sidecar("[\"./*\"]", mode: "ALLOW_ANY") + Self.stock + Self.caller
        #expect(Self.of("mesh-route-missing", text).isEmpty)
        #expect(Self.of("mesh-route-missing", text + Self.strict).count == 1)
    }

    @Test(arguments: [
        "[\"*/*\"]", "[\"stock/*\"]", "[\"*/api.stock.svc.cluster.local\"]",
        "[\"./*\", \"*/*.stock.svc.cluster.local\"]",
    ])
    func aServiceThatASidecarNames_isSilent(hosts: String) {
        let text = Self.namespace + Self.sidecar(hosts) + Self.stock + Self.caller
        #expect(Self.of("mesh-route-missing", text).isEmpty)
    }

    // MARK: Mutual TLS

    private static let strict = """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: default, namespace: istio-system}
        spec: {mtls: {mode: STRICT}}
        ---

        """

    private static func rule(_ mode: String) -> String {
        """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: api, namespace: stock}
        spec:
          host: api
          trafficPolicy:
            tls:
              mode: \(mode)
        ---

        """
    }

    private static let mtls = "mtls-required"

    @Test func plaintextTowardsStrictPods_isTold() throws {
        let text = Self.stock + Self.strict + Self.rule("DISABLE")
        let finding = try #require(Self.of(Self.mtls, text).first)
        #expect(finding.location?.line == text.line(of: "      mode: DISABLE") && finding.severity == .error)
        #expect(Self.of(Self.mtls, text.replacing("mode: DISABLE", with: "mode: ISTIO_MUTUAL")).isEmpty)
        #expect(Self.of(Self.mtls, text.replacing("mode: STRICT", with: "mode: PERMISSIVE")).isEmpty)
    }

    @Test func anExemptPort_andPodsOutsideTheMesh_areSilent() {
        let exempt = """
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: api, namespace: stock}
            spec: {selector: {matchLabels: {app: api}}, portLevelMtls: {8080: {mode: PERMISSIVE}}}
            ---

            """
        let text = Self.stock + Self.strict + Self.rule("DISABLE")
        #expect(Self.of(Self.mtls, text + exempt).isEmpty)
        let outside = text.replacing(
            "metadata: {name: stock, labels: {istio-injection: enabled}}", with: "metadata: {name: stock}")
        #expect(Self.of(Self.mtls, outside).allSatisfy { !$0.summary.contains("DestinationRule") })
    }

    @Test func automaticMutualTLSSwitchedOff_besideStrict_isTold() {
        let text = Self.installation("enableAutoMtls: false") + Self.strict
        #expect(Self.of(Self.mtls, text).map { $0.location?.line } == [text.line(of: "    enableAutoMtls")])
        #expect(Self.of(Self.mtls, text + Self.rule("ISTIO_MUTUAL")).isEmpty)
        #expect(Self.of(Self.mtls, Self.installation("enableAutoMtls: true") + Self.strict).isEmpty)
        #expect(Self.of(Self.mtls, Self.installation("enableAutoMtls: false")).isEmpty)
    }

    private static func cluster(_ name: String, _ mesh: String) -> String {
        installation(
            mesh, name: name,
            values: "  values: {global: {meshID: mesh1, multiCluster: {clusterName: \(name)}}}")
    }

    @Test func clustersOfOneMesh_needOneTrustDomain_orAliases() {
        let id = "mtls-trust-mismatch"
        let text = Self.cluster("east", "trustDomain: east.test") + Self.cluster("west", "trustDomain: west.test")
        #expect(Self.of(id, text).map { $0.location?.line } == [text.line(of: "    trustDomain: west")])
        let same = text.replacing("west.test", with: "east.test")
        let aliased =
            Self.cluster("east", "{trustDomain: east.test, trustDomainAliases: [west.test]}")
            + Self.cluster("west", "{trustDomain: west.test, trustDomainAliases: [east.test]}")
        for sound in [same, aliased, text.replacing("clusterName: west", with: "clusterName: east")] {
            #expect(Self.of(id, sound).isEmpty)
        }
    }

    @Test func oldVersionsOfTLS_areToldWhereTheyAreAccepted() {
        let gateway = """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge, namespace: shop}
            spec:
              selector: {istio: ingressgateway}
              servers:
              - port: {number: 443, name: https, protocol: HTTPS}
                hosts: ["*.example.com"]
                tls: {mode: SIMPLE, credentialName: shop-tls, minProtocolVersion: TLSV1_1}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: ingress-nginx-controller, namespace: ingress-nginx}
            data:
              ssl-protocols: "TLSv1 TLSv1.1 TLSv1.2"

            """
        #expect(Self.of("tls-version-mismatch", gateway).map { $0.location?.line } == [9, 15])
        let sound = gateway.replacing("TLSV1_1", with: "TLSV1_2").replacing("TLSv1 TLSv1.1 ", with: "")
        #expect(Self.of("tls-version-mismatch", sound).isEmpty)
    }
}
