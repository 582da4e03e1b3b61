import Glibc
import NetValues

/// The files below a folder, in the order of their names. Links to folders are not followed, so that there is no circle.
struct FolderListing {
    private static let mostFiles = 100_000
    private static let deepest = 32

    private let path: String

    /// Nil for what is no folder.
    init?(_ path: String) throws(UnreadableManifest) {
        var status = stat()
        guard !path.utf8.contains(0), stat(path, &status) == 0 else {
            throw UnreadableManifest(
                path: path, reason: String(cString: strerror(path.utf8.contains(0) ? EINVAL : errno)))
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return nil }
        self.path = path
    }

    /// Regular files with one of the endings; hidden files and folders are left out.
    func files(endings: [String]) throws(UnreadableManifest) -> [String] {
        var found: [String] = []
        try collect(path, endings, depth: 0, into: &found)
        return found
    }

    private func collect(
        _ folder: String, _ endings: [String], depth: Int, into found: inout [String]
    ) throws(UnreadableManifest) {
        guard depth <= Self.deepest else {
            throw UnreadableManifest(path: folder, reason: "more than \(Self.deepest) folders lie in each other")
        }
        for name in try names(folder) where !name.hasPrefix(".") {
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                try collect(path, endings, depth: depth + 1, into: &found)
            } else if endings.contains(where: name.lowercased().hasSuffix), isRegular(path) {
                guard found.count < Self.mostFiles else {
                    throw UnreadableManifest(path: self.path, reason: "it holds more than \(Self.mostFiles) files")
                }
                found.append(path)
            }
        }
    }

    /// Also by a link: ConfigMap volumes are links.
    private func isRegular(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    private func names(_ folder: String) throws(UnreadableManifest) -> [String] {
        guard let stream = opendir(folder) else {
            throw UnreadableManifest(path: folder, reason: String(cString: strerror(errno)))
        }
        defer { closedir(stream) }
        var names: [String] = []
        // SAFETY: readdir gives a valid entry until the next call, and its name ends with a zero byte within the entry.
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
    }
}
