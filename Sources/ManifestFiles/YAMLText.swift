import JSON
import Manifests
import NetValues
import YAML
import YAMLReading

/// Documents of one YAML or JSON text, and its objects.
enum YAMLText {
    private static var limits: YAMLComposer.Limits {
        var limits = YAMLComposer.Limits()
        limits.depth = 64
        limits.nodes = 16_000_000
        limits.scalarBytes = 4 << 20
        return limits
    }

    /// - Parameter linesBefore: of the file, before the text.
    static func read(_ bytes: [UInt8], file: String, linesBefore: Int = 0) -> ManifestSet {
        var manner = YAMLComposer.Manner()
        manner.mergesKeys = true
        manner.keepsRepeatedRootKeys = true
        manner.linesBefore = linesBefore
        var problems: [ManifestSet.Problem] = []
        var splitting = ObjectSplitting(file: file)
        do throws(YAMLSyntaxMistake) {
            var composer = try YAMLComposer(bytes, limits: limits, manner: manner) { remark, mark in
                if let problem = problem(remark, ManifestPlace(file: file, line: Int(mark.line))) {
                    problems.append(problem)
                }
            }
            while let document = try composer.document() { splitting.take(document.root) }
        } catch {
            if let json = json(bytes) { return objects(json, file: file) }
            let place = ManifestPlace(file: file, line: Int(error.mark.line))
            problems.append(
                ManifestSet.Problem(kind: .unreadable, place: place, message: message(error, bytes)))
        }
        var set = splitting.set
        set.problems += problems
        return set
    }

    /// JSON that is no YAML 1.1: halves of surrogate pairs, tabs in odd places.
    private static func json(_ bytes: [UInt8]) -> JSONValue? {
        guard let first = bytes.first(where: { $0 > 0x20 }), first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        else { return nil }
        return try? JSONParser.parse(bytes)
    }

    private static func objects(_ json: JSONValue, file: String) -> ManifestSet {
        var splitting = ObjectSplitting(file: file)
        splitting.take(YAMLNode(json))
        return splitting.set
    }

    private static func message(_ mistake: YAMLSyntaxMistake, _ bytes: [UInt8]) -> String {
        let isTemplate = bytes.contains(sequence: Array("{{".utf8)) && bytes.contains(sequence: Array("}}".utf8))
        return isTemplate
            ? "\(mistake.message) (this looks like a Helm template: render it first, helm template CHART | leadsman audit -)"
            : mistake.message
    }

    private static func problem(_ remark: YAMLComposer.Remark, _ place: ManifestPlace) -> ManifestSet.Problem? {
        switch remark {
        // The root's are told where the document is taken apart.
        case .repeatedKey(_, let first) where first.column == 1: nil
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

extension [UInt8] {
    fileprivate func contains(sequence: [UInt8]) -> Bool {
        guard let first = sequence.first, count >= sequence.count else { return false }
        return indices.dropLast(sequence.count - 1).contains { self[$0] == first && self[$0...].starts(with: sequence) }
    }
}
