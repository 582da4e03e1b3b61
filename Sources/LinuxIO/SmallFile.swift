import CLinux
import Glibc

/// Whole files of /proc, /sys and /etc, whose size stat(2) does not tell.
package enum SmallFile {
    /// Nil when it cannot be read, or is larger than `limit` bytes.
    package static func read(_ path: String, limit: Int = 1 << 20) -> String? {
        try? text(of: path, limit: limit)
    }

    /// - Throws: EFBIG when it is larger than `limit` bytes.
    package static func text(of path: String, limit: Int) throws(SystemCallFailure) -> String {
        // Non-blocking: a named pipe in its place must not hang us.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw SystemCallFailure("open") }
        defer { Glibc.close(descriptor) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 8192)
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &part, part.count)
            if count < 0 {
                let failure = SystemCallFailure("read")
                if failure.code == EINTR { continue }
                throw failure
            }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += part[..<count]
        }
        throw SystemCallFailure("read", code: EFBIG)
    }
}
