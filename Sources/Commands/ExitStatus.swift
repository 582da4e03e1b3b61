import Diagnosis
import Planning

/// The exit status of a run (DESIGN section 6).
enum ExitStatus {
    static let healthy: Int32 = 0
    static let findings: Int32 = 1
    static let badUsage: Int32 = 2
    static let unmeasured: Int32 = 3
    /// As a shell sees a program that SIGPIPE ended.
    static let readerGone: Int32 = 141

    /// - Parameter signal: the one that stopped the run, if any.
    static func of(_ judgement: Judgement, failOn: FailOn, signal: Int32?) -> Int32 {
        let status = of(judgement.findings, failOn: failOn, signal: signal)
        return status == healthy && judgement.isIncomplete ? unmeasured : status
    }

    /// Of what was read or captured: one that holds nothing was looked at all the same.
    static func of(_ found: [Finding], failOn: FailOn, signal: Int32?) -> Int32 {
        if let threshold = failOn.severity, found.contains(where: { $0.severity >= threshold }) { return findings }
        return signal.map { 128 + $0 } ?? healthy
    }
}

/// `--fail-on`: the least severity that makes the exit status 1.
enum FailOn: String, CaseIterable {
    case critical, error, warning, never

    var severity: Severity? {
        switch self {
        case .critical: .critical
        case .error: .error
        case .warning: .warning
        case .never: nil
        }
    }
}
