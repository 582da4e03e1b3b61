import Foundation
import Testing

/// `leadsman audit`, `plan` and standard input that holds nothing, or cannot be read.
@Suite struct AuditInputTests {
    @Test(
        "Nothing to judge is bad input, and no pass",
        arguments: ["", "\n\n", "# a remark\n", "---\n---\n", "# Guide\n\nWords, and no manifest.\n```\nls\n```\n"])
    func nothing(_ text: String) async throws {
        let audit = try await Program.run("audit", "-", "--format", "json", input: text)
        #expect(audit.status == 2 && audit.output.isEmpty, "\(audit)")
        #expect(audit.errors.contains("no Kubernetes object in standard input: nothing was judged"), "\(audit.errors)")
        let plan = try await Program.run("plan", "-", "--as", "shop/web", input: text)
        #expect(plan.status == 2 && plan.output.isEmpty && plan.errors.contains("standard input"))
        let connectivity = try await Program.run("audit", "-", "--connectivity", input: text)
        #expect(connectivity.status == 2 && connectivity.errors.contains("standard input"))
    }

    @Test func aFolderWithoutManifests_isBadInput() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("leadsman-audit-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let run = try await Program.run("audit", folder.path)
        #expect(run.status == 2 && run.errors.contains("no Kubernetes object in \(folder.path)"))
    }

    @Test func standardInputThatCannotBeRead_isNamed() async throws {
        let folder = try await Program.shell("\"$L\" audit - < /")
        #expect(folder.status == 2 && folder.output.isEmpty)
        #expect(folder.errors.contains("cannot read standard input: Is a directory"), "\(folder.errors)")
        let closed = try await Program.shell("\"$L\" audit - <&-")
        #expect(closed.status == 2 && closed.errors.contains("standard input"), "\(closed)")
    }

    @Test func placesInStandardInput_areNamedForPeople_andByADashForPrograms() async throws {
        let text = "kind: ConfigMap\nmetadata:\n\tname: a\n"
        let page = try await Program.run("audit", "-", input: text)
        #expect(page.status == 1 && page.output.contains("standard input:3") && !page.output.contains("-:3"))
        let json = try await Program.run("audit", "-", "--format", "json", input: text)
        let location = json.json.list("findings").first?["location"] as? [String: Any] ?? [:]
        #expect(location["file"] as? String == "-" && location["line"] as? Int == 3)
    }
}
