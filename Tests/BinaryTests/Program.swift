import ChildProcesses
import Dispatch
import Foundation
import Testing

/// The built program, run as a user or a script runs it.
enum Program {
    /// `$LEADSMAN_BINARY`, else the debug build of this package.
    static let path: String =
        ProcessInfo.processInfo.environment["LEADSMAN_BINARY"]
        ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent(".build/debug/leadsman").path

    static func run(
        _ arguments: String..., environment: [String: String] = [:], input: String = "", seconds: Double = 20
    ) async throws -> Outcome {
        try await Execution(path, arguments, environment: environment, input: input).outcome(seconds: seconds)
    }

    static func start(_ arguments: String..., environment: [String: String] = [:]) throws -> Execution {
        try Execution(path, arguments, environment: environment, input: "")
    }

    /// A shell's line, in which `$L` is the program.
    static func shell(
        _ line: String, environment: [String: String] = [:], seconds: Double = 20
    ) async throws -> Outcome {
        try await Execution(
            "/bin/bash", ["-c", line], environment: environment.merging(["L": path]) { $1 }, input: ""
        ).outcome(seconds: seconds)
    }
}

/// How a process ended and what it wrote.
struct Outcome {
    let status: Int32
    let output: String
    let errors: String

    var json: [String: Any] { Outcome.object(output) }

    /// Each line of the output as JSON.
    var lines: [[String: Any]] { output.split(separator: "\n").map { Outcome.object(String($0)) } }

    static func object(_ text: String) -> [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? [:]
    }
}

extension [String: Any] {
    func list(_ key: String) -> [[String: Any]] { self[key] as? [[String: Any]] ?? [] }
    func text(_ key: String) -> String? { self[key] as? String }
}

struct Hang: Error {}

/// A process at work; both of its pipes are read all the while, so that neither can fill up.
final class Execution: Sendable {
    private let process = ChildProcess()
    private let output: PipeReader
    private let errors: PipeReader
    private let ended = AsyncStream.makeStream(of: Void.self)

    init(_ path: String, _ arguments: [String], environment: [String: String], input: String) throws {
        let inherited = ProcessInfo.processInfo.environment.filter { $0.key != "NO_COLOR" }
        let given = Pipe()
        let (out, error) = (Pipe(), Pipe())
        let ended = ended.continuation
        try process.run(
            path, arguments, environment: inherited.merging(environment) { $1 },
            input: given.fileHandleForReading.fileDescriptor, output: out.fileHandleForWriting.fileDescriptor,
            errors: error.fileHandleForWriting.fileDescriptor, atEnd: { ended.finish() })
        for handle in [given.fileHandleForReading, out.fileHandleForWriting, error.fileHandleForWriting] {
            try handle.close()
        }
        output = PipeReader(out)
        errors = PipeReader(error)
        try given.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try given.fileHandleForWriting.close()
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Waits until the output holds the text.
    /// - Throws: `Hang` when it does not in ten seconds, or when the process has ended without it.
    func waitForOutput(_ text: String) async throws {
        for await whole in output.growth where whole.contains(text) { return }
        throw Hang()
    }

    /// - Throws: `Hang` when the process does not end in time; it is killed then.
    func outcome(seconds: Double) async throws -> Outcome {
        let identifier = process.processIdentifier
        let killer = DispatchWorkItem { kill(identifier, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds, execute: killer)
        for await _ in ended.stream {}
        // Not behind the output: what a killed shell leaves behind holds the pipes for as long as it likes.
        if process.terminationReason == .uncaughtSignal, process.terminationStatus == SIGKILL { throw Hang() }
        let texts = (await output.whole, await errors.whole)
        killer.cancel()
        let signal = process.terminationReason == .uncaughtSignal ? 1000 : 0
        return Outcome(
            status: process.terminationStatus + Int32(signal), output: texts.0, errors: texts.1)
    }
}

/// Reads a pipe to its end on a thread of its own.
private final class PipeReader: Sendable {
    /// All that was read, each time that more was.
    let growth: AsyncStream<String>
    private let reading: Task<String, Never>

    init(_ pipe: Pipe) {
        let handle = pipe.fileHandleForReading
        let (growth, continuation) = AsyncStream.makeStream(of: String.self)
        self.growth = growth
        reading = Task {
            await withCheckedContinuation { done in
                Thread.detachNewThread {
                    var data = Data()
                    while let chunk = Self.piece(of: handle), !chunk.isEmpty {
                        data += chunk
                        continuation.yield(String(decoding: data, as: UTF8.self))
                    }
                    continuation.finish()
                    done.resume(returning: String(decoding: data, as: UTF8.self))
                }
            }
        }
    }

    var whole: String { get async { await reading.value } }

    /// `FileHandle.availableData` ends the process when a signal interrupts it. Empty at the end; nil when it cannot be read.
    private static func piece(of handle: FileHandle) -> Data? {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(handle.fileDescriptor, &buffer, buffer.count)
            if count >= 0 { return Data(buffer.prefix(count)) }
            guard errno == EINTR else { return nil }
        }
    }
}

/// A directory of one test's own.
struct Scratch: ~Copyable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/leadsman-binary-\(getpid())-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and answers its path.
    func file(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
        return "\(path)/\(name)"
    }

    func read(_ name: String) -> String? {
        FileManager.default.contents(atPath: "\(path)/\(name)").map { String(decoding: $0, as: UTF8.self) }
    }

    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }
}
