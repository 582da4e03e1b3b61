import CLinux
import Glibc

/// Whole files of /proc, /sys and /etc, whose size stat(2) does not tell.
package enum SmallFile {
    /// Nil when it cannot be opened or read, or is larger than `limit` bytes.
    package static func read(_ path: String, limit: Int = 1 << 20) -> String? {
        // Non-blocking: a named pipe in its place must not hang us.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { Glibc.close(descriptor) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 8192)
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += part[..<count]
        }
        return nil
    }
}
