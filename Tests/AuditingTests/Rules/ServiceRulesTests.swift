import Auditing
import Diagnosis
import ManifestFiles
import Manifests
import NetValues
import Planning
import Testing

@Suite struct ServiceRulesTests {
    @Test func aSoundShop_isSilent() {
        #expect(audit(soundShop).ofServices == [])
    }

    // MARK: service-no-endpoints

    @Test func aSelectorWithASlip_isToldWithTheRightLabels() throws {
        let text = soundShop.replacing("app: web", with: "app: storefront").replacing(
            "    app: storefront\n  ports", with: "    app: storefornt\n  ports")
        let found = audit(text)
        let finding = try #require(found.first("service-no-endpoints"))
        #expect(found.lines(of: "service-no-endpoints") == [32])
        #expect(finding.confidence == .likely && finding.severity == .critical)
        #expect(finding.patch?.hasPrefix("apiVersion: v1\nkind: Service\nmetadata:\n  name: ") == true)
        #expect(finding.patch?.hasSuffix("\n  namespace: shop\nspec:\n  selector:\n    app: storefront") == true)
        #expect(finding.isPatchPart)
    }

    /// Nothing else in the file selects the pods; in a guide they may be of another system.
    @Test func aSelectorOfAnotherApplication_isLikelyBesidePodsThatNothingSelects() {
        let text = soundShop.replacing("    app: web\n  ports", with: "    app: checkout\n  ports")
        #expect(audit(text).first("service-no-endpoints")?.confidence == .likely)
        #expect(audit(text, file: "guide.md").first("service-no-endpoints")?.confidence != .likely)
    }

    @Test(arguments: [("wob", true), ("wep", false), ("app", false)])
    func aShortSlip_keepsItsEnds(value: String, isNear: Bool) {
        let text = soundShop.replacing("    app: web\n  ports", with: "    app: \(value)\n  ports")
        #expect((audit(text).first("service-no-endpoints")?.patch != nil) == isNear)
    }

    /// A selector by version is no slip of another version.
    @Test func aSelectorOfAnotherVersion_isNotCalledASlip() {
        let text = soundShop.replacing("app: web", with: "app: web1").replacing(
            "    app: web1\n  ports", with: "    app: web2\n  ports")
        #expect(audit(text).first("service-no-endpoints")?.patch == nil)
    }

    private static let alone = """
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {selector: {app: web}, ports: [{port: 80}]}
        """

    /// The pods of a Service are often declared in another file.
    @Test func aServiceByItself_isSilent_exceptInAWholeCluster() {
        #expect(audit(Self.alone).lines(of: "service-no-endpoints") == [])
        var set = ManifestReader.read(Array(Self.alone.utf8), file: "a.yaml")
        set.isComplete = true
        #expect(AuditBook.judge(DeclaredState(set)).first("service-no-endpoints")?.confidence == .certain)
        // RBAC forbids some kinds: it counts which.
        set.isComplete = false
        set.wholeKinds = ["Service", "ConfigMap"]
        #expect(AuditBook.judge(DeclaredState(set)).first("service-no-endpoints") == nil)
        set.wholeKinds = ["Service", "Pod"]
        #expect(AuditBook.judge(DeclaredState(set)).first("service-no-endpoints")?.confidence == .certain)
    }

    /// A cluster whose pods may not be listed, of which other workloads were.
    @Test func podsThatCannotBeRead_areNotMissed() {
        let text = soundShop + "---\n" + Self.alone.replacing("{app: web}", with: "{app: elsewhere}")
        var set = ManifestReader.read(Array(text.utf8), file: "a.yaml")
        set.wholeKinds = ["Service", "Deployment"]
        #expect(AuditBook.judge(DeclaredState(set)).first("service-no-endpoints") == nil)
        set.wholeKinds.insert("Pod")
        #expect(AuditBook.judge(DeclaredState(set)).first("service-no-endpoints") != nil)
    }

    @Test(arguments: [
        "spec: {ports: [{port: 80}]}", "spec: {type: ExternalName, externalName: a.example.com, selector: {app: x}}",
        "spec: {selector: {strimzi.io/cluster: a}, ports: [{port: 80}]}",
    ])
    func aServiceWhosePodsOthersKeep_isSilent(spec: String) {
        let text = soundShop + "---\napiVersion: v1\nkind: Service\nmetadata: {name: x, namespace: shop}\n\(spec)\n"
        #expect(audit(text).lines(of: "service-no-endpoints") == [])
    }

    /// The Prometheus operator makes pods from a Prometheus; no template shows them.
    @Test func podsThatAnOperatorMakes_areNotMissed() {
        let text =
            soundShop + """
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: prometheus-k8s, namespace: shop}
                spec:
                  selector: {app.kubernetes.io/name: prometheus, app.kubernetes.io/instance: k8s}
                  ports: [{port: 9090}]

                """
        #expect(audit(text).lines(of: "service-no-endpoints") == [70])
        let made =
            "---\napiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: k8s, namespace: shop}\n"
        #expect(audit(text + made).lines(of: "service-no-endpoints") == [])
    }

