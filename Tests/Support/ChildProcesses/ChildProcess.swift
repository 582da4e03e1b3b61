import CSpawn
import Foundation
import Synchronization

/// A program that a test starts, by posix_spawn. It has the members of Foundation's `Process` that our tests use, and takes
/// its place: that one copies directory entries of /proc/self/fd beyond their end and now and then crashes the whole run.
package final class ChildProcess: Sendable {
    package enum TerminationReason: Sendable { case exit, uncaughtSignal }

    package struct SpawnFailure: Error, CustomStringConvertible {
        let path: String
        let code: Int32

        package var description: String { "cannot start \(path): \(String(cString: strerror(code)))" }
    }

    private struct State {
        var identifier: pid_t = 0
        var waitStatus: Int32?
        var handler: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    private let ended = DispatchSemaphore(value: 0)

    package init() {}

    package var processIdentifier: pid_t { state.withLock { $0.identifier } }
    package var isRunning: Bool { state.withLock { $0.identifier > 0 && $0.waitStatus == nil } }
    /// The exit status, or the signal that ended it.
    package var terminationStatus: Int32 {
        let status = state.withLock { $0.waitStatus ?? 0 }
        return status & 0x7f == 0 ? (status >> 8) & 0xff : status & 0x7f
    }
    package var terminationReason: TerminationReason {
        state.withLock { ($0.waitStatus ?? 0) & 0x7f == 0 } ? .exit : .uncaughtSignal
    }

    /// Starts the program; descriptors that are not given are /dev/null, and none but the three is handed on.
    /// - Parameter atEnd: called once, on a thread of its own, when the program has ended.
    package func run(
        _ path: String, _ arguments: [String], environment: [String: String]? = nil, input: Int32? = nil,
        output: Int32? = nil, errors: Int32? = nil, atEnd: (@Sendable () -> Void)? = nil
    ) throws {
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(null) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Two steps, so that a descriptor below three that is given is not overwritten before it is used.
        let given = [input ?? null, output ?? null, errors ?? null].map { fcntl($0, F_DUPFD_CLOEXEC, 10) }
        defer { for descriptor in given { close(descriptor) } }
        for (number, descriptor) in given.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
        }
        leadsman_spawn_close_from(&actions, 3)
        let environment = environment ?? ProcessInfo.processInfo.environment
        let identifier = try Self.spawn(path, arguments, environment.map { "\($0.key)=\($0.value)" }, &actions)
        state.withLock {
            $0.identifier = identifier
            $0.handler = atEnd
        }
        Thread.detachNewThread { self.reap(identifier) }
    }

    private static func spawn(
        _ path: String, _ arguments: [String], _ environment: [String], _ actions: inout posix_spawn_file_actions_t
    ) throws -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The program shall meet signals as from a shell, whatever this process blocks or ignores.
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for pointer in words + variables { free(pointer) } }
        var identifier: pid_t = 0
        let code = posix_spawn(&identifier, path, &actions, &attributes, &words, &variables)
        guard code == 0 else { throw SpawnFailure(path: path, code: code) }
        return identifier
    }

    private func reap(_ identifier: pid_t) {
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        let handler = state.withLock { state in
            state.waitStatus = status
            return state.handler
        }
        ended.signal()
        handler?()
    }

    /// Blocks the calling thread: for short commands before tests begin, and for ends that are near.
    package func waitUntilExit() {
        guard processIdentifier > 0 else { return }
        ended.wait()
        ended.signal()
    }
}
