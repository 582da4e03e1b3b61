import Manifests

/// Which object a line belongs to: the last that begins before it.
struct ObjectTitles {
    private let byFile: [String?: [ManifestObject]]

    init(_ objects: [ManifestObject]) {
        byFile = Dictionary(grouping: objects, by: \.file).mapValues { $0.sorted { $0.place.line < $1.place.line } }
    }

    func title(at place: ManifestPlace) -> String {
        let objects = byFile[place.file] ?? []
        var (low, high) = (0, objects.count)
        while low < high {
            let middle = (low + high) / 2
            if objects[middle].place.line <= place.line { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? objects[low - 1].title : place.file ?? "the text"
    }
}
