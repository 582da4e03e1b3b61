import Manifests
import YAML

/// A patch with the head of the object that it is for, so that kubectl takes it as it stands. Lines that belong somewhere within an object
/// stay what they are.
struct ObjectPatch {
    let text: String
    /// Some fields of an object that is there already.
    let isPart: Bool

    /// Keys that stand at the top of an object.
    private static let tops: Set<Substring> = ["spec:", "metadata:", "data:"]

    init(_ patch: String, of object: ManifestObject) {
        let lines = patch.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.first, let name = object["metadata", "name"]?.text, !object.apiVersion.isEmpty else {
            (text, isPart) = (patch, false)
            return
        }
        if let whole = Self.whole(lines, object) {
            (text, isPart) = (whole, false)
        } else if Self.tops.contains(first) {
            let own = ["metadata:", "  name: \(yamlScalar(name))"]
            let namespace = object.writtenNamespace.map { ["  namespace: \(yamlScalar($0))"] } ?? []
            let head = ["apiVersion: \(yamlScalar(object.apiVersion))", "kind: \(yamlScalar(object.kind))"]
            let rest = (first == "metadata:" ? lines.dropFirst() : lines[...]).map(String.init)
            (text, isPart) = ((head + own + namespace + rest).joined(separator: "\n"), true)
        } else {
            (text, isPart) = (patch, false)
        }
    }

    /// No patch moves an object into another namespace or another version: it is applied whole. Objects that may hold secrets are not shown.
    private static func whole(_ lines: [Substring], _ object: ManifestObject) -> String? {
        guard object.file != nil, !holdsValues(object) else { return nil }
        if lines.count == 2, lines[0] == "metadata:", lines[1].hasPrefix("  namespace: ") {
            let namespace = String(lines[1].dropFirst("  namespace: ".count))
            return ManifestText.text(object.root.setting(["metadata", "namespace"], to: .plain(namespace)))
        }
        if lines.count == 1, lines[0].hasPrefix("apiVersion: ") {
            let version = String(lines[0].dropFirst("apiVersion: ".count))
            return ManifestText.text(object.root.setting(["apiVersion"], to: .plain(version)))
        }
        return nil
    }

    private static func holdsValues(_ object: ManifestObject) -> Bool {
        ["Secret", "ConfigMap", "Pod"].contains(object.kind) || object["spec", "template"] != nil
            || object["spec", "jobTemplate"] != nil
    }
}

extension YAMLNode {
    /// As it was quoted already.
    fileprivate static func plain(_ text: String) -> YAMLNode {
        YAMLNode(mark: .start, content: .scalar(YAMLScalar(text: text, isPlain: true)))
    }
}
