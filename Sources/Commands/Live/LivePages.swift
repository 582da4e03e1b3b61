import LinuxIO
import NetValues
import ProbeKit
import Reporting

/// What was seen so far, written now and then where there is no screen to show it on. It is asked for, so it is result.
struct LivePages {
    let logs: LiveLogs
    let judging: @Sendable () async -> LiveVerdict
    let subject: LivePicture.Subject
    let style: TextStyle
    let isUnicode: Bool

    /// The logs do not keep everything until the next page.
    private static let glance = Duration.seconds(1)

    /// Until its task is cancelled. Whoever reads may go away: the failure is then told.
    func write(every span: Duration, since start: Instant, with time: SystemTime, to file: ResultFile) async
        -> WriteFailure?
    {
        var next = start + span
        while (try? await time.sleep(until: min(next, .now + Self.glance))) != nil {
            guard .now >= next else {
                _ = logs.tally()
                continue
            }
            var picture = LivePicture(subject: subject, tally: logs.tally(), elapsed: .now - start)
            picture.verdict = await judging()
            let page = picture.page(
                LivePicture.Viewport(columns: style.width, rows: nil, isUnicode: isUnicode, color: style.color))
            do throws(WriteFailure) {
                try file.write(page.lines.joined(separator: "\n") + "\n\n")
            } catch {
                return error
            }
            next = max(next + span, .now)
        }
        return nil
    }
}
