import JSON
import Manifests
import NetValues
import YAML
import YAMLReading

/// Documents of one YAML or JSON text, and its objects.
struct YAMLText {
    private let file: String
    private let linesBefore: Int
    private var set = ManifestSet()
    private var allowance: ReadingAllowance
    private var isTemplateTold = false

    private init(file: String, linesBefore: Int, _ allowance: ReadingAllowance) {
        self.file = file
        self.linesBefore = linesBefore
        self.allowance = allowance
    }

    /// - Parameter linesBefore: of the file, before the text.
    static func read(
        _ bytes: [UInt8], file: String, linesBefore: Int = 0, within allowance: inout ReadingAllowance
    ) -> ManifestSet {
        var text = YAMLText(file: file, linesBefore: linesBefore, allowance)
        defer { allowance = text.allowance }
        for document in DocumentSplitting(bytes).documents {
            guard text.allowance.mistakes > 0 else { break }
            text.take(document)
            if text.allowance.mistakes == 0 {
                text.report(
                    .unreadable, document.linesBefore + 1, "from here on the file is not read: too many mistakes")
            }
        }
        return text.set
    }

    private mutating func take(_ document: DocumentSplitting.Document) {
        var splitting = ObjectSplitting(file: file)
        let (remarks, mistake) = compose(document, into: &splitting)
        let isStrange = mistake != nil || remarks.hasStrangeKey
        if let line = TemplateMark.line(in: document.bytes, isStrange: isStrange, splitting.set.objects) {
            return reportTemplate(document.linesBefore + line)
        }
        var unreadable: ManifestSet.Problem?
        if let mistake {
            if let json = Self.json(document.bytes) {
                let mark = Mark(line: linesBefore + document.linesBefore + 1, column: 1)
                splitting = ObjectSplitting(file: file)
                splitting.take(YAMLNode(json, mark: mark))
            } else {
                let place = ManifestPlace(file: file, line: Int(mistake.mark.line))
                unreadable = ManifestSet.Problem(kind: .unreadable, place: place, message: mistake.message)
            }
        }
        var found = splitting.set
        let isNothing = found.objects.isEmpty && found.fragments.isEmpty && !found.problems.isEmpty
        if unreadable != nil || isNothing { allowance.mistakes -= 1 }
        found.problems = allowance.told(found.problems + remarks.problems) + [unreadable].compactMap(\.self)
        set.add(found)
    }

    private mutating func compose(
        _ document: DocumentSplitting.Document, into splitting: inout ObjectSplitting
    ) -> (Remarks, YAMLSyntaxMistake?) {
        let remarks = Remarks(file: file, most: allowance.remarks + 1)
        do throws(YAMLSyntaxMistake) {
            var composer = try YAMLComposer(
                Array(document.bytes), limits: limits(document.bytes.count), manner: manner(document)
            ) { remark, mark in remarks.add(remark, mark) }
            return (remarks, roots(of: &composer, into: &splitting))
        } catch { return (remarks, error) }
    }

    /// What is thrown away again because of a mistake costs the rest of the reading nothing.
    private mutating func roots(
        of composer: inout YAMLComposer, into splitting: inout ObjectSplitting
    ) -> YAMLSyntaxMistake? {
        var kept = composer.repeated
        defer { allowance.take(kept) }
        do throws(YAMLSyntaxMistake) {
            while let root = try composer.document()?.root {
                splitting.take(root)
                kept = composer.repeated
            }
            return nil
        } catch { return error }
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
    private func limits(_ size: Int) -> YAMLComposer.Limits {
        var limits = YAMLComposer.Limits()
        limits.depth = 64
        limits.nodes = 16_000_000
        limits.scalarBytes = 4 << 20
        limits.textBytes = size + allowance.repeated.textBytes
        limits.repeated = allowance.repeated
        return limits
    }

    /// JSON that is no YAML 1.1: halves of surrogate pairs, tabs in odd places.
    private static func json(_ bytes: ArraySlice<UInt8>) -> JSONValue? {
        guard let first = bytes.first(where: { $0 > 0x20 }), first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        else { return nil }
        return try? JSONParser.parse(Array(bytes))
    }
}
