import Auditing
import Diagnosis
import Testing

@Suite struct PolicyEngineTests {
    private static func daemon(_ name: String, _ image: String, more: String = "") -> String {
        """
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: \(name), namespace: net}
        spec:
          selector: {matchLabels: {app: \(name)}}
          template:
            metadata: {labels: {app: \(name)}}
            spec:
              containers:
              - name: c
                image: \(image)
        \(more)
        ---

        """
    }

    private static func found(_ text: String) -> [String] {
        audit(text).filter { $0.id == "policy-not-enforced" }.places
    }

    private static let flannel = daemon("kube-flannel-ds", "ghcr.io/flannel-io/flannel:v0.25.1")
    private static let policy = Shop.policy("deny", "  podSelector: {}\n  policyTypes: [Ingress]")

    @Test func policiesOverFlannelAlone_areNotEnforced() {
        #expect(Self.found(Self.flannel + Self.policy) == ["policy-not-enforced:11"])
    }

    @Test(arguments: [
        flannel, policy, flannel + policy + daemon("canal", "calico/node:v3.27"),
        daemon("calico-node", "calico/node:v3.27") + policy,
        daemon(
            "kube-flannel-ds", "ghcr.io/flannel-io/flannel:v0.26.1",
            more:
                "      - name: kube-network-policies\n        image: registry.k8s.io/networking/kube-network-policies:v0.4.0"
        ) + policy,
    ])
    func anEngine_orNoPolicy_isSilent(text: String) { #expect(Self.found(text) == []) }

    @Test func aGatewayThatNobodyServes_isTold() {
        let gateway = """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge, namespace: shop}
            spec:
              selector: {istio: ingressgatway}
              servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example.com]}]
            ---

            """
        func istio(_ spec: String) -> String {
            "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: i, namespace: istio-system}\nspec: {\(spec)}\n---\n"
        }
        func found(_ text: String) -> [String] { audit(text).filter { $0.id == "mesh-route-missing" }.places }
        #expect(found(gateway + istio("profile: demo")) == ["mesh-route-missing:5"])
        #expect(found(gateway + istio("profile: minimal")) == ["mesh-route-missing:5"])
        let right = gateway.replacing("ingressgatway", with: "ingressgateway")
        #expect(found(right + istio("profile: default")) == [])
        #expect(
            found(right + istio("profile: minimal, components: {ingressGateways: [{name: istio-ingressgateway}]}"))
                == [])
        #expect(found(right.replacing("ingressgateway", with: "egressgateway") + istio("profile: demo")) == [])
        #expect(
            found(right + istio("components: {ingressGateways: [{name: istio-ingressgateway, enabled: false}]}")).count
                == 1)
        // Gateways that others run.
        #expect(found(gateway) == [])
        #expect(found(gateway + "apiVersion: sailoperator.io/v1\nkind: Istio\nmetadata: {name: i}\nspec: {}\n") == [])
        #expect(
            found(gateway + istio("profile: minimal") + Shop.pod("gw", "istio: ingressgatway", namespace: "edge")) == []
        )
    }
}
