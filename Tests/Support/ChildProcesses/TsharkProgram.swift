import Foundation

/// tshark 4.0, whose words and rules are ours: from the system, or as `Scripts/setup --tests` unpacks it. Later versions have
/// other rules.
package enum TsharkProgram {
    private static let tools =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path + "/.build-tools"

    /// Nil when it is not there.
    package static let path: String? = ["\(tools)/usr/bin/tshark", "/usr/bin/tshark"].first { path in
        guard FileManager.default.isExecutableFile(atPath: path) else { return false }
        return (try? run(path, ["--version"]))?.contains("TShark (Wireshark) 4.0.") ?? false
    }

    package static let absence = "tshark 4.0 is not there (Scripts/setup --tests)"

    /// - Returns: what it wrote.
    package static func run(_ arguments: [String]) throws -> String { try run(path ?? "", arguments) }

    private static func run(_ program: String, _ arguments: [String]) throws -> String {
        let pipe = Pipe()
        let process = ChildProcess()
        var environment = ProcessInfo.processInfo.environment
        if program.hasPrefix(tools) {
            environment["LD_LIBRARY_PATH"] = ["x86_64", "aarch64"].flatMap { processor in
                ["usr/lib", "lib"].map { "\(tools)/\($0)/\(processor)-linux-gnu" }
            }.joined(separator: ":")
        }
        // An empty profile: preferences of whoever runs the tests would move the counts.
        environment["HOME"] = "/nonexistent"
        environment["XDG_CONFIG_HOME"] = "/nonexistent"
        try process.run(
            program, arguments, environment: environment, output: pipe.fileHandleForWriting.fileDescriptor)
        try pipe.fileHandleForWriting.close()
        let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        return text
    }
}
