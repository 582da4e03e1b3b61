import Glibc
import LinuxIO

/// The three descriptors that every process has.
enum StandardStream {
    static let output = STDOUT_FILENO
    static let error = STDERR_FILENO

    /// Occupies those that the caller closed (`>&-`) with something that cannot be written to, so that no socket of ours takes
    /// the number and is sent a report. To be called first of all.
    static func occupyAll() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The root is there even where /dev is not.
            _ = open("/", O_RDONLY | O_DIRECTORY)
        }
    }

    /// False when writing cannot work, whatever is written.
    static var isOutputOpen: Bool { fcntl(output, F_GETFL) & O_ACCMODE != O_RDONLY }
}

/// At once, without the C library's farewells: libraries that clean up there would pull the floor from under threads at work.
func endProcess(with status: Int32) -> Never {
    _exit(status)
}

/// A write that could not be completed.
enum WriteFailure: Error {
    /// The reader went away: end quietly.
    case readerGone
    case failed(SystemCallFailure)
}

extension WriteFailure {
    /// Tells it where there is something to tell, and answers the exit status.
    func told(_ path: String?) -> Int32 {
        switch self {
        case .readerGone: return ExitStatus.readerGone
        case .failed(let failure):
            complain("cannot write \(path ?? "to standard output"): \(failure)")
            return ExitStatus.unmeasured
        }
    }
}

/// Writes all bytes to a descriptor, through interruptions and partial writes.
func writeAll(_ text: String, to descriptor: Int32) throws(WriteFailure) {
    try writeAll(Array(text.utf8), to: descriptor)
}

func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(WriteFailure) {
    var start = 0
    while start < bytes.count {
        let written = bytes[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if written >= 0 {
            start += written
        } else if errno == EAGAIN {
            // Somebody made our standard output non-blocking: wait for room.
            var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            _ = poll(&ready, 1, -1)
        } else if errno == EPIPE {
            throw .readerGone
        } else if errno != EINTR {
            throw .failed(SystemCallFailure("write"))
        }
    }
}

/// A line on standard error; when even that cannot be written there is nobody left to tell.
func complain(_ text: String) {
    try? writeAll("leadsman: \(text)\n", to: STDERR_FILENO)
}

enum Terminal {
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Columns of the terminal on a descriptor; nil when it is none.
    static func width(of descriptor: Int32) -> Int? { size(of: descriptor)?.columns }

    /// Nil when it is none, or does not know.
    static func size(of descriptor: Int32) -> (columns: Int, rows: Int)? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return (Int(size.ws_col), max(1, Int(size.ws_row)))
    }

    /// Whether the locale's characters are those of Unicode (locale(7): the first of these variables that is set counts).
    static var isUnicode: Bool {
        let names = ["LC_ALL", "LC_CTYPE", "LANG"]
        let locale = names.lazy.compactMap { environment($0) }.first { !$0.isEmpty } ?? ""
        let name = locale.lowercased()
        return name.contains("utf-8") || name.contains("utf8")
    }

    static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
