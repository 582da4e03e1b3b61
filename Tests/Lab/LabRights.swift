import ChildProcesses
import Foundation
import Testing

/// What the lab needs of this machine, tried once.
enum LabRights {
    /// Nil when labs can be built, otherwise why not.
    static let obstacle: String? = {
        for tool in ["ip", "nft", "sysctl", "timeout", "setpriv", "openssl"] where path(of: tool) == nil {
            return "the lab needs `\(tool)` (apt-get install iproute2 nftables procps coreutils util-linux openssl)"
        }
        guard FileManager.default.isExecutableFile(atPath: Lab.python) else {
            return "the lab needs \(Lab.python) (apt-get install python3)"
        }
        guard geteuid() == 0 else { return "making network namespaces needs root" }
        return tryNamespace()
    }()

    static var explanation: Comment { Comment(rawValue: obstacle ?? "the lab can be built") }

    private static func tryNamespace() -> String? {
        let name = "\(LabName.prefix)\(getpid())-try"
        defer { _ = status(["ip", "netns", "del", name]) }
        guard status(["ip", "netns", "add", name]) == 0 else { return "`ip netns add` is not permitted here" }
        guard status(["ip", "netns", "exec", name, "nft", "add", "table", "inet", "lab"]) == 0 else {
            return "`nft add table` is not permitted in a new network namespace here"
        }
        return nil
    }

    private static func status(_ words: [String]) -> Int32 {
        let process = ChildProcess()
        guard (try? process.run("/usr/bin/timeout", ["10"] + words)) != nil else { return -1 }
        process.waitUntilExit()
        return process.terminationStatus
    }

    static func path(of tool: String) -> String? {
        let listed = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return (listed + ["/usr/sbin", "/sbin"]).map { "\($0)/\(tool)" }.first(
            where: FileManager.default.isExecutableFile(atPath:))
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
