import Foundation

/// A finished command: how it ended and what it wrote.
struct CommandRun: Sendable {
    let words: [String]
    let status: Int32
    let output: String
    let errors: String

    /// What a person types to see the same.
    var line: String { words.joined(separator: " ") }

    /// Runs a command to its end, which comes after `seconds` at the latest (timeout(1): status 124, or 137 when it had to be
    /// killed). The output goes through files, so that no full pipe can hang it.
    static func run(_ words: [String], seconds: Int = 30, input: String = "") async throws -> CommandRun {
        let scratch = try Scratch()
        defer { scratch.remove() }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
        process.arguments = ["--kill-after=2", "\(seconds)"] + words
        let files = [
            try scratch.reading("in", holding: input), try scratch.writing("out"), try scratch.writing("err"),
        ]
        // Foundation keeps them open with the process, and reads past its buffer once there are more than a thousand.
        defer { for file in files { try? file.close() } }
        process.standardInput = files[0]
        process.standardOutput = files[1]
        process.standardError = files[2]
        try await process.runToItsEnd()
        return CommandRun(
            words: words, status: process.terminationStatus, output: scratch.text("out"), errors: scratch.text("err"))
    }

    /// - Throws: what the command said, when it failed.
    @discardableResult
    static func require(_ words: [String], input: String = "") async throws -> String {
        let run = try await run(words, input: input)
        guard run.status == 0 else {
            throw LabFailure("\(run.line): \(run.errors)\(run.output) (status \(run.status))\n\(input)")
        }
        return run.output
    }
}

/// The lab itself could not do something. Never what a scenario looks for.
struct LabFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension Process {
    fileprivate func runToItsEnd() async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            terminationHandler = { _ in continuation.resume() }
            do { try run() } catch {
                terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
    }
}

/// A directory for one command, one lab.
struct Scratch: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/\(LabName.prefix)\(getpid())-\(UUID().uuidString)"
        // A scenario's user may be nobody, who must be able to read the plan.
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        let file = "\(path)/\(name)"
        guard
            FileManager.default.createFile(
                atPath: file, contents: Data(text.utf8), attributes: [.posixPermissions: 0o644])
        else { throw LabFailure("cannot write \(file)") }
        return file
    }

    fileprivate func reading(_ name: String, holding text: String) throws -> FileHandle {
        guard let handle = FileHandle(forReadingAtPath: try write(name, text)) else {
            throw LabFailure("cannot read \(name)")
        }
        return handle
    }

    fileprivate func writing(_ name: String) throws -> FileHandle {
        guard let handle = FileHandle(forWritingAtPath: try write(name, "")) else {
            throw LabFailure("cannot write \(name)")
        }
        return handle
    }

    fileprivate func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "\(path)/\(name)") ?? Data(), as: UTF8.self)
    }
}
