import CLinux
import Glibc
import LinuxIO
import NetValues
import Wire

/// Writes a pcap file with nanosecond stamps (magic a1b23c4d), as tcpdump and tshark read it.
package final class CaptureWriter {
    /// As the user gave it.
    package let name: String
    private let descriptor: Int32
    private let store = ByteStore(capacity: 128 << 10)
    private var used = 0
    private var isOpen = true
    private let ownsDescriptor: Bool
    private let snapLength: Int

    /// Header and records, also those that are still in memory.
    package private(set) var bytesWritten = 0
    package private(set) var frames = 0

    package static let headerLength = 24
    package static let recordHeaderLength = 16

    /// Like dumpcap, for this user's eyes only: a capture tells what others said to each other.
    private static let mode: mode_t = 0o600

    /// - Parameters:
    ///   - path: `-` is standard output. What is there is replaced, unless `isNew`.
    ///   - isNew: fails with `isTaken` when there is such a file already.
    package init(
        _ path: String, linkType: LinkType, snapLength: Int = 262_144, isNew: Bool = false
    ) throws(CaptureFileProblem) {
        name = path == "-" ? "standard output" : path
        ownsDescriptor = path != "-"
        self.snapLength = max(1, min(snapLength, Int(UInt32.max)))
        let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (isNew ? O_EXCL : O_TRUNC)
        descriptor = ownsDescriptor ? open(path, flags, Self.mode) : STDOUT_FILENO
        guard descriptor >= 0 else { throw .unwritable(name, SystemCallFailure("open")) }
        var header: [UInt8] = []
        for word in [0xa1b2_3c4d, 0x0004_0002, 0, 0, UInt32(self.snapLength), linkType.rawValue] {
            header.append(littleEndian: word)
        }
        try put(header.span)
    }

    deinit {
        if isOpen, ownsDescriptor { Glibc.close(descriptor) }
    }

    /// - Parameter kept: at most so many of the bytes, as for a capture without payload (`HeaderLength`).
    package func write(
        _ frame: CapturedFrame, _ bytes: Span<UInt8>, keeping kept: Int = .max
    ) throws(CaptureFileProblem) {
        let count = min(bytes.count, snapLength, max(0, kept))
        // A time before 1970 or behind 2106 has no place in the format.
        let time = max(0, min(frame.time, Int64(UInt32.max) * 1_000_000_000 + 999_999_999))
        let (seconds, nanoseconds) = time.quotientAndRemainder(dividingBy: 1_000_000_000)
        try makeRoom(for: Self.recordHeaderLength)
        put(UInt32(seconds), at: used)
        put(UInt32(nanoseconds), at: used + 4)
        put(UInt32(count), at: used + 8)
        put(UInt32(clamping: max(frame.length, count)), at: used + 12)
        used += Self.recordHeaderLength
        bytesWritten += Self.recordHeaderLength
        let data = bytes.extracting(first: count)
        try put(data)
        frames += 1
    }

    /// Hands to the system what is still in memory, so that a reader sees whole records.
    package func flush() throws(CaptureFileProblem) {
        guard used > 0 else { return }
        let count = used
        used = 0
        try send(UnsafeRawBufferPointer(rebasing: store.bytes[..<count]))
    }

    /// - Throws: also what the system tells only now, such as a full disk behind a network.
    package func close() throws(CaptureFileProblem) {
        guard isOpen else { return }
        defer { isOpen = false }
        do throws(CaptureFileProblem) {
            try flush()
        } catch {
            if ownsDescriptor { Glibc.close(descriptor) }
            throw error
        }
        guard ownsDescriptor, Glibc.close(descriptor) != 0 else { return }
        throw .unwritable(name, SystemCallFailure("close"))
    }

    private func put(_ value: UInt32, at offset: Int) {
        store.bytes.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
    }

    private func makeRoom(for count: Int) throws(CaptureFileProblem) {
        if used + count > store.capacity { try flush() }
    }

    private func put(_ bytes: Span<UInt8>) throws(CaptureFileProblem) {
        try makeRoom(for: bytes.count)
        bytesWritten += bytes.count
        let result = bytes.withUnsafeBufferPointer { pointer -> CaptureFileProblem? in
            guard pointer.count <= store.capacity else {
                do throws(CaptureFileProblem) { try send(UnsafeRawBufferPointer(pointer)) } catch { return error }
                return nil
            }
            // SAFETY: there is room for them behind what is used.
            UnsafeMutableRawBufferPointer(rebasing: store.bytes[used...]).copyMemory(
                from: UnsafeRawBufferPointer(pointer))
            used += pointer.count
            return nil
        }
        if let result { throw result }
    }

    private func send(_ bytes: UnsafeRawBufferPointer) throws(CaptureFileProblem) {
        var rest = bytes
        while !rest.isEmpty {
            // SAFETY: write(2) reads at most `rest.count` bytes of `rest`.
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count >= 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                continue
            }
            let failure = SystemCallFailure("write")
            switch failure.code {
            case EINTR: continue
            case EAGAIN:
                var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&entry, 1, 1000)
            default: throw .unwritable(name, failure)
            }
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(littleEndian value: UInt32) {
        for shift in [0, 8, 16, 24] { append(UInt8(truncatingIfNeeded: value >> UInt32(shift))) }
    }
}

extension CaptureFileProblem {
    static func unwritable(_ name: String, _ failure: SystemCallFailure) -> CaptureFileProblem {
        let fix =
            switch failure.code {
            case ENOSPC, EDQUOT: "make room, give another place, or bound what is written (a ring of files)"
            case EFBIG: "raise the limit of file sizes (ulimit -f), or bound what is written (a ring of files)"
            case ENOENT, ENOTDIR: "make its folder first"
            case EISDIR: "give the name of a file"
            case EACCES, EPERM, EROFS: "give a place where this user may write"
            case EEXIST: "give another name, or move the file away"
            case EPIPE: "whatever read it has ended"
            default: "give another place"
            }
        var problem = CaptureFileProblem(file: name, found: failure.description, fix: fix)
        problem.isReaderGone = failure.code == EPIPE
        problem.isTaken = failure.code == EEXIST
        return problem
    }
}
