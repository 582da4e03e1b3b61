import CLinux
import Glibc
import LinuxIO
import Observations

/// A file that exists only in memory, for libraries that want a path. Works where no directory can be written to.
final class MemoryFile: Sendable {
    private let descriptor: Int32

    init(_ text: String, named name: String) throws(Inability) {
        descriptor = leadsman_memory_file(name)
        guard descriptor >= 0 else {
            throw SystemCallFailure("memfd_create", code: -descriptor).inability(to: "keep \(name) in memory")
        }
        do throws(WriteFailure) {
            try writeAll(text, to: descriptor)
        } catch {
            throw Inability(
                .noMemory, action: "keep \(name) in memory", reason: "write failed", fix: "give the process more memory"
            )
        }
    }

    deinit {
        close(descriptor)
    }

    /// Valid in this process, as long as this value lives.
    var path: String { "/proc/self/fd/\(descriptor)" }
}
