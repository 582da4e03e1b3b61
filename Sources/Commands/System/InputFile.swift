import Glibc
import LinuxIO

/// Reads a whole file, or standard input for `-`, up to a limit.
enum InputFile {
    static func read(_ path: String, limit: Int) throws(InputFailure) -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw InputFailure(path, errnoText(errno)) }
        defer { if path != "-" { close(descriptor) } }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw InputFailure(path, errnoText(errno)) }
            bytes += chunk.prefix(count)
            guard bytes.count <= limit else { throw InputFailure(path, "is larger than \(limit / 1_048_576) MiB") }
        }
    }
}

/// An input that could not be read: bad input, exit status 2.
struct InputFailure: Error {
    let path: String
    let reason: String

    init(_ path: String, _ reason: String) {
        self.path = path
        self.reason = reason
    }
}
