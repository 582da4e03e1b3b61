import Foundation

/// The certificates of all labs of this process: making them takes as long as ten scenarios.
enum Certificates {
    /// Where they are; or why they could not be made.
    static let made = Result<Scratch, any Error>(catching: make)

    private static func make() throws -> Scratch {
        let scratch = try Scratch.untilExit()
        let run = try Tool.run([LabFiles.python, LabFiles.path("certificates.py", for: .root), scratch.path])
        guard run.status == 0 else { throw LabFailure("certificates.py: \(run.errors)") }
        // Whoever builds the lab reads the keys of its servers.
        for name in try FileManager.default.contentsOfDirectory(atPath: scratch.path) where name.hasSuffix(".key") {
            chmod("\(scratch.path)/\(name)", 0o644)
        }
        return scratch
    }
}
