import Diagnosis
import Testing

@Suite struct MeshRulesTests {
    private static let routes = """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: shop, namespace: shop}
        spec:
          hosts: [shop.example.com]
          gateways: [edge]
          http:
          - match:
            - headers: {user-type: {exact: premium}}
            route:
            - destination: {host: web, subset: v2}
          - route:
            - destination: {host: web, subset: v1}
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: web, namespace: shop}
        spec:
          host: web.shop.svc.cluster.local
          subsets:
          - {name: v1, labels: {version: v1}}
          - {name: v2, labels: {version: v2}}
        ---
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: edge, namespace: shop}
        spec:
          selector: {istio: ingressgateway}
          servers:
          - port: {number: 443, name: https, protocol: HTTPS}
            hosts: ["*.example.com"]
            tls: {mode: SIMPLE, credentialName: shop-tls}
        """

    @Test func soundRoutes_areSilent() { #expect(audit(Self.routes).isEmpty, "\(audit(Self.routes).places)") }

    @Test func routes() {
        let noDefault = Self.routes.replacing("  - route:\n    - destination: {host: web, subset: v1}\n", with: "")
        #expect(audit(noDefault).places == ["mesh-route-missing:8"])
        // Paths alone are meant so.
        #expect(
            audit(noDefault.replacing("headers: {user-type: {exact: premium}}", with: "uri: {prefix: /shop}")).isEmpty)
        #expect(audit(Self.routes.replacing("{name: v2,", with: "{name: v3,")).places == ["mesh-subset-undefined:11"])
        #expect(audit(Self.routes.replacing("*.example.com", with: "*.example.org")).places == ["mesh-route-missing:5"])
        #expect(
            audit(Self.routes.replacing("gateways: [edge]", with: "gateways: [egde]")).places == [
                "manifest-ref-missing:6"
            ])
    }

    private static let members = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, labels: {istio-injection: enabled}}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: shop, labels: {app: web}}
        spec:
          serviceAccountName: web
          containers:
          - name: web
            image: web:1
            ports: [{containerPort: 8080}]
        ---
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: default, namespace: istio-system}
        spec:
          mtls: {mode: STRICT}
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: web, namespace: shop}
        spec:
          selector: {matchLabels: {app: web}}
          rules:
          - from:
            - source: {principals: [cluster.local/ns/shop/sa/web]}
        """

    @Test func aSoundMesh_isSilent() { #expect(mesh(Self.members) == []) }

    private func mesh(_ text: String, file: String = "a.yaml") -> [String] {
        audit(text, file: file).places.filter { $0.hasPrefix("mesh") || $0.hasPrefix("mtls") }
    }

    @Test func proxies() {
        #expect(
            mesh(Self.members.replacing("containerPort: 8080", with: "containerPort: 15001")) == [
                "mesh-proxy-conflict:13"
            ])
        #expect(
            mesh(Self.members.replacing("image: web:1", with: "image: web:1\n    securityContext: {runAsUser: 1337}"))
                == ["mesh-proxy-conflict:13"])
        let outside = Self.members.replacing("istio-injection: enabled", with: "team: shop")
        #expect(
            mesh(outside.replacing("containerPort: 8080", with: "containerPort: 15001")) == ["mesh-sidecar-missing:21"])
        let running = Self.members.replacing("    ports: [", with: "    #\n    ports: [").replacing(
            "---\napiVersion: security.istio.io/v1\nkind: Peer",
            with: "status: {phase: Running}\n---\napiVersion: security.istio.io/v1\nkind: Peer")
        #expect(mesh(running) == ["mesh-sidecar-missing:5"])
        #expect(mesh(running.replacing("name: web\n    image", with: "name: istio-proxy\n    image")) == [])
    }

    @Test func identities() {
        #expect(
            mesh(
                Self.members.replacing("[cluster.local", with: "[\"spiffe://cluster.local").replacing(
                    "sa/web]", with: "sa/web\"]")) == ["mesh-authz-denied:28"])
        let legacy =
            "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: old}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: old}\nspec: {containers: [{name: a, image: b}]}\n"
        #expect(mesh(Self.members + "\n" + legacy) == ["mtls-required:19"])
        #expect(mesh((Self.members + "\n" + legacy).replacing("STRICT", with: "PERMISSIVE")) == [])
    }

    @Test func aLabelAfterTheStart() {
        let guide = "```bash\n%kubectl label namespace shop istio-injection=enabled\n```\n"
        #expect(mesh(guide.replacing("%", with: ""), file: "a.md") == ["mesh-sidecar-missing:2"])
        #expect(mesh(guide.replacing("%", with: "kubectl create namespace shop\n"), file: "a.md") == [])
        #expect(
            mesh(
                guide.replacing("%", with: "").replacing(
                    "enabled", with: "enabled\nkubectl rollout restart deployment -n shop"), file: "a.md") == [])
    }

    @Test func installations() {
        let installed =
            "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: a}\nspec:\n  values:\n    global:\n      proxy: {resources: {limits: {cpu: 200m}}}\n      mtls: {enabled: true}\n"
        #expect(mesh(installed) == ["mesh-sidecar-throttled:7", "mesh-version-skew:8"])
        #expect(
            mesh(installed.replacing("200m", with: "\"2\"").replacing("      mtls: {enabled: true}\n", with: "")) == [])
    }
}
