import Observations
import Wire

/// One file of a merge, and the frame that it stands at.
final class CaptureInput {
    let name: String
    let formatName: String
    private let path: String
    private let isStopped: @Sendable () -> Bool
    /// Nil while it is closed.
    private(set) var reader: CaptureReader?
    private var frame: CapturedFrame?

    /// Nil of what is no regular file.
    let size: Int?
    private var bytesReadBefore = 0
    private(set) var isTruncated = false
    private(set) var problems: [String] = []
    private(set) var backwardSteps = 0
    private(set) var drops = CaptureDrops()

    init(_ path: String, isStopped: @escaping @Sendable () -> Bool) throws(CaptureFileProblem) {
        let reader = try CaptureReader(path, isStopped: isStopped)
        self.path = path
        self.isStopped = isStopped
        self.reader = reader
        name = reader.name
        formatName = reader.formatName
        size = reader.size
    }

    var bytesRead: Int { reader?.bytesRead ?? bytesReadBefore }

    /// Goes on to the next frame; at the end it is finished.
    func advance() -> CapturedFrame? {
        guard let reader else { return nil }
        frame = reader.next()
        if frame == nil { finish() }
        return frame
    }

    /// Closes the file at its first frame, if it can be opened again.
    func suspend() {
        guard CaptureSource.canBeReopened(path) else { return }
        reader = nil
    }

    /// The frame that it stands at, in the opened file.
    func resume() -> CapturedFrame? {
        guard reader == nil else { return frame }
        do throws(CaptureFileProblem) {
            reader = try CaptureReader(path, isStopped: isStopped)
        } catch {
            isTruncated = true
            problems.append("\(error)")
            return nil
        }
        return advance()
    }

    /// Closes the file, and keeps what was learnt of it.
    func finish() {
        guard let reader else { return }
        bytesReadBefore = reader.bytesRead
        isTruncated = reader.isTruncated
        problems = reader.problems
        backwardSteps = reader.backwardSteps
        drops = reader.drops
        self.reader = nil
    }
}
