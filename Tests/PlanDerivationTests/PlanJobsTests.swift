import ManifestFiles
import Manifests
import PlanDerivation
import Planning
import Testing
import YAML

/// `leadsman plan --jobs`: a plan and a Job for each label set.
@Suite struct PlanJobsTests {
    private struct Made {
        var jobs: [PlanJob] = []
        var leftOut: [String] = []
    }

    private static func jobs(_ text: String, file: String = "a.yaml") throws -> Made {
        let state = DeclaredState(ManifestReader.read(Array(text.utf8), file: file))
        var made = Made()
        try PlanJobs(state, as: nil, .init(image: "registry.example/leadsman:1", domain: "cluster.local")).forEach {
            switch $0 {
            case .job(let job): made.jobs.append(job)
            case .leftOut(let reason): made.leftOut.append(reason)
            }
        }
        return made
    }

    private static func objects(_ job: PlanJob) throws -> (map: ManifestObject, job: ManifestObject) {
        let set = ManifestReader.read(Array(job.manifest.utf8), file: "job.yaml")
        #expect(set.problems.isEmpty, "\(set.problems)")
        try #require(set.objects.map(\.kind) == ["ConfigMap", "Job"], "\(job.manifest)")
        return (set.objects[0], set.objects[1])
    }

    /// Each manifest, read again, holds the plan to the byte, and a pod as the workload's but never ready.
    private static func prove(_ jobs: Made) throws {
        for job in jobs.jobs {
            let (map, object) = try objects(job)
            #expect(map["data", "plan.yaml"]?.text == job.plan.text && job.planText == job.plan.text)
            #expect(try read(job.plan).checks.count == job.plan.checks.count)
            #expect(map.name == job.name && object.name == job.name && object.namespace == map.namespace)
            #expect(
                job.name.utf8.count <= 63
                    && job.name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
            let workload = try #require(Workload(object))
            #expect(
                workload.template.spec["readinessGates"]?.items.first?["conditionType"]?.text == "leadsman.dev/never")
            #expect(workload.template.containers.map { $0["image"]?.text } == ["registry.example/leadsman:1"])
            #expect(workload.template.spec["volumes"]?.items.first?["configMap"]?["name"]?.text == map.name)
            #expect(workload.template.ports.isEmpty)
        }
        let names = jobs.jobs.map { "\($0.namespace)/\($0.name)" }
        #expect(Set(names).count == names.count)
    }

    @Test func aShop_hasAJobForEachKindOfPod() throws {
        let text = try Fixture.text("PlanDerivationTests/Fixtures/shop.yaml")
        let jobs = try Self.jobs(text, file: "shop.yaml")
        try Self.prove(jobs)
        let names = jobs.jobs.map { "\($0.namespace)/\($0.name)" }
        #expect(names.contains("shop/leadsman-web") && names.contains("shop/leadsman-api"), "\(names)")
        let web = try #require(jobs.jobs.first { $0.name == "leadsman-web" && $0.namespace == "shop" })
        #expect(web.plan.text == (try derive(text, as: "shop/web", file: "shop.yaml").text))
        let state = DeclaredState(ManifestReader.read(Array(text.utf8), file: "shop.yaml"))
        let own = try #require(state.index(ofWorkload: DeclaredState.Name("shop", "web")))
        #expect(try Workload(Self.objects(web).job)?.labels == state.workloads[own].labels)
        #expect(try Self.jobs(text, file: "shop.yaml").jobs.map(\.manifest) == jobs.jobs.map(\.manifest))
    }

    @Test func theDocumentOfFiveScenarios_hasJobs() throws {
        let jobs = try Self.jobs(Fixture.text("AuditingTests/Fixtures/scenarios.md"), file: "scenarios.md")
        try Self.prove(jobs)
        #expect(jobs.jobs.map(\.name) == ["leadsman-data-sync", "leadsman-edge-processor"])
        // No policy and no Service tells these two apart.
        #expect(
            jobs.jobs[0].manifest.hasPrefix("# Runs a plan as default/data-sync[CronJob], and as default/financial-db[")
        )
    }

    private static func pod(_ name: String, _ labels: String, _ spec: String = "containers: [{name: c}]") -> String {
        """
        {apiVersion: apps/v1, kind: Deployment, metadata: {name: \(name), namespace: n}, spec: {template: \
        {metadata: {labels: {\(labels)}}, spec: {\(spec)}}}}
        ---

        """
    }

    private static let service = """
        {apiVersion: v1, kind: Service, metadata: {name: api, namespace: n}, spec: {selector: {app: api}, ports: [{port: 80}]}}

        """
    private static let policy = """
        ---
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: p, namespace: n}
        spec: {podSelector: {matchLabels: {tier: back}}, ingress: []}
        """

    @Test func labelsThatNobodyAsksFor_makeNoSets() throws {
        let text =
            Self.pod("a", "app: web, build: '1'") + Self.pod("b", "app: web, build: '2'") + Self.pod("c", "app: api")
            + Self.pod("d", "tier: back") + Self.service
        #expect(try Self.jobs(text).jobs.map(\.name) == ["leadsman-a", "leadsman-c"])
        #expect(try Self.jobs(text + Self.policy).jobs.map(\.name) == ["leadsman-a", "leadsman-c", "leadsman-d"])
        #expect(
            try Self.jobs(text).jobs[0].manifest.contains(
                "# Runs a plan as n/a[Deployment], and as n/b[Deployment], n/d[Deployment]:"))
    }

    @Test func accountsTellApart_andTheResolverIsTheirs() throws {
        let text =
            Self.pod("a", "app: web")
            + Self.pod("b", "app: web", "serviceAccountName: b, dnsPolicy: ClusterFirst, containers: [{name: c}]")
            + Self.service
        let jobs = try Self.jobs(text).jobs
        try #require(jobs.map(\.name) == ["leadsman-a", "leadsman-b"])
        let spec = try Self.objects(jobs[1]).job["spec", "template", "spec"]
        #expect(spec?["serviceAccountName"]?.text == "b" && spec?["dnsPolicy"]?.text == "ClusterFirst")
        #expect(try Self.objects(jobs[0]).job["spec", "template", "spec", "dnsPolicy"] == nil)
    }

    @Test func whatALabelCannotMakeAPodOf_isLeftOut() throws {
        let jobs = try Self.jobs(
            Self.pod("a", "app: web") + Self.pod("agent", "app: agent", "hostNetwork: true, containers: [{name: c}]")
                + Self.service)
        #expect(jobs.jobs.map(\.name) == ["leadsman-a"])
        #expect(jobs.leftOut.count == 1 && jobs.leftOut[0].hasPrefix("n/agent[Deployment]: it uses its node's network"))
    }

    @Test func aServiceThatPublishesWhatIsNotReady_isToldOf() throws {
        let open = Self.service.replacing("ports:", with: "publishNotReadyAddresses: true, ports:")
        let jobs = try Self.jobs(Self.pod("api", "app: api") + Self.pod("web", "app: web") + open).jobs
        #expect(
            jobs.first { $0.name == "leadsman-api" }?.warnings.first?.hasPrefix("Service n/api publishes pods") ?? true)
        #expect(jobs.first { $0.name == "leadsman-web" }?.warnings == [])
    }

    @Test func labelsOfAJobsOwnController_areNotTakenOver() throws {
        let jobs = try Self.jobs(
            Self.pod("a", "app: web, job-name: x, batch.kubernetes.io/controller-uid: y, controller-uid: y")
                + Self.service)
        #expect(try Workload(Self.objects(jobs.jobs[0]).job)?.labels == ["app": "web"])
    }

    @Test func tooManyLabelSets_areToldByTheirNumber() {
        let many = (0...PlanJobs.most).map { "---\n" + Self.pod("p\($0)", "app: web", "serviceAccountName: s\($0)") }
        #expect(throws: PlanJobs.TooMany.self) { try Self.jobs(many.joined() + Self.service) }
    }

    @Test(
        "Whatever labels and names say, the manifest holds it",
        arguments: [
            "true", "1", "a: b", "x\ny", "- a", "\u{85}", "\"", "{", "ü", String(repeating: "long-", count: 40), "#",
            "",
        ])
    func hostile(_ text: String) throws {
        let quoted = yamlScalar(text)
        let jobs = try Self.jobs(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: \(quoted), namespace: n, labels: {app: \(quoted), \(quoted): x}}
            spec: {serviceAccountName: \(quoted), containers: [{name: c}]}
            ---
            \(Self.pod("web", "app: web"))
            \(Self.service)
            """)
        try Self.prove(jobs)
        #expect(try jobs.jobs.contains { try Workload(Self.objects($0).job)?.labels["app"] == text } || text.isEmpty)
    }

    @Test func aPlanOfManyChecks_isCutToWhatAConfigMapHolds() throws {
        let services = (0..<4000).map { number in
            """
            ---
            {apiVersion: v1, kind: Service, metadata: {name: a-service-with-a-long-name-\(number), namespace: n}, \
            spec: {selector: {app: web}, ports: [{port: 80}]}}

            """
        }
        let jobs = try Self.jobs(Self.pod("web", "app: web") + Self.pod("db", "app: db") + services.joined())
        try Self.prove(jobs)
        let job = try #require(jobs.jobs.first { $0.name == "leadsman-db" })
        #expect(job.planText.utf8.count <= 1_000_000 && job.planText.utf8.count > 900_000)
        #expect(
            job.plan.droppedChecks > 0 && job.planText.contains("# left out: \(job.plan.droppedChecks) further checks"))
    }
}
