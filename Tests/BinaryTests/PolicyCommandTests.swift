import Foundation
import Testing

/// `leadsman audit --connectivity`, as a user or a script runs it.
@Suite struct PolicyCommandTests {
    private static let manifests = """
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: shop, labels: {app: web}}
        spec: {containers: [{name: c}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: db, namespace: shop, labels: {app: db}}
        spec: {containers: [{name: c}]}
        ---
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: db-policy, namespace: shop}
        spec:
          podSelector: {matchLabels: {app: db}}
          ingress:
          - from: [{podSelector: {matchLabels: {app: web}}}]
            ports: [{port: 5432}]

        """

    /// Gone with the test.
    private final class Files {
        let scratch: Scratch

        init() throws {
            scratch = try Scratch()
        }
    }

    private let files: Files
    private let path: String

    init() throws {
        files = try Files()
        path = try files.scratch.file("policies.yaml", Self.manifests)
    }

    private func ask(_ words: String...) async throws -> Outcome {
        try await Execution(Program.path, ["audit", path, "--connectivity"] + words, environment: [:], input: "")
            .outcome(seconds: 20)
    }

    @Test("The document has one row for each pair that may talk, and its status is 0")
    func rows() async throws {
        let run = try await ask("--format", "json")
        #expect(run.status == 0 && run.json.text("schema") == "leadsman/connectivity/v1")
        let rows = run.json.list("allowed")
        #expect(
            rows.map { "\($0.text("from") ?? "") > \($0.text("to") ?? "")" } == [
                "shop/db[Pod] > shop/web[Pod]", "shop/db[Pod] > external", "shop/web[Pod] > shop/db[Pod]",
                "shop/web[Pod] > external", "external > shop/web[Pod]",
            ])
        #expect(rows[2].list("ports").first?["from"] as? Int == 5432 && rows[0].text("ports") == "all")
    }

    @Test("An allowed flow is 0 and names the rule, a denied one is 1 and names the policy")
    func flows() async throws {
        let allowed = try await ask("--from", "shop/web", "--to", "shop/db", "--port", "TCP/5432", "--format", "json")
        #expect(allowed.status == 0 && allowed.json["allowed"] as? Bool == true)
        let rule = try #require(allowed.json.list("decidedBy").first)
        #expect(rule.text("file") == path && rule["line"] as? Int == 17 && rule["rule"] as? Int == 0)
        #expect(rule.text("policy") == "shop/db-policy" && rule.text("direction") == "ingress")
        let denied = try await ask("--from", "external", "--to", "shop/db", "--port", "5432", "--format", "json")
        #expect(denied.status == 1 && denied.json["allowed"] as? Bool == false)
        #expect(denied.json.list("decidedBy").first?["rule"] is NSNull)
    }

    @Test("The page begins with the answer and ends with YAML to apply")
    func page() async throws {
        let run = try await ask("--from", "shop/web", "--to", "shop/db", "--port", "UDP/53")
        #expect(run.status == 1 && run.output.hasPrefix("DENIED  shop/web[Pod] → shop/db[Pod] UDP/53: ingress of"))
        // The page is wrapped, the YAML is not.
        #expect(run.output.filter { !$0.isWhitespace }.contains("shop/db-policy(\(path):11)"))
        #expect(run.output.contains("\nkind: NetworkPolicy\n"))
    }

    @Test(
        "What cannot be asked is bad usage",
        arguments: [
            ["--from", "shop/wep", "--to", "shop/db"], ["--port", "80"], ["--from", "shop/web", "--format", "jsonl"],
            ["--from", "shop/web", "--to", "shop/db", "--port", "0"], ["--diff"],
            ["--from", "shop/web", "--to", "shop/db", "--format", "dot"],
        ])
    func mistakes(words: [String]) async throws {
        let run = try await Execution(
            Program.path, ["audit", path, "--connectivity"] + words, environment: [:], input: ""
        ).outcome(seconds: 20)
        #expect(run.status == 2 && run.output.isEmpty && !run.errors.isEmpty)
    }

    @Test("Tables and graphs are of the same rows")
    func forms() async throws {
        let table = try await ask("--format", "csv", "--to", "shop/db")
        #expect(table.output.contains("shop/web[Pod],shop/db[Pod],TCP,5432,5432\r\n") && table.status == 0)
        let graph = try await ask("--format", "dot")
        #expect(graph.output.contains("\"shop/web[Pod]\" -> \"shop/db[Pod]\" [label=\"TCP/5432\"];"))
    }

    @Test("Two sets are compared, and what changed is told with who decides")
    func difference() async throws {
        let open = try files.scratch.file(
            "open.yaml", Self.manifests.components(separatedBy: "---").dropLast().joined(separator: "---"))
        let run = try await Program.run("audit", "--diff", open, path, "--format", "json")
        #expect(run.status == 0 && run.json.list("gained").isEmpty)
        #expect(run.json.list("lost").map { $0.text("from") } == ["shop/web[Pod]", "external"])
        #expect(run.json.list("lost").allSatisfy { $0.list("decidedBy").first?.text("policy") == "shop/db-policy" })
        let page = try await Program.run("audit", "--diff", path, open)
        #expect(page.output.contains("no longer isolated by shop/db-policy"))
    }
}
