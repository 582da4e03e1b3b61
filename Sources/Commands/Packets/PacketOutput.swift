import Diagnosis
import LinuxIO
import NetValues
import Observations
import Reporting

/// From what packets showed to the result and the exit status: of files and of a live capture.
struct PacketOutput: Sendable {
    var rendering: PacketRendering
    /// Nil or `-` is standard output.
    var path: String?
    var failOn: FailOn
    var showsProgress: Bool

    /// Judges, tells, and answers the exit status. Mistakes of our own are told on standard error.
    /// - Parameter signal: the one that ended it early, if any.
    func finish(_ summary: PacketSummary, into file: ResultFile, signal: Int32?) -> Int32 {
        let judge = Judge(resolver: ResolverConfiguration(servers: []), now: summary.lastAt ?? .now)
        let report = PacketReport(
            summary: summary, judgement: judge.judge(packets: summary), toolVersion: leadsmanVersion,
            isInterrupted: signal != nil)
        let status = ExitStatus.of(report.findings.map(\.finding), failOn: failOn, signal: signal)
        do throws(WriteFailure) {
            try report.write(as: rendering) { bytes throws(WriteFailure) in try file.write(bytes) }
            try file.commit()
            return status
        } catch {
            if case .readerGone = error { return status }
            return error.told(path)
        }
    }
}
