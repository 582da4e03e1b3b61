import Glibc
import LinuxIO
import NetValues
import Wire

/// When a capture goes on in the next file, and how many files stay. Nil is without bound.
package struct RingLimits: Hashable, Sendable {
    package var bytesPerFile: Int?
    /// By the frames' own times.
    package var timePerFile: Duration?
    /// On disk at once, the one that is being written among them.
    package var files: Int?

    package init(bytesPerFile: Int? = nil, timePerFile: Duration? = nil, files: Int? = nil) {
        self.bytesPerFile = bytesPerFile
        self.timePerFile = timePerFile
        self.files = files
    }

    /// One file, under the name that was given.
    var isOneFile: Bool { bytesPerFile == nil && timePerFile == nil }
}

/// Writes a capture into one file or, within limits, into a ring of them: `FILE.00001.pcap`, `FILE.00002.pcap` … Each is a
/// capture file of its own. A file that was there before is never touched: its number is passed over, and only what this run
/// wrote is removed. So the disk holds at most `files` × `bytesPerFile` of one run.
package final class RingWriter {
    /// The first file's time is that of its first frame.
    private var began: Int64?
    private var writer: CaptureWriter
    private var number = 0
    private let path: String
    private let linkType: LinkType
    private let snapLength: Int
    private let limits: RingLimits

    /// Of this run, the oldest first.
    package private(set) var files: [String] = []
    package private(set) var filesRemoved = 0
    private var earlierFrames = 0
    private var earlierBytes = 0

    /// Names tried until one is free.
    private static let mostTries = 100_000

    /// Makes the first file, so that a wrong place is known before a capture starts.
    package init(
        _ path: String, linkType: LinkType, snapLength: Int = 262_144, limits: RingLimits = RingLimits()
    ) throws(CaptureFileProblem) {
        self.path = path
        self.linkType = linkType
        self.snapLength = snapLength
        self.limits = limits
        if limits.isOneFile {
            writer = try CaptureWriter(path, linkType: linkType, snapLength: snapLength)
        } else if path == "-" {
            throw CaptureFileProblem(
                file: "standard output", found: "a ring of files has no place there", fix: "give the name of a file")
        } else {
            writer = try Self.next(&number, path, linkType, snapLength)
        }
        files = [writer.name]
    }

    package var frames: Int { earlierFrames + writer.frames }
    package var bytesWritten: Int { earlierBytes + writer.bytesWritten }

    /// - Parameter kept: at most so many of the bytes, as for a capture without payload (`HeaderLength`).
    package func write(
        _ frame: CapturedFrame, _ bytes: Span<UInt8>, keeping kept: Int = .max
    ) throws(CaptureFileProblem) {
        let size = CaptureWriter.recordHeaderLength + min(bytes.count, snapLength, max(0, kept))
        if isFull(for: frame, size) { try goOn() }
        if began == nil { began = frame.time }
        try writer.write(frame, bytes, keeping: kept)
    }

    package func flush() throws(CaptureFileProblem) { try writer.flush() }
    package func close() throws(CaptureFileProblem) { try writer.close() }

    /// A file holds one frame at least, however small its bound.
    private func isFull(for frame: CapturedFrame, _ size: Int) -> Bool {
        guard let began else { return false }
        if let most = limits.bytesPerFile, writer.bytesWritten + size > most { return true }
        guard let longest = limits.timePerFile else { return false }
        return WallTime(nanoseconds: frame.time) - WallTime(nanoseconds: began) >= longest
    }

    private func goOn() throws(CaptureFileProblem) {
        try writer.close()
        earlierFrames += writer.frames
        earlierBytes += writer.bytesWritten
        if let most = limits.files, files.count >= max(1, most) {
            unlink(files.removeFirst())
            filesRemoved += 1
        }
        writer = try Self.next(&number, path, linkType, snapLength)
        files.append(writer.name)
        began = nil
    }

    private static func next(
        _ number: inout Int, _ path: String, _ linkType: LinkType, _ snapLength: Int
    ) throws(CaptureFileProblem) -> CaptureWriter {
        for _ in 1...mostTries {
            number += 1
            do throws(CaptureFileProblem) {
                return try CaptureWriter(
                    name(path, number), linkType: linkType, snapLength: snapLength, isNew: true)
            } catch  where error.isTaken {
                continue
            } catch { throw error }
        }
        throw CaptureFileProblem(
            file: path, found: "\(mostTries) files of that name are there already", fix: "move them away")
    }

    /// `trace.pcap` and `trace` alike become `trace.00001.pcap`.
    static func name(_ path: String, _ number: Int) -> String {
        let stem = path.hasSuffix(".pcap") ? String(path.dropLast(5)) : path
        let digits = String(number)
        return "\(stem).\(String(repeating: "0", count: max(0, 5 - digits.utf8.count)))\(digits).pcap"
    }
}
