import CLinux
import Glibc
import LinuxIO
import Observations
import Synchronization

/// Where the result goes: standard output, a device or pipe as it comes, or a regular file that is replaced whole or not
/// at all.
final class ResultFile: Sendable {
    private let descriptor: Int32
    /// Set for a regular file: written beside it first, then put in its place.
    private let replacement: Replacement?
    private let isOpen = Mutex(true)

    /// Opens before anything is probed, so that an unwritable place is known at once.
    init(path: String?) throws(SystemCallFailure) {
        guard let path, path != "-" else {
            guard StandardStream.isOutputOpen else { throw SystemCallFailure("write", code: EBADF) }
            descriptor = STDOUT_FILENO
            replacement = nil
            return
        }
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            descriptor = open(path, O_WRONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw SystemCallFailure("open") }
            replacement = nil
            return
        }
        // An existing file keeps its mode; a link is followed, so that the link itself stays.
        let final = Self.followingLinks(path)
        let mode = stat(final, &status) == 0 ? status.st_mode & 0o7777 : 0o666 & ~Self.fileMask()
        if access(final, F_OK) == 0, access(final, W_OK) != 0 { throw SystemCallFailure("access") }
        // Not by the process's number: that is 1 in every container, and one that was killed may have left a file.
        let temporary = "\(final).leadsman-\(String(UInt32.random(in: .min ... .max), radix: 16))"
        let nameless = Self.namelessFile(beside: final)
        descriptor = nameless ?? open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemCallFailure("open") }
        fchmod(descriptor, mode)
        replacement = Replacement(temporary: temporary, final: final, hasName: nameless == nil)
    }

    /// - Throws: our own inability, which names the fix.
    static func opened(_ path: String?) throws(Inability) -> ResultFile {
        do throws(SystemCallFailure) {
            return try ResultFile(path: path)
        } catch {
            throw Inability(
                .badFile, action: "write \(path ?? "to standard output")", reason: error.description,
                fix: path == nil
                    ? "give the command a standard output, or name a file with --output"
                    : "name a file in a folder that this user may write to")
        }
    }

    /// For a result whose place on standard output something else has.
    static let standardError = ResultFile(adopting: STDERR_FILENO)

    private init(adopting descriptor: Int32) {
        self.descriptor = descriptor
        replacement = nil
    }

    private struct Replacement {
        let temporary: String
        let final: String
        /// False for a file without a name (open(2), O_TMPFILE): it is gone with this process, however that ends.
        let hasName: Bool
    }

    /// Nil where the file system has no such files, or no /proc to name one by later.
    private static func namelessFile(beside path: String) -> Int32? {
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "./"
        let descriptor = leadsman_nameless_file(String(folder), 0o600)
        guard descriptor >= 0 else { return nil }
        if access(own(descriptor), F_OK) == 0 { return descriptor }
        close(descriptor)
        return nil
    }

    private static func own(_ descriptor: Int32) -> String { "/proc/self/fd/\(descriptor)" }

    deinit {
        discard()
    }

    func write(_ text: String) throws(WriteFailure) {
        try writeAll(text, to: descriptor)
    }

    func write(_ bytes: [UInt8]) throws(WriteFailure) {
        try writeAll(bytes, to: descriptor)
    }

    /// Puts a regular file in its place.
    func commit() throws(WriteFailure) {
        guard let replacement, isOpen.withLock({ $0 }) else { return }
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw .failed(SystemCallFailure("fsync")) }
        if !replacement.hasName { try name(replacement.temporary) }
        guard rename(replacement.temporary, replacement.final) == 0 else { throw .failed(SystemCallFailure("rename")) }
        if isOpen.withLock({ Self.take(&$0) }) { close(descriptor) }
    }

    /// A link cannot replace a file, so that the name is the temporary one for a moment.
    private func name(_ temporary: String) throws(WriteFailure) {
        let done = linkat(AT_FDCWD, Self.own(descriptor), AT_FDCWD, temporary, AT_SYMLINK_FOLLOW)
        guard done == 0 else { throw .failed(SystemCallFailure("linkat")) }
    }

    /// Leaves the old file as it was. For when nothing will be written any more.
    func discard() {
        guard descriptor > STDERR_FILENO, isOpen.withLock({ Self.take(&$0) }) else { return }
        close(descriptor)
        if let replacement { unlink(replacement.temporary) }
    }

    /// Where a file of that name is or would be made.
    private static func followingLinks(_ path: String) -> String {
        if let resolved = realpath(path, nil) {
            defer { free(resolved) }
            return String(cString: resolved)
        }
        var path = path
        for _ in 0..<mostLinks {
            guard let target = linkTarget(path) else { break }
            let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
            path = target.hasPrefix("/") ? target : folder + target
        }
        return path
    }

    /// As Linux (path_resolution(7)).
    private static let mostLinks = 40

    private static func linkTarget(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink(path, &buffer, buffer.count)
        guard length > 0 else { return nil }
        return String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func take(_ flag: inout Bool) -> Bool {
        defer { flag = false }
        return flag
    }

    private static func fileMask() -> mode_t {
        let mask = umask(0)
        umask(mask)
        return mask
    }
}
