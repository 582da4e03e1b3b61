import NetValues
import Observations
import Planning

/// The measuring process did not get what it needs to measure (catalogue section 7).
enum VantageThrottled: Rule {
    static let layer = Layer.notice
    static let explainsFailure = false
    static let explanation = FindingExplanation(
        id: "vantage-throttled", severity: .warning, title: "This vantage itself was short of processor time",
        signals: [
            "the kernel stopped this process's cgroup because its CPU quota was used up (nr_throttled rose during the run)",
            "timers of this process fired late for a large part of the run, or samples were spoilt by that",
            "the limit of open files allows fewer checks at once than the plan does (info)",
        ],
        lookalikes: [
            "latency-high-p95, server-slow, dns-slow: there the time passes outside of this process",
            "packet-loss, tcp-filtered-drop: a silence during which this process did not run is no silence of the network",
        ],
        traps: [
            "a short stall in a long run spoils nothing: only what was measured during it is set aside",
            "a plan that starts more than one processor can follow stalls itself: that is told apart by the CPU time used",
        ],
        remedy: [
            "raise the CPU limit of this pod (resources.limits.cpu), or remove it, and run again",
            "until then believe no timing of this run",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        [ofProcessor(evidence), ofDescriptors(evidence)].compactMap(\.self)
    }

    // MARK: Processor time

    private static func ofProcessor(_ evidence: Evidence) -> Finding? {
        let strain = evidence.strain
        let spoilt = evidence.checks.filter(isSpoilt)
        let throttling = strain.throttling.flatMap { isSevere($0, in: strain) ? $0 : nil }
        guard throttling != nil || !spoilt.isEmpty || isStarved(strain) else { return nil }
        let cause = Cause(strain, throttling)
        // A busy neighbour that spoilt nothing is worth knowing, and no more.
        let hurts = throttling != nil || !spoilt.isEmpty
        return finding(
            "processor time of this vantage", checks: spoilt.map(\.name), severity: hurts ? .warning : .info,
            confidence: throttling == nil ? .likely : .certain,
            summary: cause.summary(strain),
            evidence: lines(strain, throttling) + setAside(evidence.checks), cause: cause.words,
            remedy: cause.remedy)
    }

    /// Something was set aside that would have decided the check.
    private static func isSpoilt(_ check: CheckEvidence) -> Bool {
        if check.soundness.silencesSetAside > 0 { return true }
        guard check.soundness.latenciesSetAside > 0,
            SlowCheck.canBeSlow(check.record.samples, check.check.expectation), SlowCheck(check) == nil
        else { return false }
        return SlowCheck(CheckEvidence(check.record)) != nil
    }

    private static func isSevere(_ throttling: VantageStrain.Throttling, in strain: VantageStrain) -> Bool {
        throttling.periods >= 2 && throttling.time * 20 >= strain.duration
    }

    /// Neighbours that make a machine busy are ordinary; these are the ones that leave next to nothing.
    private static func isStarved(_ strain: VantageStrain) -> Bool {
        let starved = strain.stalledTime - strain.busyTime
        return starved >= .milliseconds(300)
            && (starved * 5 >= strain.duration * 2 || strain.longestStall >= .milliseconds(500))
    }

    private enum Cause {
        case quota, others, ownWork, stopped

        init(_ strain: VantageStrain, _ throttling: VantageStrain.Throttling?) {
            if throttling != nil {
                self = .quota
            } else if strain.busyTime * 2 > strain.stalledTime {
                self = .ownWork
            } else if let wait = strain.processorWait, wait * 2 < strain.stalledTime - strain.busyTime {
                // Who waits for a processor is counted as ready; who is stopped is not.
                self = .stopped
            } else {
                self = .others
            }
        }

        func summary(_ strain: VantageStrain) -> String {
            let still = "\(strain.stalledTime.spoken) of \(strain.duration.spoken)"
            return switch self {
            case .quota:
                "This vantage was CPU-throttled \(counted(strain.throttling?.periods ?? 0, "time")); raise its limit before judging latency."
            case .others:
                "This vantage did not get the processor time that measuring needs: it stood still for \(still)."
            case .stopped: "This vantage itself was stopped or frozen for a while: it stood still for \(still)."
            case .ownWork: "This vantage could not keep up with its own plan: it was late for \(still)."
            }
        }

        var words: String {
            switch self {
            case .quota:
                "The CPU limit of this process's cgroup is too low: when it is used up, the kernel stops the process until the next period."
            case .others: "Other processes of this machine had the processor while this one was ready to run."
            case .stopped:
                "The process was stopped or frozen (a signal, a debugger, a paused or crowded virtual machine, a frozen container): it was not even waiting for a processor for most of that time."
            case .ownWork: "More checks were started at once than one processor can follow."
            }
        }

        /// Nil for that of the explanation.
        var remedy: [String]? {
            switch self {
            case .quota, .others: nil
            case .ownWork:
                [
                    "start fewer checks at once: lower limits.rate or limits.inFlight in the plan",
                    "until then believe no timing of this run",
                ]
            case .stopped:
                [
                    "run again and leave the process running: no SIGSTOP or debugger, no pause or snapshot of its machine or container",
                    "until then believe no timing of what was set aside",
                ]
            }
        }
    }

    private static func lines(_ strain: VantageStrain, _ throttling: VantageStrain.Throttling?) -> [String] {
        var lines: [String] = []
        if let throttling {
            let quota = throttling.processors.map { " of \($0.decimals(2)) processors" } ?? ""
            lines.append(
                "the CPU quota\(quota) was used up in \(counted(throttling.periods, "period")), and its tasks stopped for "
                    + "\(throttling.time.spoken) of \(strain.duration.spoken) (\(throttling.source))")
        }
        if strain.stalledTime > .zero {
            lines.append(
                "timers of this process fired late: \(strain.stalledTime.spoken) in all, \(strain.longestStall.spoken) at worst"
            )
        }
        if let wait = strain.processorWait, wait >= .milliseconds(20) {
            lines.append("it was ready to run and waited for a processor for \(wait.spoken)")
        }
        return lines
    }

    private static func setAside(_ checks: [CheckEvidence]) -> [String] {
        let silences = checks.reduce(0) { $0 + $1.soundness.silencesSetAside }
        let latencies = checks.reduce(0) { $0 + $1.soundness.latenciesSetAside }
        return [
            silences > 0
                ? "\(counted(silences, "unanswered sample")) set aside: this process did not run while it waited" : nil,
            latencies > 0 ? "the time of \(counted(latencies, "sample")) not counted" : nil,
        ].compactMap(\.self)
    }

    // MARK: Descriptors

    private static func ofDescriptors(_ evidence: Evidence) -> Finding? {
        guard let shortage = evidence.strain.descriptors else { return nil }
        let waiting = evidence.checks.count { $0.record.ending == .interrupted && $0.record.samples.isEmpty }
        return finding(
            "open files of this vantage", checks: [], severity: .info, confidence: .certain,
            summary:
                "Only \(shortage.inFlight) checks ran at once instead of \(shortage.wanted): this process may open few files.",
            evidence: ["the limit of open files (RLIMIT_NOFILE) is \(shortage.limit), and a check needs up to four"],
            cause: waiting > 0
                ? "\(counted(waiting, "check")) had no turn before the run was ended; the results of the others are as good as ever."
                : "The run took longer than it need; its results are as good as ever.",
            remedy: ["raise the limit before the next run: ulimit -n 65536, or LimitNOFILE= of the service"])
    }
}
