import ManifestFiles
import Manifests
import PlanDerivation
import Planning
import Testing
import YAML

/// Whatever stands in manifests, the plan is read without a mistake, each name once, and asks for no secret.
@Suite struct HostileManifestTests {
    private static let texts = [
        "", " ", "a", "shop", "x y", "a: b", "- a", "# c", "${env:HOME}", "$${file:/etc/passwd}", "$${", "${", "\"",
        "'", "\\", "\n", "a\nb",
        "\u{0}", "\u{7f}", "\u{85}", "\u{9f}", "\u{2028}", "\u{feff}", "\u{fffe}", "\u{ffff}", "\u{202e}", "ü.example",
        "*.example.com",
        "10.0.0.0/8", "10.0.0.1-9", "198.18.0.1", "fd00:18::1", "[", "]", "{a: b}", "null", "~", "true", "1e3", "0x10",
        "-", "?", "|", "> ",
        "a.b.c.d.example.com", "xn--a.example", "/", "/health z", "/a?b=c", "/a#b", "//x", "/${env:A}", "%zz", "2xx",
        "GET", "dns of a", "a [x]", "a (2)",
        String(repeating: "a", count: 300), String(repeating: "a.", count: 200), "..", ".", "a.", "-a", "localhost",
        "None", "80", "99999", "HTTPS",
    ]

    private struct Dice {
        var state: UInt64

        mutating func roll(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }

        /// Mostly what a person would write.
        mutating func text(_ usual: String) -> String {
            yamlScalar(roll(4) == 0 ? texts[roll(texts.count)] : usual)
        }

        mutating func number(_ usual: Int) -> String {
            ["\(usual)", "\(usual)", "\(usual)", "0", "-1", "65536", "99999999999999999999", "x"][roll(8)]
        }
    }

