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

    /// The name of a file is somebody else's text too.
    @Test func aNameWithControlCharacters_neverReachesTheTerminalOrAPatch() async throws {
        let scratch = try Scratch()
        let policy = """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: a, namespace: shop}
            spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {a: b}}}]}]}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: a, namespace: shop, labels: {a: b}}
            spec: {containers: [{name: a, image: b}]}
            ---
            a: [
            """
        let outcome = try await Program.shell(
            """
            mkdir $D/in; F="$D/in/$(printf 'x\\033[31m\\nkind: Evil\\nx.yaml')"; printf %s "$POLICY" > "$F"
            $L audit $D/in --patch $D/out; $L audit $D/in --format csv; $L plan $D/in --as shop/a
            $L audit $D/in --connectivity; cat $D/out/*.yaml; ls $D/out | wc -l
            """, environment: ["D": scratch.path, "POLICY": policy])
        let text = outcome.output + outcome.errors
        #expect(text.contains("\\nkind: Evil\\nx.yaml:") && !text.contains("\nkind: Evil"), "\(text)")
        #expect(!text.utf8.contains { $0 < 0x20 && $0 != 0x0a && $0 != 0x0d })
        #expect(outcome.output.hasSuffix("1\n"), "\(text)")
    }
}
