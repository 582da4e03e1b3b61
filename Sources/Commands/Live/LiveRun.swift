import LinuxIO
import NetValues
import ProbeKit
import Reporting
import Synchronization

/// A run without end and how it is looked at: on the whole screen, by pages now and then, or not before its end.
final class LiveRun: Sendable {
    let logs: LiveLogs
    private let request: LiveRequest
    private let output: Session.Output
    private let shown = Mutex<(screen: Screen, view: LiveView)?>(nil)

    init(_ request: LiveRequest, _ logs: LiveLogs, _ output: Session.Output) {
        self.request = request
        self.logs = logs
        self.output = output
    }

    /// What a live view needs of the run beside which it is.
    struct Surroundings: Sendable {
        let time: SystemTime
        let file: ResultFile
        let judge: @Sendable () async -> LiveVerdict
        let names: @Sendable ([IPAddress]) -> [IPAddress: String]
        /// Told of a time in which somebody had stopped this process.
        let pardon: @Sendable (Instant, Instant) -> Void
        /// Ends the run.
        let quit: @Sendable () -> Void
    }

    /// Shows it until `end`; answers what could not be written.
    func show(in surroundings: Surroundings) async -> WriteFailure? {
        let start = Instant.now
        let timer = request.span.map { span in
            Task {
                guard (try? await surroundings.time.sleep(until: start + span)) != nil else { return }
                surroundings.quit()
            }
        }
        defer { timer?.cancel() }
        switch request.form(output) {
        case .nothing:
            // The timer alone ends such a run.
            await withTaskCancellationHandler {
                await timer?.value
            } onCancel: {
                timer?.cancel()
            }
            return nil
        case .screen:
            if await showOnScreen(surroundings) { return nil }
            return await showByPages(every: LiveRequest.usualEvery, since: start, surroundings)
        case .pages(let span): return await showByPages(every: span, since: start, surroundings)
        }
    }

    /// False where there is none to be had.
    private func showOnScreen(_ surroundings: Surroundings) async -> Bool {
        guard let screen = try? Screen() else { return false }
        let view = LiveView(
            screen, logs, LiveJudging(surroundings.judge), request.subject, color: output.style.color,
            showsNames: request.showsNames, names: surroundings.names, pardon: surroundings.pardon,
            quit: surroundings.quit)
        shown.withLock { $0 = (screen, view) }
        if Task.isCancelled { view.end() }
        defer { screen.leave() }
        return (try? await OwnThread.run { view.show() }) != nil
    }

    private func showByPages(every span: Duration, since start: Instant, _ surroundings: Surroundings) async
        -> WriteFailure?
    {
        let pages = LivePages(
            logs: logs, judging: surroundings.judge, subject: request.subject, style: output.style,
            isUnicode: Terminal.isUnicode)
        let failure = await pages.write(
            every: span, since: start, with: surroundings.time, to: surroundings.file)
        // Nobody reads what a longer run would bring.
        if failure != nil { surroundings.quit() }
        return failure
    }

    /// The measurement is over. To be followed by the end of the task that shows it, which is cancelled as well.
    func end() {
        shown.withLock { $0?.view }?.end()
    }

    /// From any thread, when the process ends at once.
    func giveBackTerminal() {
        shown.withLock { $0?.screen }?.leave()
    }
}
