import CLinux
import Glibc
import LinuxIO

/// Where a capture file's bytes come from, one piece after the other, gzip undone.
final class CaptureSource {
    /// Why no more bytes can be had before the end.
    struct Fault: Error {
        let text: String
    }

    private let origin: Origin
    /// Bytes as they came in, before they are decompressed, or before the first look at them.
    private let raw: ByteStore
    private var rawStart = 0
    private var rawEnd = 0
    private var inflater: Inflater?
    private let isStopped: @Sendable () -> Bool
    /// Of the file as it is stored.
    private(set) var bytesRead = 0
    /// Of a regular file.
    private(set) var size: Int?

    private enum Origin {
        case descriptor(Int32, isOwned: Bool, mayBlock: Bool)
        case memory([UInt8], piece: Int)
    }

    /// Of raw bytes at a time, where they cannot be read to their place at once.
    private static let rawCapacity = 64 << 10

    private init(_ origin: Origin, isStopped: @escaping @Sendable () -> Bool) throws(Fault) {
        self.origin = origin
        self.isStopped = isStopped
        raw = ByteStore(capacity: Self.rawCapacity)
        // Two bytes tell gzip, and a pipe may give them one by one.
        while rawEnd < 2 {
            let count = try readOrigin(UnsafeMutableRawBufferPointer(rebasing: raw.bytes[rawEnd...]))
            if count == 0 { break }
            rawEnd += count
        }
        if rawEnd >= 2, Inflater.isMagic(raw.bytes[0], raw.bytes[1]) {
            guard let inflater = Inflater() else { throw Fault(text: "no memory to decompress it") }
            self.inflater = inflater
        }
    }

    /// - Parameter isStopped: asked while a pipe gives nothing; when true, the input ends there.
    static func open(
        _ path: String, isStopped: @escaping @Sendable () -> Bool
    ) throws(CaptureFileProblem) -> CaptureSource {
        let name = path == "-" ? "standard input" : path
        // A named pipe that nobody writes to would be waited for here, where no signal ends it.
        let descriptor = path == "-" ? STDIN_FILENO : Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw .unreadable(name, SystemCallFailure("open")) }
        var status = stat()
        let isKnown = fstat(descriptor, &status) == 0
        if isKnown, status.st_mode & S_IFMT == S_IFDIR {
            if path != "-" { close(descriptor) }
            throw CaptureFileProblem(
                file: name, found: "a directory", fix: "give the capture files in it: \(name)/*.pcap")
        }
        let mayBlock = !(isKnown && status.st_mode & S_IFMT == S_IFREG)
        do {
            let source = try CaptureSource(
                .descriptor(descriptor, isOwned: path != "-", mayBlock: mayBlock), isStopped: isStopped)
            if !mayBlock { source.size = Int(status.st_size) }
            return source
        } catch {
            throw CaptureFileProblem(file: name, found: error.text, fix: "look at the file, or copy it anew")
        }
    }

    /// - Parameter piece: at most so many bytes are handed out at a time.
    static func memory(_ bytes: [UInt8], piece: Int) throws(Fault) -> CaptureSource {
        try CaptureSource(.memory(bytes, piece: max(1, piece)), isStopped: { false })
    }

    /// A regular file: pipes, and what stands for a descriptor in /dev and /proc, give their bytes once.
    static func canBeReopened(_ path: String) -> Bool {
        var status = stat()
        return path != "-" && stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    deinit {
        if case .descriptor(let descriptor, isOwned: true, _) = origin { close(descriptor) }
    }

    var isCompressed: Bool { inflater != nil }

    /// - Returns: how many bytes were put in; 0 at the end.
    func read(into space: UnsafeMutableRawBufferPointer) throws(Fault) -> Int {
        guard let inflater else { return try readPlain(into: space) }
        while true {
            let result = inflater.inflate(raw.bytes[rawStart..<rawEnd], into: space)
            rawStart += result.consumed
            // What came out before the damage counts; zlib tells of it again.
            if result.produced > 0 { return result.produced }
            if let fault = result.fault { throw Fault(text: fault) }
            if rawStart == rawEnd {
                rawStart = 0
                rawEnd = try readOrigin(raw.bytes)
                guard rawEnd > 0 else { return try endOfCompressed(inflater) }
            }
        }
    }

    private func endOfCompressed(_ inflater: Inflater) throws(Fault) -> Int {
        guard inflater.isBetweenMembers else { throw Fault(text: "its gzip data end early") }
        return 0
    }

    private func readPlain(into space: UnsafeMutableRawBufferPointer) throws(Fault) -> Int {
        guard rawStart < rawEnd else { return try readOrigin(space) }
        let count = min(space.count, rawEnd - rawStart)
        UnsafeMutableRawBufferPointer(rebasing: space[..<count])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: raw.bytes[rawStart..<rawStart + count]))
        rawStart += count
        return count
    }

    private var memoryPosition = 0

    private func readOrigin(_ space: UnsafeMutableRawBufferPointer) throws(Fault) -> Int {
        switch origin {
        case .descriptor(let descriptor, _, let mayBlock):
            let count = try Self.read(descriptor, space, waiting: mayBlock ? isStopped : nil)
            bytesRead += count
            return count
        case .memory(let bytes, let piece):
            let count = min(piece, space.count, bytes.count - memoryPosition)
            space.copyBytes(from: bytes[memoryPosition..<memoryPosition + count])
            memoryPosition += count
            return count
        }
    }

    private static func read(
        _ descriptor: Int32, _ space: UnsafeMutableRawBufferPointer, waiting isStopped: (@Sendable () -> Bool)?
    ) throws(Fault) -> Int {
        while true {
            if let isStopped, !awaitInput(descriptor, isStopped) { return 0 }
            // SAFETY: read(2) writes at most `space.count` bytes into `space`.
            let count = Glibc.read(descriptor, space.baseAddress, space.count)
            if count >= 0 { return count }
            let failure = SystemCallFailure("read")
            guard failure.code == EINTR || failure.code == EAGAIN else { throw Fault(text: failure.description) }
            // A regular file never says EAGAIN; a pipe is waited for again.
        }
    }

    /// False when the input is to end instead.
    private static func awaitInput(_ descriptor: Int32, _ isStopped: @Sendable () -> Bool) -> Bool {
        while !isStopped() {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            // SAFETY: one entry is passed, and its count is one.
            if poll(&entry, 1, 200) != 0 { return true }
        }
        return false
    }
}

extension CaptureFileProblem {
    static func unreadable(_ name: String, _ failure: SystemCallFailure) -> CaptureFileProblem {
        let fix =
            switch failure.code {
            case ENOENT, ENOTDIR: "look at the name"
            case EACCES, EPERM: "make it readable for this user, or run as one who may read it"
            case EMFILE, ENFILE: "raise the limit of open files (ulimit -n), or give fewer files at once"
            default: "look at the file, or copy it anew"
            }
        return CaptureFileProblem(file: name, found: failure.description, fix: fix)
    }
}
