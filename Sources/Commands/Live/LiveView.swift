import LinuxIO
import NetValues
import Reporting
import Synchronization

/// Shows a run without end on the whole screen until it is over, and does what a person's keys ask for. It has a thread of its own,
/// so that neither a slow terminal nor a large picture keeps the reactor from measuring.
final class LiveView: Sendable {
    private let screen: Screen
    private let logs: LiveLogs
    private let judging: LiveJudging
    private let subject: LivePicture.Subject
    private let color: Bool
    private let showsNames: Bool
    private let names: @Sendable ([IPAddress]) -> [IPAddress: String]
    private let pardon: @Sendable (Instant, Instant) -> Void
    private let quit: @Sendable () -> Void
    private let isOver = Atomic(false)

    /// Between pictures, where no key asks for one.
    private static let pause = Duration.milliseconds(250)

    /// - Parameters:
    ///   - showsNames: from the beginning; a key asks for them later.
    ///   - pardon: told of a time in which somebody had stopped this process.
    ///   - quit: called, once or more, when a person wants to see the end.
    init(
        _ screen: Screen, _ logs: LiveLogs, _ judging: LiveJudging, _ subject: LivePicture.Subject, color: Bool,
        showsNames: Bool,
        names: @escaping @Sendable ([IPAddress]) -> [IPAddress: String],
        pardon: @escaping @Sendable (Instant, Instant) -> Void, quit: @escaping @Sendable () -> Void
    ) {
        self.screen = screen
        self.logs = logs
        self.judging = judging
        self.subject = subject
        self.color = color
        self.showsNames = showsNames
        self.names = names
        self.pardon = pardon
        self.quit = quit
    }

    /// The measurement is over, from any thread.
    func end() {
        isOver.store(true, ordering: .sequentiallyConsistent)
        screen.wake()
    }

    /// Blocks its thread until `end`.
    func show() {
        var controls = LiveControls(showsNames: showsNames)
        var start = Instant.now
        var picture = LivePicture(subject: subject, tally: logs.tally(), elapsed: .zero)
        while !isOver.load(ordering: .sequentiallyConsistent) {
            let begun = Instant.now
            let tally = logs.tally()
            if !controls.isPaused {
                picture.tally = tally
                picture.elapsed = begun - start
                picture.verdict = judging.verdict(at: begun)
                picture.names = controls.showsNames ? names(tally.addresses) : [:]
            }
            let page = page(picture, controls)
            // Whoever cannot be written to does not press keys either.
            do { try screen.draw(page.lines) } catch { return quit() }
            // A picture of a great many targets must not take the time that others need.
            let next = max(begun + Self.pause, .now + (Instant.now - begun) * 4)
            for event in screen.wait(until: next) {
                switch event {
                case .stopped(let from, let to): pardon(from, to)
                case .input(let bytes):
                    for key in LiveControls.Key.keys(in: bytes) {
                        take(controls.press(key, rows: page.rows, room: page.room), &start)
                    }
                case .changed, .woken: break
                }
            }
        }
    }

    private func take(_ wish: LiveControls.Wish?, _ start: inout Instant) {
        switch wish {
        case .quit:
            // What follows takes a moment where the targets are many: the ordinary screen is given back at once.
            isOver.store(true, ordering: .sequentiallyConsistent)
            quit()
        case .reset:
            logs.reset()
            judging.reset()
            start = .now
        case nil: break
        }
    }

    private func page(_ picture: LivePicture, _ controls: LiveControls) -> LivePicture.Page {
        let (columns, rows) = screen.size
        return picture.page(
            LivePicture.Viewport(
                columns: columns, rows: rows, isUnicode: Terminal.isUnicode, color: color, controls: controls))
    }
}
