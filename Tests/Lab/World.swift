import ChildProcesses
import Foundation
import Synchronization

/// Who builds a lab, and with which right leadsman runs in it.
enum LabBuilder: String, CaseIterable, Sendable {
    /// Root, for root. Only the kernel's global settings are out of reach.
    case root
    /// An ordinary user in a user namespace: all of the lab is the user's own, and leadsman has no capability at all.
    case user
}

/// Namespaces of a lab's own, and the process in them that runs commands. All that a lab makes (networks, filters, servers) is
/// in there, and is gone when that process ends; it ends with this one at the latest, because it reads from a pipe of this one.
final class World: Sendable {
    let builder: LabBuilder
    let scratch: Scratch
    private let process = ChildProcess()
    /// Where numbers of scripts are written.
    private let requests: Int32
    private let state = Mutex(State())

    private struct State {
        var last = 0
        var isOver = false
        var waiting: [Int: CheckedContinuation<Int32?, Never>] = [:]
    }

    /// - Throws: what the system said, when it does not let this user make namespaces.
    init(_ builder: LabBuilder) async throws {
        self.builder = builder
        scratch = try Scratch(for: builder)
        var (input, output): ([Int32], [Int32]) = ([0, 0], [0, 0])
        // Whatever this process starts gets none of them (ChildProcess).
        guard pipe(&input) == 0, pipe(&output) == 0 else {
            throw LabFailure("no pipe: \(String(cString: strerror(errno)))")
        }
        requests = input[1]
        // A closed pipe is told by the answers that do not come.
        signal(SIGPIPE, SIG_IGN)
        let errors = try scratch.descriptor(writing: "world.err")
        let words = Self.words(builder, scratch)
        defer { for descriptor in [input[0], output[1], errors] { close(descriptor) } }
        try process.run(
            "/usr/bin/env", words, environment: Self.environment(scratch), input: input[0], output: output[1],
            errors: errors)
        scratch.write("keeper", "\(process.processIdentifier)\n")
        let answers = output[0]
        let isReady = await withCheckedContinuation { (ready: CheckedContinuation<Int32?, Never>) in
            state.withLock { $0.waiting[0] = ready }
            Thread.detachNewThread { self.read(answers) }
        }
        guard isReady != nil else {
            let said = scratch.text("world.err")
            end()
            throw LabFailure("\(words.joined(separator: " ")): \(said)")
        }
    }

    private static func words(_ builder: LabBuilder, _ scratch: Scratch) -> [String] {
        // A session of its own: an interrupt at the terminal is for the one who asked, with whom the world ends anyway.
        ["setsid"] + unsharing(builder) + ["sh", LabFiles.path("world.sh", for: builder), scratch.path]
    }

    /// The words before a command that give it namespaces of its own.
    static func unsharing(_ builder: LabBuilder) -> [String] {
        // With a /proc that knows its processes: libdispatch, for one, ends a program whose threads it does not find there.
        let own = ["--mount", "--mount-proc", "--net", "--pid", "--fork", "--kill-child"]
        switch builder {
        case .root: return ["unshare"] + own
        case .user:
            let drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
            return (geteuid() == 0 ? drop : []) + ["unshare", "--user", "--map-root-user"] + own
        }
    }

    /// Nothing of the machine that could change what is measured, such as a proxy.
    static func environment(_ scratch: Scratch) -> [String: String] {
        [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
            "HOME": scratch.path, "NO_COLOR": "1",
        ]
    }

    private func read(_ answers: Int32) {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1024)
        while case let count = Glibc.read(answers, &buffer, buffer.count), count > 0 {
            bytes += buffer.prefix(count)
            while let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                answer(String(decoding: bytes[..<end], as: UTF8.self))
                bytes.removeFirst(end + 1)
            }
        }
        close(answers)
        let left = state.withLock { state in
            defer { state.waiting = [:] }
            state.isOver = true
            return state.waiting.values
        }
        for waiting in left { waiting.resume(returning: nil) }
    }

    private func answer(_ line: String) {
        let numbers = line == "ready" ? [0, 0] : line.split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 2 else { return }
        let waiting = state.withLock { $0.waiting.removeValue(forKey: numbers[0]) }
        waiting?.resume(returning: Int32(numbers[1]))
    }

    /// A number that nothing else in this world has.
    func fresh() -> Int {
        state.withLock { state in
            state.last += 1
            return state.last
        }
    }

    /// Runs a script of the shell to its end, which comes after `seconds` at the latest (timeout(1): status 124, or 137 when it
    /// had to be killed).
    /// - Throws: when the world is over.
    func run(_ script: String, seconds: Int = 30) async throws -> (status: Int32, output: String, errors: String) {
        let number = fresh()
        scratch.write("\(number).script", script)
        scratch.write("\(number).sh", "exec timeout --kill-after=2 \(seconds) sh \(number).script\n")
        let status = await withCheckedContinuation { (ended: CheckedContinuation<Int32?, Never>) in
            let isOver = state.withLock { state in
                if !state.isOver { state.waiting[number] = ended }
                return state.isOver
            }
            if isOver { return ended.resume(returning: nil) }
            let line = Array("\(number)\n".utf8)
            _ = write(requests, line, line.count)
        }
        defer { for kind in ["script", "sh", "out", "err"] { scratch.remove("\(number).\(kind)") } }
        guard let status else { throw LabFailure("the lab ended while it ran: \(script)") }
        return (status, scratch.text("\(number).out"), scratch.text("\(number).err"))
    }

    /// Leaves the world up when this process ends.
    func keep() { scratch.write("kept", "") }

    /// The process whose namespaces a command must enter to be in this world; with it the world ends.
    var keeper: Int32 { process.processIdentifier }

    func end() {
        close(requests)
        guard !scratch.has("kept") else { return }
        process.waitUntilExit()
        scratch.remove()
    }
}

/// A command of the system outside of any lab.
enum Tool {
    /// Blocks the calling thread: for what is done once.
    /// - Returns: how it ended, and what it printed as errors. Status 124 after `seconds`.
    static func run(
        _ words: [String], seconds: Int = 30, environment: [String: String]? = nil
    ) throws -> (status: Int32, errors: String) {
        let scratch = try Scratch(for: .root)
        defer { scratch.remove() }
        let errors = try scratch.descriptor(writing: "err")
        defer { close(errors) }
        let process = ChildProcess()
        try process.run(
            "/usr/bin/timeout", ["--kill-after=2", "\(seconds)"] + words,
            environment: environment ?? World.environment(scratch), errors: errors)
        process.waitUntilExit()
        return (process.terminationStatus, scratch.text("err"))
    }
}
