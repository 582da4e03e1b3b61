import Foundation

/// Programs and files that are used inside of a lab.
enum LabFiles {
    /// Not a shim of some version manager, which takes its time and may not be executable for others.
    static let python = "/usr/bin/python3"

    private static let servers =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path
        + "/Support/LabServers"

    /// A file of Tests/Support/LabServers.
    static func path(_ name: String, for builder: LabBuilder) -> String {
        reachable("\(servers)/\(name)", for: builder)
    }

    /// The relay stands beside this program: they are built together.
    static let relay: String? = {
        guard let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return nil }
        let file = URL(fileURLWithPath: own).deletingLastPathComponent().path + "/lab-relay"
        return FileManager.default.isExecutableFile(atPath: file) ? file : nil
    }()

    /// An ordinary user may have no way to a file below the home of root; then a copy of it in a place of everybody's.
    static func reachable(_ file: String, for builder: LabBuilder) -> String {
        guard builder == .user, geteuid() == 0, !isOpenToAll(file), let copies else { return file }
        let copy = "\(copies.path)/\(file.replacingOccurrences(of: "/", with: "_"))"
        if access(copy, F_OK) != 0 {
            try? FileManager.default.copyItem(atPath: file, toPath: copy)
            chmod(copy, 0o755)
        }
        return copy
    }

    private static let copies = try? Scratch.untilExit()

    /// Whether everybody may go to the file, and read it.
    static func isOpenToAll(_ file: String) -> Bool {
        var path = URL(fileURLWithPath: file).resolvingSymlinksInPath()
        while path.path != "/" {
            let attributes = try? FileManager.default.attributesOfItem(atPath: path.path)
            let mode = (attributes?[.posixPermissions] as? NSNumber)?.intValue ?? 0
            guard mode & (path.path == file ? 0o004 : 0o001) != 0 else { return false }
            path.deleteLastPathComponent()
        }
        return true
    }
}

/// The program under test: $LEADSMAN_BINARY, else the newest that was built here.
enum LeadsmanBinary {
    static let path: String? = {
        if let named = ProcessInfo.processInfo.environment["LEADSMAN_BINARY"], !named.isEmpty { return named }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let built = ["debug", "release"].map { "\(root)/.build/\($0)/leadsman" }
        return built.filter(FileManager.default.isExecutableFile(atPath:)).max { changed($0) < changed($1) }
    }()

    private static func changed(_ path: String) -> Date {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return attributes?[.modificationDate] as? Date ?? .distantPast
    }

    /// Nil when scenarios can be run with it, otherwise why not.
    static let obstacle: String? = {
        guard let path else { return "there is no leadsman binary: build it, or name it in LEADSMAN_BINARY" }
        guard FileManager.default.isExecutableFile(atPath: path) else { return "\(path) cannot be executed" }
        return nil
    }()
}
