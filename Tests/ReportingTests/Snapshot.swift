import Foundation
import Testing

/// Compares a text with the file of that name in Snapshots. With RECORD_SNAPSHOTS=1 the file is written anew, and the test
/// fails so that recording never passes for testing.
func expectSnapshot(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Snapshots")
    let file = folder.appendingPathComponent(name)
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
        try Data(text.utf8).write(to: file)
        Issue.record(
            "recorded \(name): read it, and run again without RECORD_SNAPSHOTS", sourceLocation: sourceLocation)
        return
    }
    let stored = try String(contentsOf: file, encoding: .utf8)
    let difference = firstDifference(stored, text)
    #expect(difference == nil, "\(name) differs", sourceLocation: sourceLocation)
}

/// The first line in which two texts differ, both versions.
private func firstDifference(_ stored: String, _ text: String) -> String? {
    guard !stored.utf8.elementsEqual(text.utf8) else { return nil }
    let old = stored.split(separator: "\n", omittingEmptySubsequences: false)
    let new = text.split(separator: "\n", omittingEmptySubsequences: false)
    let line =
        zip(old, new).enumerated().first { !$1.0.utf8.elementsEqual($1.1.utf8) }?.offset ?? min(old.count, new.count)
    let (before, after) = (
        line < old.count ? String(old[line]) : "(end)", line < new.count ? String(new[line]) : "(end)"
    )
    return "line \(line + 1): stored \(before) now \(after)"
}
