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
}
