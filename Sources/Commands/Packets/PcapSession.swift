import CaptureFiles
import LinuxIO
import NetValues
import Observations
import PacketAnalysis
import PacketCapture
import Reporting
import Synchronization
import Wire

/// One reading of capture files, from the first to the exit status.
struct PcapSession {
    let files: [String]
    let filter: String?
    let span: CaptureTimeSpan
    let settings: AnalysisSettings
    let output: PacketOutput

    /// Set by a signal, from another thread.
    private final class Stop: Sendable {
        let isSet = Atomic(false)
    }

    /// Between looks at the clock and at signals.
    private static let batch = 4096

    /// Mistakes are told on standard error.
    func run() -> Int32 {
        do {
            let result = try ResultFile.opened(output.path)
            let stop = Stop()
            StopSignals.shared.arm(
                stop: { stop.isSet.store(true, ordering: .relaxed) }, abandon: { result.discard() })
            let summary = try read(until: stop)
            return output.finish(summary, into: result, signal: StopSignals.shared.received)
        } catch let inability as Inability {
            complain("\(inability)\n  to mend it: \(inability.fix)")
            return ExitStatus.unmeasured
        } catch let problem as CaptureFileProblem {
            complain("\(problem.file.escaped()): \(problem.found.escaped())\n  to mend it: \(problem.fix.escaped())")
        } catch {
            complain("\(error)".escaped(limit: 2000))
        }
        return ExitStatus.badUsage
    }

    /// Nil when stopped before a pipe had said what it brings: no fault of it.
    private func open(until stop: Stop) throws -> CaptureFileSet? {
        do {
            return try CaptureFileSet(files, span: span, isStopped: { stop.isSet.load(ordering: .relaxed) })
        } catch  where stop.isSet.load(ordering: .relaxed) {
            return nil
        }
    }

    private func read(until stop: Stop) throws -> PacketSummary {
        var filters = try filter.map { expression throws(PacketFilterProblem) in try PacketFilterSet(expression) }
        guard let set = try open(until: stop) else {
            var nothing = PacketSummary()
            nothing.files = files
            return nothing
        }
        var analyzer = PacketAnalyzer(settings)
        var progress = ReadingProgress(isShown: output.showsProgress)
        defer { progress.clear() }
        while !stop.isSet.load(ordering: .relaxed) {
            let hasMore = try set.read(most: Self.batch) { frame, bytes in
                if try filters?.matches(frame, bytes) ?? true { analyzer.add(frame, bytes) }
            }
            guard hasMore else { break }
            progress.tick(frames: set.frames, bytes: set.progress)
        }
        var summary = analyzer.finish()
        summary.files = set.names
        summary.isTruncated = set.isTruncated
        summary.problems = set.problems
        summary.drops = set.drops
        summary.backwardSteps = set.backwardSteps
        return summary
    }
}
