import ArgumentParser
import ManifestFiles
import Manifests
import NetValues

/// The manifests that a command was given.
enum ManifestInput {
    /// - Throws: status 2 for a path that cannot be read, after telling why.
    static func read(_ paths: [String]) throws -> ManifestSet {
        do {
            return try ManifestReader().read(paths: paths)
        } catch {
            complain("\(error.path.escaped(limit: 4096)): \(error.reason)")
            throw ExitCode(ExitStatus.badUsage)
        }
    }
}
