import YAML

extension ManifestSet {
    /// Sets apart what a kustomization that was read names as a patch: its objects are parts of others, and nowhere stand alone. A file
    /// that is a resource as well stays.
    package mutating func setAsidePatches() {
        let named = KustomizePatches(self)
        var whole: [ManifestObject] = []
        for object in objects {
            if object.root["$patch"] != nil || named.holds(object.file) {
                patches.append(object)
            } else {
                whole.append(object)
            }
        }
        objects = whole
    }
}

/// The files that kustomizations name as patches (kustomize: `patches`, `patchesStrategicMerge`, `patchesJson6902`).
private struct KustomizePatches {
    private var files: Set<String> = []

    init(_ set: ManifestSet) {
        var resources: Set<String> = []
        for (root, file) in Self.kustomizations(set) {
            let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            let paths =
                ((root["patches"]?.items ?? []) + (root["patchesJson6902"]?.items ?? [])).compactMap {
                    $0["path"]?.text
                } + (root["patchesStrategicMerge"]?.texts ?? [])
            // A text of lines is a patch by itself, and no path.
            files.formUnion(paths.filter { !$0.contains("\n") }.map { Self.joined(folder, $0) })
            resources.formUnion((root["resources"]?.texts ?? []).map { Self.joined(folder, $0) })
        }
        files.subtract(resources)
    }

    func holds(_ file: String?) -> Bool {
        guard !files.isEmpty, let file else { return false }
        return files.contains(Self.joined("", file))
    }

    /// With a kind or without: kustomize takes both.
    private static func kustomizations(_ set: ManifestSet) -> [(root: YAMLNode, file: String)] {
        let objects = set.objects.filter { $0.group == "kustomize.config.k8s.io" }.map { ($0.root, $0.file) }
        let fragments = set.fragments.filter { fragment in
            let name = fragment.file?.split(separator: "/").last ?? ""
            return ["kustomization.yaml", "kustomization.yml", "Kustomization"].contains(name)
        }.map { ($0.root, $0.file) }
        return (objects + fragments).compactMap { root, file in file.map { (root, $0) } }
    }

    /// Without `.`, and without `..` where the folder before it is known.
    private static func joined(_ folder: String, _ path: String) -> String {
        let isAbsolute = path.hasPrefix("/") || folder.hasPrefix("/")
        let whole = path.hasPrefix("/") || folder.isEmpty ? path : "\(folder)/\(path)"
        var parts: [Substring] = []
        for part in whole.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
        }
        return (isAbsolute ? "/" : "") + parts.joined(separator: "/")
    }
}
