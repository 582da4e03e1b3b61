import Auditing
import Diagnosis
import ManifestFiles
import Manifests
import Testing

@Suite struct ManifestReferenceTests {
    @Test func removedVersions() {
        let job = "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: a}\n"
        let found = audit(job).first { $0.id == "manifest-api-removed" }
        #expect(
            found?.location?.line == 1 && found?.patch == "apiVersion: batch/v1\nkind: CronJob\nmetadata:\n  name: a")
        #expect(!audit(job.replacing("v1beta1", with: "v1")).ids.contains("manifest-api-removed"))
        let old =
            "apiVersion: v1\nkind: Node\nmetadata: {name: n}\nstatus: {nodeInfo: {kubeletVersion: v1.21.4}}\n---\n"
        #expect(!audit(old + job).ids.contains("manifest-api-removed"))
        var set = ManifestReader.read(Array(job.utf8), file: "a.yaml")
        set.release = 20
        #expect(!AuditBook.judge(DeclaredState(set)).ids.contains("manifest-api-removed"))
        set.release = 25
        #expect(AuditBook.judge(DeclaredState(set)).ids.contains("manifest-api-removed"))
        // What an API serves exists, in whichever version we asked for it.
        set.objects = set.objects.compactMap { ManifestObject(root: $0.root, file: nil) }
        #expect(!AuditBook.judge(DeclaredState(set)).ids.contains("manifest-api-removed"))
    }

    @Test func unknownKinds() {
        func object(_ version: String, _ kind: String) -> [String] {
            audit("apiVersion: \(version)\nkind: \(kind)\nmetadata: {name: a}\n").ids.filter {
                $0 == "manifest-api-unknown"
            }
        }
        #expect(object("multicluster.k8s.io/v1alpha1", "DNSEndpoint").count == 1)
        #expect(object("apps/v1", "Deploymnt").count == 1)
        #expect(object("externaldns.k8s.io/v1alpha1", "DNSEndpoint").isEmpty)
        #expect(object("shop.example.com/v1", "Basket").isEmpty)
        #expect(object("network.azure.com/v1api20201101", "VirtualNetwork").isEmpty)
    }

    private static let pod = """
        apiVersion: v1
        kind: Pod
        metadata: {name: a}
        spec:
          containers:
          - name: a
            image: b
            volumeMounts:
            - {name: data, mountPath: /data}
          volumes:
          - {name: data, configMap: {name: settings}}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings}
        """

    @Test func volumesAndConfigMaps() {
        #expect(audit(Self.pod).isEmpty)
        let unknown = audit(Self.pod.replacing("- {name: data, mountPath", with: "- {name: date, mountPath"))
        #expect(unknown.places == ["manifest-ref-missing:9"] && unknown[0].confidence == .certain)
        let misspelt = audit(Self.pod.replacing("metadata: {name: settings}", with: "metadata: {name: setings}"))
        #expect(misspelt.places == ["manifest-ref-missing:11"] && misspelt[0].confidence == .likely)
        // Of files something may be elsewhere: a Secret nearly always is.
        #expect(audit(Self.pod.replacing("configMap: {name: settings}", with: "secret: {secretName: tls}")).isEmpty)
        #expect(audit(Self.pod.replacing("{name: settings}}", with: "{name: other-thing, optional: true}}")).isEmpty)
    }
}
