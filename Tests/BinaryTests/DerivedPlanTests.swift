import Foundation
import Testing

/// `leadsman plan`, as far as it goes without a network.
@Suite struct DerivedPlanTests {
    private static let manifest = """
        {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, spec: {containers: [{name: c}]}}
        ---
        {apiVersion: v1, kind: Service, metadata: {name: api, namespace: shop}, spec: {selector: {app: api}, ports: [{port: 80}]}}
        """

    private func plan(_ arguments: String...) async throws -> Outcome {
        try await Execution(Program.path, ["plan", "-"] + arguments, environment: [:], input: Self.manifest)
            .outcome(seconds: 20)
    }

    @Test func thePlanIsOnStandardOutput() async throws {
        let run = try await plan("--as", "shop/web")
        #expect(run.status == 0 && run.errors.isEmpty)
        #expect(run.output.contains("tcp: \"api.shop.svc.cluster.local:80\""))
        #expect(run.output.contains("# Service shop/api, port 80 (standard input:3)"))
        let other = try await plan("--as", "shop/web", "--domain", "corp.test.")
        #expect(other.output.contains("tcp: \"api.shop.svc.corp.test:80\""))
    }

    @Test(
        "Without a workload that is known nothing is derived",
        arguments: [
            ([], "--as is missing: which workload is the plan for? known are shop/web"),
            (["--as", "shop/wbe"], "did you mean shop/web?"),
            (["--as", "nowhere/else"], "no workload nowhere/else in the manifests: known are shop/web"),
            (["--as", "web"], "--as takes NAMESPACE/POD"),
            (["--as", "shop/web", "--domain", "a b"], "--domain takes a domain name"),
            (["--as", "shop/web", "--output", ""], "--output takes the name of a file"),
        ])
    func refusals(_ arguments: [String], _ message: String) async throws {
        let run = try await Execution(
            Program.path, ["plan", "-"] + arguments, environment: [:], input: Self.manifest
        ).outcome(seconds: 20)
        #expect(run.status == 2 && run.output.isEmpty)
        #expect(run.errors.contains(message), "\(run.errors)")
    }

    @Test func aFileIsWrittenWhole_andAPathThatIsNotThereIsToldSo() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("leadsman-plan-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("derived.yaml").path
        let run = try await plan("--as", "shop/web", "--output", file)
        #expect(run.status == 0 && run.output.isEmpty)
        #expect(
            try String(contentsOfFile: file, encoding: .utf8).hasPrefix(
                "# What must and what must not work from shop/web[Pod]"))
        let missing = try await Program.run("plan", folder.path + "/none.yaml", "--as", "a/b")
        #expect(missing.status == 2 && missing.errors.contains("none.yaml"))
    }

    // MARK: Jobs

    private static func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("leadsman-jobs-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    private static func fixture(_ path: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent(path).path
    }

    @Test(
        "Jobs that audit finds nothing wrong with, alone and beside what they were made from",
        arguments: ["PlanDerivationTests/Fixtures/shop.yaml", "AuditingTests/Fixtures/scenarios.md"])
    func jobs(_ fixture: String) async throws {
        try await Self.withFolder { folder in
            let manifests = Self.fixture(fixture)
            let run = try await Program.run(
                "plan", manifests, "--jobs", folder.path, "--image", "registry.example/leadsman:1")
            #expect(
                run.status == 0 && run.output.contains("Run them: kubectl apply -f \(folder.path)"), "\(run.errors)")
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
                $0.hasSuffix(".yaml")
            }
            let plans = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/plans")
            #expect(!files.isEmpty && files.sorted() == plans.sorted())
            let jobs = files.map { folder.path + "/" + $0 }
            let alone = try await Execution(
                Program.path, ["audit", "--format", "json"] + jobs, environment: [:], input: ""
            )
            .outcome(seconds: 20)
            #expect(alone.status == 0 && alone.json["objects"] as? Int == 2 * files.count, "\(alone.output)")
            #expect(alone.json.list("findings").isEmpty)
            let before = try await Program.run("audit", manifests, "--format", "json")
            let beside = try await Execution(
                Program.path, ["audit", "--format", "json", manifests] + jobs, environment: [:], input: ""
            ).outcome(seconds: 20)
            let told = beside.json.list("findings").filter { finding in
                ((finding["location"] as? [String: Any])?.text("file") ?? "").hasPrefix(folder.path)
            }
            #expect(told.isEmpty, "\(told)")
            #expect(beside.json.list("findings").count <= before.json.list("findings").count)
        }
    }

    @Test(
        "What --jobs cannot do",
        arguments: [
            (["--jobs", "x"], "--jobs needs --image"), (["--image", "x", "--as", "shop/web"], "--image is of --jobs"),
            (["--jobs", "", "--image", "x"], "--jobs takes the name of a folder"),
            (["--jobs", "x", "--image", "x", "--output", "y"], "--jobs writes files of its own"),
            (["--jobs", "x", "--image", "x", "--as", "shop/none"], "no workload shop/none in the manifests"),
        ])
    func jobRefusals(_ arguments: [String], _ message: String) async throws {
        let run = try await Execution(Program.path, ["plan", "-"] + arguments, environment: [:], input: Self.manifest)
            .outcome(seconds: 20)
        #expect(run.status == 2 && run.output.isEmpty)
        #expect(run.errors.contains(message), "\(run.errors)")
    }
}
