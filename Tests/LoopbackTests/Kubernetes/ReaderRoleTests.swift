import Foundation
import Kubernetes
import ManifestFiles
import Manifests
import Testing
import YAML

/// Scripts/deploy/cluster-reader.yaml allows what is read, and nothing else.
@Suite struct ReaderRoleTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Scripts/deploy").path

    private static func rules(_ role: String) throws -> [YAMLNode] {
        let set = try ManifestReader().read(paths: [folder])
        #expect(set.problems.isEmpty && set.fragments.isEmpty)
        return set.objects.first { $0.kind == "ClusterRole" && $0.name == role }?["rules"]?.items ?? []
    }

    @Test func theRole_listsTheKindsThatAreRead() throws {
        var allowed: [String: Set<String>] = [:]
        for rule in try Self.rules("leadsman-reader") where rule["verbs"]?.texts == ["list"] {
            #expect(rule.entries.count == 3)
            for group in rule["apiGroups"]?.items ?? [] {
                // The core group is written "".
                guard case .scalar(let name) = group.content else { continue }
                allowed[name.text, default: []].formUnion(rule["resources"]?.texts ?? [])
            }
        }
        #expect(allowed == ClusterReader.resources)
    }

    @Test func besides_itGetsAFewConfigMapsByName() throws {
        let others = try Self.rules("leadsman-reader").filter { $0["verbs"]?.texts != ["list"] }
        #expect(others.count == 1 && others.first?["verbs"]?.texts == ["get"])
        #expect(others.first?["resources"]?.texts == ["configmaps"])
        #expect(Set(others.first?["resourceNames"]?.texts ?? []) == Set(ClusterReader.configMaps.values.joined()))
    }

    @Test func secrets_areARoleOfTheirOwn() throws {
        let rules = try Self.rules("leadsman-reader-secrets")
        #expect(rules.count == 1 && rules.first?["verbs"]?.texts == ["list"])
        #expect(rules.first?["resources"]?.texts == ["secrets"])
    }
}
