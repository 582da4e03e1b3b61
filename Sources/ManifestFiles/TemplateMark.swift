import Manifests

/// Tells a template that was not rendered (Go's text/template, as Helm uses it) from YAML that holds such text as a value, as alert rules do.
enum TemplateMark {
    private static let open: [UInt8] = Array("{{".utf8)
    /// What Prometheus fills in by itself, in annotations of alerts.
    private static let alertWords = ["$labels", "$value", "$externalLabels"].map { Array($0.utf8) }

    /// The line of the document, from 1, where the template shows itself.
    /// - Parameter isStrange: the document is no YAML, or such as nobody writes.
    static func line(in bytes: ArraySlice<UInt8>, isStrange: Bool, _ objects: [ManifestObject]) -> Int? {
        guard isStrange || objects.contains(where: isNamedByTemplate) else { return nil }
        // Bytes that are no text hold such pairs by chance.
        guard !bytes.contains(0) else { return nil }
        var line = 1
        for index in bytes.indices {
            if bytes[index] == 0x0a { line += 1 }
            if bytes[index] == open[0], bytes[index...].starts(with: open), !isAlertWord(bytes[index...].dropFirst(2)) {
                return line
            }
        }
        return nil
    }

    private static func isAlertWord(_ rest: ArraySlice<UInt8>) -> Bool {
        let word = rest.drop { $0 == 0x20 || $0 == UInt8(ascii: "-") }
        return alertWords.contains { word.starts(with: $0) }
    }

    private static func isNamedByTemplate(_ object: ManifestObject) -> Bool {
        [object.apiVersion, object.kind, object.name, object.writtenNamespace ?? ""].contains { text in
            let bytes = Array(text.utf8)
            return bytes.indices.contains { bytes[$0...].starts(with: open) }
        }
    }
}
