import Manifests
import YAML

/// What the API would refuse of an object, and the line.
struct ObjectMistake: Hashable {
    let message: String
    let place: ManifestPlace
    let patch: String?

    init(_ message: String, at place: ManifestPlace, patch: String? = nil) {
        self.message = message
        self.place = place
        self.patch = patch
    }
}

/// Gathers them: one a line, since a second is mostly of the same cause, and no more than anybody reads.
struct ObjectMistakes {
    static let most = 20

    let object: ManifestObject
    private(set) var found: [ObjectMistake] = []
    private var lines = Set<Int>()

    init(_ object: ManifestObject) {
        self.object = object
    }

    mutating func report(_ message: String, _ place: ManifestPlace, patch: String? = nil) {
        guard found.count < Self.most, lines.insert(place.line).inserted else { return }
        found.append(ObjectMistake(message, at: place, patch: patch))
    }

    mutating func report(_ message: String, _ node: YAMLNode?, patch: String? = nil) {
        report(message, object.place(node), patch: patch)
    }
}
