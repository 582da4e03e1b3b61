import LinuxIO
import NetValues
import Reporting

/// The line on standard error that shows a person that reading goes on; only on a terminal, and only after two seconds.
struct ReadingProgress {
    private let isShown: Bool
    private let start = Instant.now
    private var next: Instant
    private var lines = StatusLines()

    private static let patience = Duration.seconds(2)
    private static let pause = Duration.milliseconds(250)

    init(isShown: Bool) {
        self.isShown = isShown
        next = start + Self.patience
    }

    mutating func tick(frames: Int, bytes: @autoclosure () -> (read: Int, total: Int)?) {
        guard isShown else { return }
        let now = Instant.now
        guard now >= next else { return }
        next = now + Self.pause
        let line = ReadingLine(packets: frames, elapsed: now - start, bytes: bytes())
        lines.draw([line.text(width: StatusLines.width)])
    }

    mutating func clear() {
        lines.clear()
    }
}
