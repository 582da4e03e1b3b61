import JSON
import Manifests
import NetValues
import YAML
import YAMLReading

/// Documents of one YAML or JSON text, and its objects.
struct YAMLText {
    /// Behind so many documents that cannot be read the text is none of manifests.
    private static let mostMistakes = 100

    private let file: String
    private let linesBefore: Int
    private var set = ManifestSet()
    private var mistakes = 0
    private var isTemplateTold = false

    private init(file: String, linesBefore: Int) {
        self.file = file
        self.linesBefore = linesBefore
    }

    /// - Parameter linesBefore: of the file, before the text.
    static func read(_ bytes: [UInt8], file: String, linesBefore: Int = 0) -> ManifestSet {
        var text = YAMLText(file: file, linesBefore: linesBefore)
        for document in DocumentSplitting(bytes).documents {
            text.take(document)
            if text.mistakes >= mostMistakes {
                text.report(
                    .unreadable, document.linesBefore + 1, "from here on the file is not read: too many mistakes")
                break
            }
        }
        return text.set
    }

    private mutating func take(_ document: DocumentSplitting.Document) {
        var splitting = ObjectSplitting(file: file)
        var remarks: [ManifestSet.Problem] = []
        var mistake: YAMLSyntaxMistake?
        var hasStrangeKey = false
        do throws(YAMLSyntaxMistake) {
            var composer = try YAMLComposer(
                Array(document.bytes), limits: Self.limits(document.bytes.count), manner: manner(document)
            ) { [file] remark, mark in
                if case .strangeKey = remark { hasStrangeKey = true }
                if let problem = Self.problem(remark, ManifestPlace(file: file, line: Int(mark.line))) {
                    remarks.append(problem)
                }
            }
            while let root = try composer.document()?.root { splitting.take(root) }
        } catch { mistake = error }
        let isStrange = mistake != nil || hasStrangeKey
        if let line = TemplateMark.line(in: document.bytes, isStrange: isStrange, splitting.set.objects) {
            return reportTemplate(document.linesBefore + line)
        }
        if let mistake {
            if let json = Self.json(document.bytes) {
                let mark = Mark(line: linesBefore + document.linesBefore + 1, column: 1)
                splitting = ObjectSplitting(file: file)
                splitting.take(YAMLNode(json, mark: mark))
            } else {
                mistakes += 1
                let place = ManifestPlace(file: file, line: Int(mistake.mark.line))
                remarks.append(ManifestSet.Problem(kind: .unreadable, place: place, message: mistake.message))
            }
        }
        set.add(splitting.set)
        set.problems += remarks
    }

    private mutating func reportTemplate(_ line: Int) {
        guard !isTemplateTold else { return }
        isTemplateTold = true
        report(
            .template, line,
            "this is a template of a Helm chart, not YAML: render it first (helm template CHART | leadsman audit -)")
    }

    private mutating func report(_ kind: ManifestSet.Problem.Kind, _ line: Int, _ message: String) {
        let place = ManifestPlace(file: file, line: linesBefore + line)
        set.problems.append(ManifestSet.Problem(kind: kind, place: place, message: message))
    }

    private func manner(_ document: DocumentSplitting.Document) -> YAMLComposer.Manner {
        var manner = YAMLComposer.Manner()
        manner.mergesKeys = true
        manner.keepsRepeatedRootKeys = true
        manner.linesBefore = linesBefore + document.linesBefore
        return manner
    }

    /// What is written needs no more values than it has bytes; what aliases repeat is bounded apart from it.
    private static func limits(_ size: Int) -> YAMLComposer.Limits {
        var limits = YAMLComposer.Limits()
        limits.depth = 64
        limits.nodes = min(16_000_000, size + 1_000_000)
        limits.scalarBytes = 4 << 20
        limits.textBytes = size + 64 << 20
        return limits
    }

    /// JSON that is no YAML 1.1: halves of surrogate pairs, tabs in odd places.
    private static func json(_ bytes: ArraySlice<UInt8>) -> JSONValue? {
        guard let first = bytes.first(where: { $0 > 0x20 }), first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        else { return nil }
        return try? JSONParser.parse(Array(bytes))
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
