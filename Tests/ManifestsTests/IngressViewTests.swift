import ManifestFiles
import Manifests
import NetValues
import Testing

@Suite struct IngressViewTests {
    private static func state(_ text: String) -> DeclaredState {
        DeclaredState(ManifestReader.read(Array(text.utf8), file: "a.yaml"))
    }

    @Test func anIngress_givesHostsBackendsAndSecretsWithTheirLines() throws {
        let ingress = try #require(
            Self.state(
                """
                apiVersion: networking.k8s.io/v1
                kind: Ingress
                metadata: {name: shop, namespace: shop}
                spec:
                  ingressClassName: nginx
                  tls:
                  - hosts: [shop.example.com]
                    secretName: shop-tls
                  rules:
                  - host: shop.example.com
                    http:
                      paths:
                      - path: /
                        pathType: Prefix
                        backend:
                          service:
                            name: web
                            port: {number: 80}
                      - path: /api
                        backend:
                          service:
                            name: api
                            port:
                              name: http
                """
            ).ingresses.first)
        #expect(ingress.className == "nginx" && ingress.classLine == 5)
        #expect(ingress.tls.map(\.secret) == ["shop-tls"] && ingress.tls.map(\.line) == [8])
        #expect(ingress.hosts.map(\.line) == [10])
        #expect(ingress.backends.map(\.service) == ["web", "api"])
        #expect(ingress.backends.map(\.port) == [.number(80), .named("http")])
        #expect(ingress.backends.map(\.line) == [17, 22] && ingress.backends.map(\.portLine) == [18, 24])
    }

    @Test func theOldIngress_isReadToo() throws {
        let ingress = try #require(
            Self.state(
                """
                apiVersion: extensions/v1beta1
                kind: Ingress
                metadata: {name: a, annotations: {kubernetes.io/ingress.class: traefik}}
                spec:
                  backend: {serviceName: web, servicePort: "8080"}
                """
            ).ingresses.first)
        #expect(ingress.className == "traefik")
        #expect(ingress.defaultBackend?.service == "web" && ingress.defaultBackend?.port == .number(8080))
    }

    @Test func slicesAndEndpoints_areFoundByTheirService() throws {
        let state = Self.state(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: web, namespace: shop}
            spec: {ports: [{port: 80}]}
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: web-x, namespace: shop, labels: {kubernetes.io/service-name: web}}
            addressType: IPv4
            endpoints:
            - {addresses: [10.0.0.1], conditions: {ready: false}, nodeName: n1, targetRef: {kind: Pod, name: web-0}}
            - {addresses: [10.0.0.2]}
            ports: [{name: http, port: 8080}]
            """)
        let found = state.endpoints(of: try #require(state.services.first))
        #expect(found.flatMap(\.addresses).map(\.isReady) == [false, true])
        #expect(found.flatMap(\.ready).map(\.address) == [IPAddress("10.0.0.2")])
        #expect(found.first?.addresses.first?.pod == "Pod/web-0" && found.first?.ports.map(\.number) == [8080])
    }

    @Test func aGrant_allowsWhatItNames() throws {
        let state = Self.state(
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: r, namespace: front}
            spec:
              parentRefs: [{name: edge, namespace: infra, sectionName: https}]
              rules:
              - matches: [{path: {value: /a}}]
                backendRefs: [{name: web, namespace: shop, port: 80}, {name: old, port: 81, weight: 0}]
            ---
            apiVersion: gateway.networking.k8s.io/v1beta1
            kind: ReferenceGrant
            metadata: {name: g, namespace: shop}
            spec:
              from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: front}]
              to: [{group: "", kind: Service, name: web}]
            """)
        let route = try #require(state.set.objects.compactMap(DeclaredRoute.init).first)
        let grant = try #require(state.set.objects.compactMap(ReferenceGrant.init).first)
        #expect(route.parents.map(\.reference.namespace) == ["infra"] && route.parents.map(\.section) == ["https"])
        let backends = route.rules.flatMap(\.backends)
        #expect(backends.map(\.reference.namespace) == ["shop", "front"] && backends.map(\.weight) == [1, 0])
        #expect(backends.map { grant.allows(route.object, $0.reference) } == [true, false])
        #expect(route.rules.first?.paths == [DeclaredRoute.Path(type: "PathPrefix", value: "/a")])
    }
}
