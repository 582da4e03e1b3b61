import ManifestFiles
import Manifests
import NetValues
import Testing
import YAML

@Suite struct PolicyPatchTests {
    private static func state(_ text: String) -> DeclaredState {
        DeclaredState(ManifestReader.read(Array(text.utf8), file: "a.yaml"))
    }

    /// What a patch says is read back as the policy that was meant.
    @Test func aPatch_isAPolicyOfItsOwn() throws {
        let state = Self.state(
            """
            kind: NetworkPolicy
            apiVersion: networking.k8s.io/v1
            metadata: {name: db, namespace: shop}
            spec:
              podSelector: {matchExpressions: [{key: app, operator: In, values: ["yes", db]}]}
              policyTypes: [Ingress]
            ---
            kind: Deployment
            apiVersion: apps/v1
            metadata: {name: web, namespace: front}
            spec: {template: {metadata: {labels: {app: "on", a/b: "1"}}, spec: {containers: []}}}
            """)
        let policy = try #require(state.policies.first)
        let web = try #require(state.workloads.first)
        let range = try #require(AddressRange("10.0.0.0/8"))
        let text = PolicyPatch.adding(
            to: policy, .ingress, [.pods(web, ofNamespace: "shop"), .block(range)], [5432], .tcp)
        let patched = try #require(Self.state(text).policies.first)
        #expect(patched.mistakes.isEmpty && patched.namespace == "shop" && patched.isolates == [.ingress])
        #expect(patched.selector == policy.selector)
        let rule = try #require(patched.ingress.first)
        #expect(rule.ports?.map(\.number) == [.range(5432...5432)])
        #expect(
            rule.peers?.map(\.peer) == [
                .pods(
                    LabelSelector(matchLabels: ["app": "on", "a/b": "1"]),
                    namespaces: LabelSelector(matchLabels: ["kubernetes.io/metadata.name": "front"])),
                .block(range, except: []),
            ])
    }

    @Test(arguments: ["web", "on", "1", "a: b", "", "-x", "{a}", "a\"b\\c", "#x", "1.5", "null", "a\nb", "0x1f", "~"])
    func scalars_areReadBackAsTheText(_ text: String) throws {
        let set = ManifestReader.read(
            Array("kind: A\nmetadata: {labels: {x: \(yamlScalar(text))}}\n".utf8), file: "a.yaml")
        #expect(set.objects.first?.root[["metadata", "labels", "x"]]?.string ?? "" == text)
    }
}
