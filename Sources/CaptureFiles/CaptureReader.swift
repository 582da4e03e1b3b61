import Glibc
import NetValues
import Observations
import Wire

/// Reads one capture file, pcap or pcapng, also gzipped, from a file, a pipe or standard input: one record after the other out of
/// one buffer, whatever the file's size.
///
/// A file that is no capture is a problem at `init`. One that ends within a record, or holds what cannot be read, gives all that
/// came before it; `isTruncated` and `problems` then say so.
package final class CaptureReader {
    /// As the user gave it.
    package let name: String
    private let source: CaptureSource
    private let store: ByteStore
    private var parser = CaptureParser()
    /// What of the store was read and not parsed yet.
    private var start = 0
    private var end = 0
    /// Where the store's first byte stands in the (decompressed) file.
    private var storeOffset = 0
    private var frameStart = 0
    private var frameEnd = 0
    private var isFinished = false
    private var lastTime = Int64.min

    package private(set) var frames = 0
    /// Frames whose time is before that of the frame before them.
    package private(set) var backwardSteps = 0
    /// The file ends within a record, or cannot be read on.
    package private(set) var isTruncated = false
    /// Each names the file and the place in it.
    package private(set) var problems: [String] = []

    /// Bytes at a time: enough that system calls do not count, and little enough to stay in the processor's cache.
    private static let capacity = 256 << 10

    /// - Parameters:
    ///   - path: `-` is standard input.
    ///   - isStopped: asked from time to time while a pipe gives nothing: when true, the input ends there.
    package convenience init(
        _ path: String, isStopped: @escaping @Sendable () -> Bool = { false }
    ) throws(CaptureFileProblem) {
        try self.init(
            name: path == "-" ? "standard input" : path, source: CaptureSource.open(path, isStopped: isStopped),
            capacity: Self.capacity)
    }

    /// A file that is in memory already.
    /// - Parameter piece: at most so many bytes are looked at at a time.
    package convenience init(
        bytes: [UInt8], name: String, piece: Int = .max
    ) throws(CaptureFileProblem) {
        let source: CaptureSource
        do { source = try CaptureSource.memory(bytes, piece: piece) } catch {
            throw CaptureFileProblem(file: name, found: error.text, fix: "copy it anew")
        }
        try self.init(name: name, source: source, capacity: min(Self.capacity, max(64, piece)))
    }

    private init(name: String, source: CaptureSource, capacity: Int) throws(CaptureFileProblem) {
        self.name = name
        self.source = source
        store = ByteStore(capacity: capacity)
        try begin()
    }

    /// `pcap`, `pcapng`, `pcap, gzipped`.
    package var formatName: String { parser.formatName + (source.isCompressed ? ", gzipped" : "") }

    /// Of the file as it is stored, compressed or not.
    package var bytesRead: Int { source.bytesRead }
    /// Nil of what is no regular file.
    package var size: Int? { source.size }

    /// As far as the file says; pcap never does.
    package var drops: CaptureDrops {
        guard let drops = parser.drops else { return CaptureDrops() }
        return CaptureDrops(
            kernel: Int(clamping: drops.kernel), interface: Int(clamping: drops.interface), isKnown: true)
    }

    /// The next frame, numbered from 1; nil at the end.
    package func next() -> CapturedFrame? {
        while !isFinished {
            switch step() {
            case .success(.record(let record)): return take(record)
            case .success(.skip(let count)): skip(count)
            case .success(.more(let count)): if !fill(count) { finish(lacking: count) }
            case .failure(let fault): stop("\(fault.text), at byte \(position)\(ofWhat)")
            }
        }
        return nil
    }

    /// The bytes of the frame that `next` gave last.
    package func withBytes<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result {
        // SAFETY: the parser admits only frames within what was read; the store changes in `next` alone.
        let bytes = UnsafeRawBufferPointer(rebasing: store.bytes[frameStart..<frameEnd])
        return try body(bytes.bindMemory(to: UInt8.self).span)
    }

    private var position: Int { storeOffset + start }
    private var ofWhat: String { source.isCompressed ? " of the decompressed file" : "" }

    @inline(__always)
    private func step() -> Result<CaptureStep, CaptureFault> {
        // SAFETY: as far as the store was filled.
        let bytes = UnsafeRawBufferPointer(rebasing: store.bytes[..<end]).bindMemory(to: UInt8.self)
        do throws(CaptureFault) {
            return .success(try parser.step(bytes.span, at: start))
        } catch { return .failure(error) }
    }

    @inline(__always)
    private func take(_ record: CaptureRecord) -> CapturedFrame {
        start = record.end
        frameStart = record.dataOffset
        frameEnd = record.dataOffset &+ record.dataLength
        frames &+= 1
        if record.time < lastTime { backwardSteps &+= 1 }
        lastTime = record.time
        return CapturedFrame(
            number: frames, time: record.time, length: record.length, linkType: record.linkType,
            interface: record.interface)
    }

    /// Reads the header, so that what is no capture is known at once.
    private func begin() throws(CaptureFileProblem) {
        while !parser.hasBegun {
            switch step() {
            case .success(.more(let count)):
                if !parser.hasBegun, !fill(count) { throw noCapture() }
            case .success(.skip(let count)): skip(count)
            case .success(.record): return
            case .failure(let fault):
                throw fault.isForeign
                    ? noCapture()
                    : CaptureFileProblem(file: name, found: fault.text, fix: "look at the file, or capture anew")
            }
        }
    }

    /// What was found instead, from what is in the store.
    private func noCapture() -> CaptureFileProblem {
        _ = fill(512)
        if let problem = problems.first {
            return CaptureFileProblem(
                file: name, found: String(problem.dropFirst(name.count + 2)), fix: "look at the file, or copy it anew")
        }
        let bytes = store.copy(start..<end)
        if bytes.count < 24, let first = bytes.first, [0xa1, 0xd4, 0x4d, 0x34, 0x0a].contains(first) {
            return CaptureFileProblem(
                file: name, found: "\(bytes.count) bytes, fewer than the header of a capture file",
                fix: "copy it anew, or capture again")
        }
        let foreign = ForeignFile(beginningWith: bytes)
        return CaptureFileProblem(file: name, found: foreign.description, fix: foreign.fix)
    }

    /// False when the file ends before `count` bytes are at hand.
    private func fill(_ count: Int) -> Bool {
        guard end - start < count else { return true }
        store.compact(start..<end, capacity: max(count, store.capacity))
        storeOffset += start
        end -= start
        start = 0
        while end < count {
            let read = readOn(from: end)
            if read == 0 { return false }
            end += read
        }
        return true
    }

    private func readOn(from offset: Int) -> Int {
        do throws(CaptureSource.Fault) {
            return try source.read(into: UnsafeMutableRawBufferPointer(rebasing: store.bytes[offset...]))
        } catch {
            stop("\(error.text), behind byte \(storeOffset + offset)\(ofWhat)")
            return 0
        }
    }

    private func skip(_ count: Int) {
        guard count > end - start else {
            start += count
            return
        }
        let begun = position
        var rest = count - (end - start)
        storeOffset += end
        start = 0
        end = 0
        while rest > 0 {
            let read = readOn(from: 0)
            if read == 0 {
                (start, end) = (0, 0)
                if !isFinished { stop("ends within a block that begins at byte \(begun)\(ofWhat)") }
                return
            }
            start = min(read, rest)
            end = read
            rest -= start
            if rest > 0 { storeOffset += read }
        }
    }

    private func finish(lacking count: Int) {
        guard !isFinished else { return }
        guard end > start else { return isFinished = true }
        stop("ends within a record: \(end - start) of \(count) bytes or more, at byte \(position)\(ofWhat)")
    }

    private func stop(_ problem: String) {
        isFinished = true
        isTruncated = true
        problems.append("\(name): \(problem)")
    }
}
