import LinuxIO
import Manifests
import NetValues

/// Reads manifests from files, folders and standard input.
package struct ManifestReader: Sendable {
    /// A file larger than this is refused.
    package static let largestFile = 256 << 20
    private static let endings = ManifestPlace.endings + [".md", ".markdown"]

    package init() {}

    /// - Returns: all that could be read; what could not be stands in its problems.
    /// - Throws: a path that is not there, or cannot be read at all.
    package func read(paths: [String]) throws(UnreadableManifest) -> ManifestSet {
        var set = ManifestSet()
        var allowance = ReadingAllowance()
        for path in paths {
            if path == "-" {
                set.add(try read("-", FileBytes.standardInput(limit: Self.largestFile), &allowance))
            } else if let folder = try FolderListing(path) {
                for file in try folder.files(endings: Self.endings) {
                    set.add(try read(file, FileBytes.read(file, limit: Self.largestFile), &allowance))
                }
            } else {
                set.add(try read(path, FileBytes.read(path, limit: Self.largestFile), &allowance))
            }
        }
        set.setAsidePatches()
        return set
    }

    private func read(
        _ path: String, _ bytes: Result<[UInt8], UnreadableFile>, _ allowance: inout ReadingAllowance
    ) throws(UnreadableManifest) -> ManifestSet {
        switch bytes {
        case .success(let bytes): Self.read(bytes, file: path, within: &allowance)
        case .failure(let failure): throw UnreadableManifest(path: path, reason: failure.reason)
        }
    }

    /// - Parameter file: its name, by which it is told whether this is a document with blocks in it.
    package static func read(_ bytes: [UInt8], file: String) -> ManifestSet {
        var allowance = ReadingAllowance()
        return read(bytes, file: file, within: &allowance)
    }

    private static func read(
        _ bytes: [UInt8], file: String, within allowance: inout ReadingAllowance
    ) -> ManifestSet {
        allowance.mistakes = ReadingAllowance.mostMistakes
        let name = file.lowercased()
        if [".yaml", ".yml", ".json"].contains(where: name.hasSuffix) {
            return YAMLText.read(bytes, file: file, within: &allowance)
        }
        let document = DocumentBlocks(bytes)
        if document.isDocument { return document.read(file: file, within: &allowance) }
        return name.hasSuffix(".sh")
            ? ShellText.read(bytes[...], file: file, linesBefore: 0, within: &allowance)
            : YAMLText.read(bytes, file: file, within: &allowance)
    }
}

/// A path that was named and gives nothing: bad input.
package struct UnreadableManifest: Error, Sendable {
    package let path: String
    package let reason: String
}
