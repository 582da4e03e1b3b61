import Foundation
import Glibc
import Synchronization

/// A terminal that a test is the person at: the program in it has it as its controlling terminal, in a session of its own.
final class PseudoTerminal: Sendable {
    private struct State {
        var data = Data()
        var identifier: pid_t = 0
        var status: Int32?
    }

    private let name: String
    private let person: Int32
    private let program: Int32
    private let state = Mutex(State())
    private let growth = AsyncStream.makeStream(of: Void.self)

    init(columns: Int, rows: Int) throws {
        // posix_openpt(3) and its company are not among what Swift imports: the same by ioctl_tty(2).
        let (unlock, number): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
        person = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (zero, index): (Int32, Int32) = (0, 0)
        guard person >= 0, ioctl(person, unlock, &zero) == 0, ioctl(person, number, &index) == 0 else {
            throw POSIXError(.ENODEV)
        }
        name = "/dev/pts/\(index)"
        program = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard program >= 0 else { throw POSIXError(.ENODEV) }
        resize(columns: columns, rows: rows)
    }

    deinit {
        let identifier = state.withLock { $0.status == nil ? $0.identifier : 0 }
        if identifier > 0 { kill(identifier, SIGKILL) }
        close(program)
        close(person)
    }

    func resize(columns: Int, rows: Int) {
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(person, UInt(TIOCSWINSZ), &size)
    }

    /// What was written to the terminal so far.
    var text: String { state.withLock { String(decoding: $0.data, as: UTF8.self) } }

    /// termios(3), as text to compare.
    var modes: [String] {
        var modes = termios()
        tcgetattr(program, &modes)
        return ["\(modes.c_iflag)", "\(modes.c_oflag)", "\(modes.c_cflag)", "\(modes.c_lflag)", "\(modes.c_cc)"]
    }

    func type(_ keys: String) {
        _ = Array(keys.utf8).withUnsafeBytes { write(person, $0.baseAddress, $0.count) }
    }

    func signal(_ number: Int32) { kill(state.withLock { $0.identifier }, number) }

    func start(_ path: String, _ arguments: [String], environment: [String: String]) throws {
        var variables = ProcessInfo.processInfo.environment.filter { $0.key != "NO_COLOR" }
        variables["TERM"] = "xterm-256color"
        variables["LC_ALL"] = "C.UTF-8"
        variables.merge(environment) { $1 }
        let identifier = try spawn(path, arguments, variables.map { "\($0.key)=\($0.value)" })
        state.withLock { $0.identifier = identifier }
        Thread.detachNewThread { [person, growth] in
            var buffer = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = read(person, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                self.state.withLock { $0.data += Data(buffer.prefix(count)) }
                growth.continuation.yield()
            }
        }
        Thread.detachNewThread { [growth] in
            var status: Int32 = 0
            while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
            self.state.withLock { $0.status = status & 0x7f == 0 ? status >> 8 & 0xff : 1000 + status & 0x7f }
            growth.continuation.yield()
        }
    }

    private func spawn(_ path: String, _ arguments: [String], _ environment: [String]) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The first terminal that the leader of a session opens is its controlling one.
        posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        // spawn.h shows it only under _GNU_SOURCE.
        let newSession: Int32 = 0x80
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | newSession))
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for pointer in words + variables { free(pointer) } }
        var identifier: pid_t = 0
        guard posix_spawn(&identifier, path, &actions, &attributes, &words, &variables) == 0 else {
            throw POSIXError(.EAGAIN)
        }
        return identifier
    }

    /// - Throws: `Hang` when it does not come to that in twenty seconds.
    func wait(until isDone: @Sendable (String) -> Bool) async throws {
        try await grow { isDone(String(decoding: $0.data, as: UTF8.self)) }
    }

    /// The exit status, or 1000 and the signal, once all that the program wrote has been read.
    func outcome() async throws -> Int32 {
        try await grow { $0.status != nil }
        // This process has the terminal open too, so it has no end: what is written to it now comes behind all that was before.
        let mark = Array("\u{1}all was read\u{1}".utf8)
        _ = mark.withUnsafeBytes { write(program, $0.baseAddress, $0.count) }
        try await grow { $0.data.range(of: Data(mark)) != nil }
        return state.withLock { state in
            if let range = state.data.range(of: Data(mark)) { state.data.removeSubrange(range) }
            return state.status ?? -1
        }
    }

    private func grow(_ isDone: @Sendable (State) -> Bool) async throws {
        let growth = growth
        let killer = DispatchWorkItem { growth.continuation.finish() }
        DispatchQueue.global().asyncAfter(deadline: .now() + 20, execute: killer)
        defer { killer.cancel() }
        if state.withLock({ isDone($0) }) { return }
        for await _ in growth.stream where state.withLock({ isDone($0) }) { return }
        throw Hang()
    }
}
