import ManifestFiles
import Manifests
import Testing

@Suite struct ReadingTests {
    private static func read(_ text: String, _ file: String = "a.yaml") -> ManifestSet {
        ManifestReader.read(Array(text.utf8), file: file)
    }

    @Test func twoObjectsInOneDocument_areTwo() {
        let set = Self.read(
            """
            kind: Service
            apiVersion: v1
            metadata: {name: a}
            # next
            kind: Service
            apiVersion: v1
            metadata: {name: b}
            """)
        #expect(set.objects.map(\.name) == ["a", "b"])
        #expect(set.problems.map(\.kind) == [.missingSeparator] && set.problems.first?.place.line == 5)
    }

    @Test func lists_areTheirItems() {
        let set = Self.read(
            "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"items\":[{\"metadata\":{\"name\":\"a\"}}]}", "a.json")
        #expect(set.objects.map(\.title) == ["Pod a"])
    }

    @Test func aGuide_givesItsBlocksAndCommands() {
        let text = """
            # Guide
            ```yaml
            kind: Namespace
            metadata: {name: shop}
            ```
            ```bash
            kubectl create namespace web
            kubectl label namespace web env=prod
            kubectl apply -f - <<EOF
            kind: ConfigMap
            metadata: {name: c}
            EOF
            ```
            """
        let set = Self.read(text, "guide.md")
        #expect(set.objects.map(\.title) == ["Namespace shop", "ConfigMap c"])
        #expect(set.objects.map(\.place.line) == [3, 10])
        #expect(DeclaredState(set).namespaces == ["shop": [:], "web": ["env": "prod"]])
    }
}
