import Glibc

/// Why a file could not be had, in the system's words.
package struct UnreadableFile: Error, Hashable, Sendable {
    package let reason: String

    package init(reason: String) {
        self.reason = reason
    }
}

/// Whole files in memory, bounded.
package enum FileBytes {
    /// - Parameter patience: how long to wait for each piece of what is not a regular file; nil waits as long as it takes.
    package static func read(
        _ path: String, limit: Int, patience: Duration? = nil
    ) -> Result<[UInt8], UnreadableFile> {
        guard !path.utf8.contains(0) else { return .failure(UnreadableFile(reason: "a path cannot hold a zero byte")) }
        // With O_NONBLOCK a pipe that nobody writes to does not hold up `open`.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | (patience == nil ? 0 : O_NONBLOCK))
        guard descriptor >= 0 else { return .failure(UnreadableFile(errno: errno)) }
        defer { close(descriptor) }
        return read(descriptor, limit: limit, patience: patience)
    }

    package static func standardInput(limit: Int) -> Result<[UInt8], UnreadableFile> {
        read(STDIN_FILENO, limit: limit, patience: nil)
    }

    private static func read(_ descriptor: Int32, limit: Int, patience: Duration?) -> Result<[UInt8], UnreadableFile> {
        var bytes: [UInt8] = []
        while true {
            if let patience, !hasInput(descriptor, within: patience) {
                return .failure(
                    UnreadableFile(reason: "nothing could be read from it within \(patience.components.seconds) s"))
            }
            let piece = chunk(of: descriptor)
            guard piece.error != EINTR, piece.error != EAGAIN else { continue }
            guard piece.error == 0 else { return .failure(UnreadableFile(errno: piece.error)) }
            if piece.bytes.isEmpty { return .success(bytes) }
            bytes += piece.bytes
            guard bytes.count <= limit else { return .failure(UnreadableFile(reason: "larger than \(size(limit))")) }
        }
    }

    /// What is there of the next 64 KiB: nothing at the end, and with an errno nothing either.
    package static func chunk(of descriptor: Int32) -> (bytes: [UInt8], error: Int32) {
        var error: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
            // SAFETY: `read` writes at most `buffer.count` bytes into the buffer and says how many.
            let result = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            error = result < 0 ? errno : 0
            count = max(0, result)
        }
        return (bytes, error)
    }

    private static func hasInput(_ descriptor: Int32, within patience: Duration) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // SAFETY: one entry is passed, and its count is one.
        return poll(&entry, 1, Int32(clamping: patience.components.seconds * 1000)) > 0
    }

    private static func size(_ limit: Int) -> String {
        limit >= 1 << 20 ? "\(limit >> 20) MiB" : "\(limit >> 10) KiB"
    }
}

extension UnreadableFile {
    fileprivate init(errno: Int32) { reason = errnoText(errno) }
}

/// The environment that this process was started with.
package enum ProcessEnvironment {
    /// All of it, as NAME=VALUE.
    package static var all: [String] {
        var found: [String] = []
        // SAFETY: a list that ends with nil, of texts that nothing in this process changes (environ(7)).
        var next: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = environ
        while let text = next?.pointee {
            found.append(String(cString: text))
            next = next?.advanced(by: 1)
        }
        return found
    }

    package static func value(of name: String) -> String? {
        // SAFETY: nothing in this process changes the environment, so the text stays valid while it is copied.
        guard let text = getenv(name) else { return nil }
        return String(validatingCString: text)
    }
}
