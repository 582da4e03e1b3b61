import Auditing
import Diagnosis
import ManifestFiles
import Manifests
import Testing

@Suite struct ConfigDriftTests {
    private static let service =
        "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec:\n  selector: {app: web}\n  ports:\n  - {port: 80, targetPort: 8080}\n"

    private func drift(_ files: [(String, String)]) -> [String] {
        var set = ManifestSet()
        for (file, text) in files { set.add(ManifestReader.read(Array(text.utf8), file: file)) }
        let found = AuditBook.judge(DeclaredState(set)).filter { $0.id == "config-drift" }
        return found.map { "\($0.location?.file ?? ""):\($0.location?.line ?? 0)" }
    }

    @Test func portsOfTwoSites() {
        let other = Self.service.replacing("8080", with: "9090")
        #expect(drift([("us/svc.yaml", Self.service), ("eu/svc.yaml", other)]) == ["us/svc.yaml:7"])
        #expect(drift([("us/svc.yaml", Self.service), ("eu/svc.yaml", Self.service + "  type: NodePort\n")]).isEmpty)
        #expect(drift([("staging/svc.yaml", Self.service), ("prod/svc.yaml", other)]).isEmpty)
        #expect(drift([("base/svc.yaml", Self.service), ("eu/svc.yaml", other)]).isEmpty)
        #expect(
            drift([
                ("us/svc.yaml", Self.service), ("eu/svc.yaml", other),
                ("eu/kustomization.yaml", "resources: [svc.yaml]\n"),
            ]).isEmpty)
    }
}
