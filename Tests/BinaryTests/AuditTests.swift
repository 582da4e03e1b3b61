import Foundation
import Testing

/// `leadsman audit` as a script uses it: status, places, and what hostile files cost.
@Suite struct AuditTests {
    private static let good = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\n"

    private func audit(_ text: String) async throws -> Outcome {
        try await Program.run("audit", "-", "--format", "json", input: text, seconds: 60)
    }

    private func places(_ outcome: Outcome) -> [String] {
        outcome.json.list("findings").map { finding in
            let location = finding["location"] as? [String: Any] ?? [:]
            return "\(finding.text("id") ?? ""):\(location["line"] as? Int ?? 0)"
        }
    }

    @Test func soundManifests_passInSilence() async throws {
        let outcome = try await audit(Self.good)
        #expect(outcome.status == 0 && places(outcome) == [] && outcome.json["objects"] as? Int == 1)
    }

    @Test func aPathThatIsNotThere_isBadInput() async throws {
        let outcome = try await Program.run("audit", "/nonexistent/a.yaml")
        #expect(outcome.status == 2 && outcome.output.isEmpty && outcome.errors.contains("/nonexistent/a.yaml"))
    }

    @Test(arguments: [
        (
            "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n",
            6
        ),
        ("a: " + String(repeating: "[", count: 100_000) + "\n", 1),
        ("kind: ConfigMap\nmetadata:\n\tname: a\n", 3), ("kind: ConfigMap\nname: a\u{0}b\n", 2),
        ("kind: ConfigMap\nmetadata:\n  name: a\n  name: b\n", 4),
        ("a: " + String(repeating: "x", count: 5 << 20) + "\n", 1),
        ("metadata:\n  name: {{ .Values.name }}\n", 2), ("just words\n", 1),
    ])
    func aHostileDocument_isToldAtItsLine_andHidesNoOther(text: String, line: Int) async throws {
        let outcome = try await audit(text + "---\n" + Self.good)
        #expect(outcome.status == 1)
        #expect(places(outcome).contains("manifest-invalid:\(line)"), "\(places(outcome))")
        #expect((outcome.json["objects"] as? Int ?? 0) >= 1)
    }

    @Test func kindsThatAreNotJudged_areNamed() async throws {
        let outcome = try await audit("apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: a}\n")
        let told = outcome.json["notEvaluated"] as? [String] ?? []
        #expect(
            outcome.status == 0 && told.count == 1
                && told[0].contains("CiliumNetworkPolicy (cilium.io), first at standard input:1"))
    }
}
