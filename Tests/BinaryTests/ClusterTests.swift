import Foundation
import Testing

/// `leadsman audit cluster` as a shell sees it; what it reads is proved in LoopbackTests.
@Suite struct ClusterTests {
    /// A folder with a kubeconfig in it, for the time of `body`.
    private static func with(
        _ config: String, _ body: (_ path: String) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("leadsman-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("config").path
        try config.write(toFile: path, atomically: true, encoding: .utf8)
        try await body(path)
    }

    private static func config(server: String, user: String = "{token: t0k3n}") -> String {
        """
        current-context: here
        clusters: [{name: c, cluster: {server: "\(server)"}}]
        users: [{name: u, user: \(user)}]
        contexts: [{name: here, context: {cluster: c, user: u}}]
        """
    }

    @Test("A mistake in the kubeconfig is bad input, told at its line")
    func mistake() async throws {
        try await Self.with("kind: Config\nclusters: [") { path in
            let run = try await Program.run("audit", "cluster", "--kubeconfig", path)
            #expect(run.status == 2 && run.output.isEmpty)
            #expect(run.errors.hasPrefix("leadsman: \(path):"), "\(run.errors)")
            #expect(run.errors.contains("to mend it: "))
        }
    }

    @Test("A password is refused at its line and shown nowhere")
    func password() async throws {
        try await Self.with(Self.config(server: "https://127.0.0.1:1", user: "{username: a, password: t0k3n}")) {
            path in
            let run = try await Program.run("audit", "cluster", environment: ["KUBECONFIG": path])
            #expect(run.status == 2 && run.errors.contains("\(path):3:") && !run.errors.contains("t0k3n"))
        }
    }

    @Test("No kubeconfig at all, or a context that is not there, is bad input")
    func nothing() async throws {
        let none = try await Program.run(
            "audit", "cluster", environment: ["HOME": "/nowhere", "KUBECONFIG": "", "KUBERNETES_SERVICE_HOST": ""])
        #expect(none.status == 2 && none.errors.contains("/nowhere/.kube/config"))
        try await Self.with(Self.config(server: "https://127.0.0.1:1")) { path in
            let run = try await Program.run("audit", "cluster", "--kubeconfig", path, "--context", "there")
            #expect(run.status == 2 && run.errors.contains("choose one by --context: here"))
        }
    }

    @Test("A server that cannot be reached is our inability: 3")
    func unreachable() async throws {
        try await Self.with(Self.config(server: "https://127.0.0.1:1")) { path in
            let run = try await Program.run("audit", "cluster", "--kubeconfig", path)
            #expect(run.status == 3 && run.output.isEmpty && !run.errors.contains("t0k3n"))
            #expect(run.errors.contains("https://127.0.0.1:1 (context here of \(path)): cannot be reached"))
        }
    }

    @Test("The options of a cluster without the word are bad usage")
    func withoutTheWord() async throws {
        let run = try await Program.run("audit", "/dev/null", "--context", "here")
        #expect(run.status == 2 && run.errors.contains("belong to the word `cluster`"))
    }
}