    @Test func podsInAnotherNamespace_areTold() {
        let text =
            Self.alone.replacing(", namespace: shop", with: "")
            + "\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop, labels: {app: web}}\nspec: {containers: [{name: a}]}\n"
        let finding = audit(text).first("service-no-endpoints")
        #expect(
            finding?.patch?.contains("kind: Service") == true && finding?.patch?.contains("  namespace: shop\n") == true
                && finding?.isPatchPart == false && finding?.confidence == .possible)
    }

    private static func sliced(ready: Bool) -> String {
        alone
            + "\n---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
            + "metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}\n"
            + "endpoints: [{addresses: [10.0.0.1], conditions: {ready: \(ready)}, targetRef: {kind: Pod, name: web-0}}]\n"
    }

    @Test func whatTheClusterSaysItself_isCertain() {
        let finding = audit(Self.sliced(ready: false)).first("service-no-endpoints")
        #expect(finding?.confidence == .certain)
        #expect(finding?.evidence.first?.contains("Pod/web-0") == true)
        #expect(audit(Self.sliced(ready: true)).first("service-no-endpoints") == nil)
    }

    @Test func scaledToZero_isAWarning_unlessSomethingScalesIt() {
        let text = soundShop.replacing("replicas: 2", with: "replicas: 0")
        #expect(audit(text).lines(of: "service-no-endpoints") == [10])
        #expect(audit(text).first("service-no-endpoints")?.severity == .warning)
        let scaler =
            "---\napiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: s, namespace: shop}\nspec: {scaleTargetRef: {name: web}}\n"
        #expect(audit(text + scaler).lines(of: "service-no-endpoints") == [])
    }

    // MARK: service-port-mismatch

    @Test func aNamedTargetPortThatNoContainerHas_isCertain() {
        let found = audit(soundShop.replacing("targetPort: 8080", with: "targetPort: htp"))
        #expect(found.lines(of: "service-port-mismatch") == [37])
        #expect(found.first("service-port-mismatch")?.confidence == .certain)
        #expect(
            found.first("service-port-mismatch")?.patch?.hasSuffix(
                "  namespace: shop\nspec:\n  ports:\n  - port: 80\n    name: http\n    protocol: TCP\n    targetPort: http"
            ) == true)
        #expect(audit(soundShop.replacing("targetPort: 8080", with: "targetPort: http")).ofServices == [])
    }

    @Test func aNamedTargetPortOfTheOtherProtocol_isTold() {
        let text = soundShop.replacing("targetPort: 8080", with: "targetPort: http\n    protocol: UDP")
        #expect(audit(text).lines(of: "service-port-mismatch") == [37])
    }

    /// Containers need not declare their ports.
    @Test func aNumberThatIsNotDeclared_isLikely_andNothingWhereThePodSpeaksOfIt() {
        let text = soundShop.replacing("targetPort: 8080", with: "targetPort: 9999")
        #expect(audit(text).lines(of: "service-port-mismatch") == [37])
        #expect(audit(text).first("service-port-mismatch")?.confidence == .likely)
        let speaking = text.replacing("image: web:1", with: "args: [\"--listen=0.0.0.0:9999\"]")
        #expect(audit(speaking).lines(of: "service-port-mismatch") == [])
        let silent = text.replacing("        ports:\n        - {name: http, containerPort: 8080}\n", with: "")
            .replacing(
                "port: http\n", with: "port: 8080\n")
        #expect(audit(silent).lines(of: "service-port-mismatch") == [])
    }

    @Test func aSecondPortThatIsNotDeclared_isPossibleOnly() {
        let text = soundShop.replacing(
            "    targetPort: 8080\n", with: "    targetPort: 8080\n  - {name: metrics, port: 9090}\n")
        let finding = audit(text).first("service-port-mismatch")
        #expect(finding?.confidence == .possible && finding?.severity == .warning && finding?.location?.line == 38)
    }

    @Test func aPolicyThatNamesAPortOfNobody_isTold() {
        func policy(_ port: String) -> String {
            soundShop
                + "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec:\n  podSelector: {matchLabels: {app: web}}\n  ingress:\n  - ports:\n    - port: \(port)\n"
        }
        #expect(audit(policy("web")).lines(of: "service-port-mismatch") == [73])
        #expect(audit(policy("http")).lines(of: "service-port-mismatch") == [])
    }

    // MARK: headless-service-missing, single-point-of-failure

    private static let database = """
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: db, namespace: shop}
        spec:
          replicas: 3
          serviceName: db
          selector: {matchLabels: {app: db}}
          template:
            metadata: {labels: {app: db}}
            spec: {containers: [{name: db, ports: [{containerPort: 5432}]}]}

        """

    private static func service(_ more: String) -> String {
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\nspec: {selector: {app: db}, ports: [{port: 5432}]\(more)}\n"
    }

    @Test func aStatefulSetWithoutItsService_isTold() throws {
        let finding = try #require(audit(Self.database).first("headless-service-missing"))
        #expect(finding.location?.line == 6 && finding.confidence == .possible)
        #expect(audit(Self.database + "---\n" + (finding.patch ?? "")).ofServices == [])
    }

    @Test func aServiceThatIsNotHeadless_isTold() {
        #expect(audit(Self.database + Self.service("")).first("headless-service-missing")?.confidence == .certain)
        #expect(audit(Self.database + Self.service(", clusterIP: None")).ofServices == [])
    }

    @Test func onePodBehindAnIngress_isASinglePoint() {
        let text = soundShop.replacing("replicas: 2", with: "replicas: 1")
        #expect(audit(text).ofServices == ["single-point-of-failure:10"])
        let scaler =
            "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: s, namespace: shop}\nspec: {minReplicas: 2, scaleTargetRef: {name: web}}\n"
        #expect(audit(text + scaler).ofServices == [])
        #expect(audit(soundShop.replacing("  replicas: 2\n", with: "")).ofServices == [])
        #expect(
            audit(Self.database.replacing("replicas: 3", with: "replicas: 1")).lines(of: "single-point-of-failure")
                == [])
    }
}
