import Auditing
import Diagnosis
import ManifestFiles
import Manifests
import Planning
import Testing

/// What an independent reader of the findings showed to be none, beside the fault that each looks like.
@Suite struct FalseFindingTests {
    private func judge(_ files: [(String, String)]) -> [Finding] {
        AuditBook.judge(Self.state(files))
    }

    private static func state(_ files: [(String, String)]) -> DeclaredState {
        var set = ManifestSet()
        for (file, text) in files { set.add(ManifestReader.read(Array(text.utf8), file: file)) }
        set.setAsidePatches()
        return DeclaredState(set)
    }

    // MARK: kustomize

    private static let part = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 3\n"

    @Test(arguments: [
        "resources: [d.yaml]\npatches: [{path: rep.yaml}]\n", "patchesStrategicMerge:\n- ./rep.yaml\n",
        "patchesJson6902:\n- {path: ../prod/rep.yaml, target: {kind: Deployment, name: web}}\n",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\npatches: [{path: rep.yaml}]\n",
    ])
    func aPatch_isNoObject(kustomization: String) {
        let files = [("over/prod/kustomization.yaml", kustomization), ("over/prod/rep.yaml", Self.part)]
        #expect(judge(files).isEmpty)
        #expect(
            NotEvaluated.lines(Self.state(files)).contains {
                $0.contains("1 patch of kustomize, first at over/prod/rep.yaml:1")
            })
    }

    @Test(arguments: [
        "resources: [rep.yaml]\n", "patches: [{path: other.yaml}]\n",
        "resources: [rep.yaml]\npatches: [{path: rep.yaml}]\n",
    ])
    func aResource_isAnObject(kustomization: String) {
        #expect(
            judge([("a/kustomization.yaml", kustomization), ("a/rep.yaml", Self.part)]).ids == ["manifest-invalid"])
    }

    @Test func aDirectiveToDelete_isNoObject() {
        let gone = "$patch: delete\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: gone}\n"
        #expect(judge([("a.yaml", gone)]).isEmpty)
    }

    // MARK: subsets

    private static let ratings =
        "apiVersion: v1\nkind: Service\nmetadata: {name: ratings}\nspec: {selector: {app: ratings}, ports: [{name: http, port: 9080}]}\n---\n"
        + "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ratings-v1}\nspec:\n  replicas: 2\n  selector: {matchLabels: {app: ratings}}\n  template: {metadata: {labels: {app: ratings, version: v1}}, spec: {containers: [{name: c, image: i, ports: [{containerPort: 9080}]}]}}\n---\n"
        + "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: ratings}\nspec:\n  host: ratings\n  subsets:\n  - {name: v1, labels: {version: v1}}\n  - {name: v2, labels: {version: v2}}\n---\n"

    private static func route(_ more: String) -> String {
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: ratings}\nspec:\n  hosts: [ratings]\n  http:\n  - route: [{destination: {host: ratings, subset: v1}}\(more)]\n"
    }

    @Test func anEmptySubset_isTold_whereARouteLeadsToIt() {
        let id = "mesh-subset-undefined"
        #expect(!audit(Self.ratings).ids.contains(id))
        #expect(!audit(Self.ratings + Self.route("")).ids.contains(id))
        let none = ", {destination: {host: ratings, subset: v2}, weight: 0}"
        #expect(!audit(Self.ratings + Self.route(none)).ids.contains(id))
        let some = Self.ratings + Self.route(", {destination: {host: ratings.default.svc, subset: v2}, weight: 10}")
        #expect(audit(some).filter { $0.id == id }.map { $0.location?.line } == [some.line(of: "name: v2")])
    }

    // MARK: backends

    private static func ingress(_ name: String, annotation: String) -> String {
        """
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: p}
        spec: {selector: {app: a}, ports: [{port: 80}]}
        ---
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: alb, namespace: p, annotations: {\(annotation): '{}'}}
        spec:
          ingressClassName: alb
          rules:
          - http:
              paths:
              - {path: /, pathType: Prefix, backend: {service: {name: \(name), port: {name: use-annotation}}}}
        """
    }

    @Test func anActionOfAnAnnotation_isNoService() {
        let id = "ingress-backend-missing"
        let action = "alb.ingress.kubernetes.io/actions.to-tls"
        #expect(!audit(Self.ingress("to-tls", annotation: action)).ids.contains(id))
        #expect(audit(Self.ingress("to-tsl", annotation: action)).ids.contains(id))
    }

    @Test func aDefaultClass_isNotAskedForAgain() {
        let text =
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a, namespace: p}\nspec: {defaultBackend: {service: {name: wep, port: {number: 80}}}}\n---\n"
            + "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: p}\nspec: {ports: [{port: 80}]}\n---\n"
        let standard =
            "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: n, annotations: {ingressclass.kubernetes.io/is-default-class: \"true\"}}\nspec: {controller: k8s.io/ingress-nginx}\n"
        let words = "set spec.ingressClassName"
        #expect(
            audit(text).first { $0.id == "ingress-backend-missing" }?.remedy.contains { $0.hasPrefix(words) } == true)
        let known = audit(text + standard).first { $0.id == "ingress-backend-missing" }
        #expect(known?.remedy.contains { $0.hasPrefix(words) } == false)
    }

    @Test(arguments: [("", Finding.Confidence.possible), (", namespace: shop", .certain)])
    func aRouteWithoutNamespace_isOnlyPossible(namespace: String, confidence: Finding.Confidence) throws {
        let text =
            "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: infra}\nspec:\n  gatewayClassName: c\n  listeners: [{name: http, protocol: HTTP, port: 80, allowedRoutes: {namespaces: {from: Same}}}]\n---\n"
            + "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: r\(namespace)}\nspec:\n  parentRefs: [{name: g, namespace: infra}]\n"
        let finding = try #require(audit(text).first { $0.id == "ingress-backend-missing" })
        #expect(finding.confidence == confidence)
        #expect(finding.severity == (confidence == .possible ? .warning : .critical))
    }

    // MARK: Services

    @Test func whatIsOnlyPossible_isNoError() {
        let text =
            "apiVersion: v1\nkind: Service\nmetadata: {name: up, namespace: kube-system}\nspec: {selector: {k8s-app: kube-dns}, ports: [{port: 53, protocol: UDP}]}\n---\n"
            + "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: cache, namespace: kube-system}\nspec:\n  selector: {matchLabels: {k8s-app: node-local-dns}}\n  template: {metadata: {labels: {k8s-app: node-local-dns}}, spec: {containers: [{name: c, image: i}]}}\n"
        #expect(!audit(text).ids.contains("service-no-endpoints"))
        let elsewhere = audit(text.replacing("kube-system", with: "shop").replacing("k8s-app", with: "app"))
        #expect(elsewhere.first { $0.id == "service-no-endpoints" }?.severity == .warning)
        let near = text.replacing("selector: {k8s-app: kube-dns}", with: "selector: {k8s-app: node-local-DNS}")
        #expect(audit(near).first { $0.id == "service-no-endpoints" }?.severity == .critical)
    }

    private static func queue(_ replicas: Int) -> String {
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: queue}\nspec:\n  serviceName: queue\n  replicas: \(replicas)\n  selector: {matchLabels: {app: queue}}\n  template: {metadata: {labels: {app: queue}}, spec: {containers: [{name: c, image: i, ports: [{containerPort: 5672}]}]}}\n---\n"
            + "apiVersion: v1\nkind: Service\nmetadata: {name: queue}\nspec: {selector: {app: queue}, ports: [{port: 5672}]}\n"
    }

    @Test(arguments: [(1, Severity.info), (3, .error)])
    func aSinglePod_needsNoNames(replicas: Int, severity: Severity) throws {
        let finding = try #require(audit(Self.queue(replicas)).first { $0.id == "headless-service-missing" })
        #expect(finding.severity == severity)
        let patch = try #require(finding.patch)
        #expect(patch.contains("name: queue-headless") && patch.contains("clusterIP: None"))
        let mended =
            Self.queue(replicas).replacing("serviceName: queue", with: "serviceName: queue-headless") + "---\n" + patch
        #expect(!audit(mended).ids.contains("headless-service-missing"))
    }

    // MARK: sites

    @Test(arguments: [
        ("old", "new"), ("v1", "v2"), ("before", "after"), ("blue", "green"), ("release/1.0", "release/1.1"),
        ("examples/basic", "examples/advanced"), ("shop", "patches-of-shop"), ("us/a", "eu/b"),
        ("cluster-old", "cluster-new"),
        ("clusters/staging", "clusters/prod"),
    ])
    func twoFolders_areNoSites(first: String, second: String) {
        #expect(Self.drift(first, second) == false)
    }

    @Test(arguments: [
        ("us", "eu"), ("clusters/alpha", "clusters/beta"), ("k8s/us-east-1", "k8s/eu-west-1"), ("site-a", "site-b"),
        ("sites/a/shop", "sites/b/shop"), ("store17", "store18"),
    ])
    func folders_ofSites(first: String, second: String) {
        #expect(Self.drift(first, second))
    }

    private static func drift(_ first: String, _ second: String) -> Bool {
        let service =
            "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {ports: [{port: 80, targetPort: 8080}]}\n"
        let other = service.replacing("8080", with: "9090")
        let found = AuditBook.judge(state([("\(first)/s.yaml", service), ("\(second)/s.yaml", other)]))
        return found.ids.contains("config-drift")
    }
}