    private static func manifests(_ dice: inout Dice) -> String {
        func t(_ usual: String) -> String { dice.text(usual) }
        func n(_ usual: Int) -> String { dice.number(usual) }
        let egress = dice.roll(2) == 0 ? "Ingress" : "Egress"
        return """
            {apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {environment: \(t("prod"))}}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: {dnsPolicy: \(t("ClusterFirst")), containers: [{name: c}]}}
            ---
            {apiVersion: apps/v1, kind: StatefulSet, metadata: {name: \(t("api")), namespace: \(t("shop"))}, spec: {serviceName: \(t("api")), replicas: \(n(2)), template: {metadata: {labels: {app: \(t("api"))}}, spec: {containers: [{name: c, ports: [{name: \(t("http")), containerPort: \(n(8080))}, {containerPort: \(n(53)), protocol: UDP}],
              readinessProbe: {httpGet: {path: \(t("/ready")), port: \(t("http")), httpHeaders: [{name: \(t("Host")), value: \(t("api.test"))}, {name: Accept, value: \(t("a/b"))}]}}}]}}}, status: {podIP: \(t("198.18.2.3"))}}
            ---
            {apiVersion: v1, kind: Service, metadata: {name: \(t("api")), namespace: \(t("shop"))}, spec: {type: \(t("ClusterIP")), externalName: \(t("a.example")), clusterIP: \(t("198.18.9.1")), selector: {app: \(t("api"))}, ports: [{name: \(t("http")), port: \(n(80)), targetPort: \(t("http"))}, {name: \(t("dns")), port: \(n(53)), protocol: UDP}]}}
            ---
            {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: \(t("p")), namespace: shop}, spec: {podSelector: {}, policyTypes: [\(egress)], egress: [{to: [{ipBlock: {cidr: \(t("198.18.3.1/32"))}}, {ipBlock: {cidr: 0.0.0.0/0, except: [\(t("169.254.169.254/32"))]}}], ports: [{port: \(n(443))}]}, {ports: [{port: \(n(53)), protocol: UDP}]}]}}
            ---
            {apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: \(t("i")), namespace: shop, annotations: {nginx.ingress.kubernetes.io/ssl-redirect: \(t("true"))}}, spec: {tls: [{hosts: [\(t("shop.example.com"))]}], rules: [{host: \(t("shop.example.com")), http: {paths: [{path: \(t("/x")), pathType: \(t("Prefix")), backend: {service: {name: \(t("api")), port: {number: \(n(80))}}}}]}}]}}
            ---
            {apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: \(t("v")), namespace: shop}, spec: {hosts: [\(t("api"))], gateways: [\(t("mesh")), \(t("edge"))], http: [{match: [{uri: {prefix: \(t("/v2"))}, method: {exact: \(t("GET"))}, authority: {exact: \(t("a.test"))}, headers: {\(t("x-a")): {exact: \(t("b"))}}, queryParams: {\(t("q")): {exact: \(t("1"))}}}], directResponse: {status: \(n(200))}}]}}
            ---
            {apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: edge, namespace: shop}, spec: {servers: [{port: {number: \(n(443)), protocol: \(t("HTTPS"))}, hosts: [\(t("*"))]}]}}
            ---
            {apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: g, namespace: shop}, spec: {listeners: [{name: a, hostname: \(t("g.example.com")), port: \(n(443)), protocol: \(t("HTTPS"))}]}}
            ---
            {apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: \(t("r")), namespace: shop}, spec: {parentRefs: [{name: g}], hostnames: [\(t("g.example.com"))], rules: [{matches: [{path: {type: \(t("Exact")), value: \(t("/y"))}, method: \(t("GET")), headers: [{name: \(t("x-b")), value: \(t("c"))}], queryParams: [{name: \(t("q")), value: \(t("1"))}]}]}]}}
            ---
            {apiVersion: v1, kind: Node, metadata: {name: \(t("n"))}, status: {addresses: [{type: InternalIP, address: \(t("198.18.1.1"))}]}}
            ---
            {apiVersion: v1, kind: Service, metadata: {name: front, namespace: shop}, spec: {type: \(dice.roll(2) == 0 ? "LoadBalancer" : "NodePort"), externalIPs: [\(t("198.18.4.4"))], selector: {app: \(t("api"))}, ports: [{port: \(n(443)), nodePort: \(n(30443))}]}, status: {loadBalancer: {ingress: [{ip: \(t("198.18.5.1"))}, {hostname: \(t("lb.example.com"))}]}}}
            ---
            {apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: s, namespace: shop}, spec: {hosts: [\(t("d.example.com"))], gateways: [\(t("streams"))], tls: [{match: [{port: \(n(8443)), sniHosts: [\(t("d.example.com"))]}]}], tcp: [{match: [{port: \(n(5432))}]}]}}
            ---
            {apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: streams, namespace: shop}, spec: {servers: [{port: {number: \(n(8443)), protocol: TLS}, tls: {mode: PASSTHROUGH}, hosts: [\(t("*"))]}, {port: {number: \(n(5432)), protocol: TCP}, hosts: [\(t("*"))]}]}}
            ---
            {apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: t, namespace: shop}, spec: {listeners: [{name: a, port: \(n(5432)), protocol: TCP}]}, status: {addresses: [{value: \(t("198.18.5.9"))}]}}
            ---
            {apiVersion: gateway.networking.k8s.io/v1alpha2, kind: TCPRoute, metadata: {name: \(t("t")), namespace: shop}, spec: {parentRefs: [{name: t}]}}
            ---
            {apiVersion: externaldns.k8s.io/v1alpha1, kind: DNSEndpoint, metadata: {name: w, namespace: shop}, spec: {endpoints: [{dnsName: \(t("*.example.com")), recordType: A, targets: [\(t("198.18.0.9"))]}]}}
            ---
            {apiVersion: externaldns.k8s.io/v1alpha1, kind: DNSEndpoint, metadata: {name: \(t("d")), namespace: shop}, spec: {endpoints: [{dnsName: \(t("d.example.com")), recordType: \(t("A")), targets: [\(t("198.18.0.9"))]}]}}

            """
    }

    @Test("Hostile words in every field", arguments: 0..<8)
    func plansAreRead(_ part: Int) throws {
        var dice = Dice(state: UInt64(part) &* 7919 &+ 1)
        var checks = 0
        for _ in 0..<150 {
            let text = Self.manifests(&dice)
            let plan = try derive(text, as: "shop/web", file: Self.texts[dice.roll(Self.texts.count)] + ".yaml")
            guard !plan.checks.isEmpty else { continue }
            do {
                let found = try read(plan)
                #expect(found.checks.count == plan.checks.count && found.secrets.isEmpty)
                checks += found.checks.count
            } catch {
                Issue.record("\(error)\n\(plan.text)\nfrom\n\(text)")
                return
            }
        }
        #expect(checks > 500)
    }
}
