import Glibc
import LinuxIO
import NetValues
import Observations
import ProbeKit

/// A program that is run for what it writes, without a terminal, in bounded time and space.
struct ChildProgram: Sendable {
    enum End: Sendable {
        case notStarted(String)
        case tooLate
        case tooMuch
        /// - Parameter complaint: the start of what it wrote to standard error.
        case ended(status: Int, output: [UInt8], complaint: String)
    }

    let command: String
    let arguments: [String]
    /// NAME=VALUE, on top of this process's own.
    let addedEnvironment: [String]

    private static let mostComplaint = 64 << 10

    func run(on reactor: Reactor, deadline: Instant, mostOutput: Int) async -> End {
        guard let output = Pipe() else { return .notStarted("no descriptors are left") }
        guard let errors = Pipe() else {
            output.closeWriter()
            return .notStarted("no descriptors are left")
        }
        let started = start(output, errors)
        output.closeWriter()
        errors.closeWriter()
        let child: pid_t
        switch started {
        case .success(let id): child = id
        case .failure(let failure): return .notStarted(failure.description)
        }
        async let complaint = errors.contents(on: reactor, limit: Self.mostComplaint, deadline: deadline)
        let text = await output.contents(on: reactor, limit: mostOutput, deadline: deadline)
        if text.end == .closed {
            let said = await complaint
            if let status = await exit(of: child, reactor, deadline) {
                return .ended(
                    status: status, output: text.bytes, complaint: String(decoding: said.bytes, as: UTF8.self))
            }
        }
        // It and those it started: it leads a group of its own.
        kill(-child, SIGKILL)
        _ = await complaint
        _ = await exit(of: child, reactor, .now + .seconds(5))
        return text.end == .full ? .tooMuch : .tooLate
    }

    /// As a shell counts: 128 and the signal that ended it.
    private func exit(of child: pid_t, _ reactor: Reactor, _ deadline: Instant) async -> Int? {
        var status: Int32 = 0
        var pause = Duration.milliseconds(1)
        while true {
            let ended = waitpid(child, &status, WNOHANG)
            if ended == child { return Int(status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f) }
            guard ended == 0 || errno == EINTR, Instant.now < deadline else { return nil }
            guard (try? await reactor.sleep(until: min(deadline, .now + pause))) != nil else { return nil }
            pause = min(pause * 2, .milliseconds(50))
        }
    }

    // MARK: Starting

    private func start(_ output: Pipe, _ errors: Pipe) -> Result<pid_t, SystemCallFailure> {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writer, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors.writer, STDERR_FILENO)
        // What this process does with its own signals is nothing to others.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(truncatingIfNeeded: flags))
        var child: pid_t = 0
        let code = Self.withArguments([command] + arguments) { words in
            Self.withArguments(environment) { variables in
                posix_spawnp(&child, command, &actions, &attributes, words, variables)
            }
        }
        return code == 0 ? .success(child) : .failure(SystemCallFailure("posix_spawn", code: code))
    }

    private var environment: [String] {
        let names = Set(addedEnvironment.map { $0.prefix { $0 != "=" } })
        return ProcessEnvironment.all.filter { !names.contains($0.prefix { $0 != "=" }) } + addedEnvironment
    }

    private static func withArguments(
        _ words: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Int32
    ) -> Int32 {
        // SAFETY: strdup's copies live until after the call, and the last pointer is nil, as exec asks for.
        let copies = words.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return copies.withUnsafeBufferPointer { buffer in
            guard let first = buffer.baseAddress else { return ENOMEM }
            return body(first)
        }
    }
}

/// A pipe whose reading end is ours and never blocks.
private final class Pipe: Sendable {
    enum Ending { case closed, full, deadline }

    let reader: Int32
    /// Gone after `closeWriter()`.
    let writer: Int32

    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        (reader, writer) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(reader, F_SETFL, O_NONBLOCK)
    }

    deinit {
        close(reader)
    }

    func closeWriter() { close(writer) }

    func contents(on reactor: Reactor, limit: Int, deadline: Instant) async -> (bytes: [UInt8], end: Ending) {
        guard (try? await reactor.register(reader)) != nil else { return ([], .deadline) }
        var bytes: [UInt8] = []
        var end: Ending?
        while end == nil {
            let (piece, code) = FileBytes.chunk(of: reader)
            bytes += piece.prefix(limit - bytes.count)
            if code == EAGAIN {
                let isReady = try? await reactor.wait(for: .readable, on: reader, until: deadline)
                if isReady != true { end = .deadline }
            } else if code != EINTR {
                if piece.isEmpty { end = .closed } else if bytes.count >= limit { end = .full }
            }
        }
        await reactor.unregister(reader)
        return (bytes, end ?? .closed)
    }
}
