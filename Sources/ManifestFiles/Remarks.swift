import Manifests
import NetValues
import YAML
import YAMLReading

/// What was strange in a document that was read all the same.
final class Remarks {
    private let file: String
    private let most: Int
    private(set) var problems: [ManifestSet.Problem] = []
    private(set) var hasStrangeKey = false

    init(file: String, most: Int) {
        self.file = file
        self.most = most
    }

    func add(_ remark: YAMLComposer.Remark, _ mark: Mark) {
        if case .strangeKey = remark { hasStrangeKey = true }
        guard problems.count < most,
            let problem = Self.problem(remark, ManifestPlace(file: file, line: Int(mark.line)))
        else { return }
        problems.append(problem)
    }

    private static func problem(_ remark: YAMLComposer.Remark, _ place: ManifestPlace) -> ManifestSet.Problem? {
        switch remark {
        case .repeatedKey(let key, let first):
            ManifestSet.Problem(
                kind: .repeatedKey, place: place,
                message: "the key `\(key.escaped(limit: 60))` is written twice: first in line \(first.line)")
        case .tag: nil
        case .mergeKey, .strangeKey:
            ManifestSet.Problem(kind: .strange, place: place, message: "a key must be a text here; it is left out")
        case .unknownAnchor(let anchor):
            ManifestSet.Problem(
                kind: .strange, place: place,
                message:
                    "no `&\(anchor.escaped(limit: 40))` stands before this (a text that begins with `*` needs quotes)")
        }
    }
}
