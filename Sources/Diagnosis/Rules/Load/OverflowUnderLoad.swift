import NetValues
import Observations
import Planning

/// The live half of listen-backlog-overflow: many connections at once.
enum OverflowUnderLoad {
    static func findings(in evidence: Evidence) -> [Finding] {
        FlowsTrial.all(in: evidence).compactMap { trial in
            confidence(trial, evidence).map { judge(trial, $0, evidence) }
        }
    }

    private static func confidence(_ trial: FlowsTrial, _ evidence: Evidence) -> Finding.Confidence? {
        guard trial.connected > 0, trial.silent > 0 || trial.late > 0 else { return nil }
        if trial.overflowsHere(evidence) { return .certain }
        guard trial.isShort, trial.isSilent else { return nil }
        switch (trial.surroundings, trial.voice) {
        case (.fail, _), (.mixed, _), (_, .speaks): return nil
        case (.work, .silent): return .likely
        case (.untried, .silent): return .possible
        // Nobody was heard. A translation gives its ports back; a queue that nobody empties stays full.
        case (_, .unknown): return trial.isByNumber && trial.recovery == .none ? .possible : nil
        }
    }

    private static func judge(_ trial: FlowsTrial, _ confidence: Finding.Confidence, _ evidence: Evidence) -> Finding {
        let counters = trial.overflowCounters(evidence)
        let isKnown = confidence != .possible
        return ListenBacklogOverflow.finding(
            trial.subject, checks: [trial.check.name], confidence: confidence,
            summary:
                "\(trial.subject) takes some new connections and leaves others without an answer (\(trial.silent) of \(trial.fact.attempts.count)).",
            evidence: trial.lines + counters,
            cause: isKnown
                ? "The listening socket's queue is full: the application does not accept as fast as clients come, and the kernel drops their SYNs."
                : "The listening socket's queue is probably full, since the application does not accept. An address translation that keeps its ports, and a filter that locked this address out, look the same from here.",
            remedy: (isKnown ? [] : steps(trial)) + ListenBacklogOverflow.explanation.remedy)
    }

    private static func steps(_ trial: FlowsTrial) -> [String] {
        [
            trial.surroundings == .untried
                ? "repeat with another port of the same host beside (--beside HOST:PORT)" : nil,
            trial.voice == .unknown ? "repeat with text that the server answers (--send)" : nil,
            "repeat from a vantage behind another address: a full queue is full for everybody",
        ].compactMap(\.self)
    }
}

extension FlowsTrial {
    /// The server is on this host, and its kernel counted dropped connections during the run.
    func overflowsHere(_ evidence: Evidence) -> Bool {
        isOwn(evidence) && !overflowCounters(evidence).isEmpty
    }

    /// Of all listening sockets of this network namespace.
    func overflowCounters(_ evidence: Evidence) -> [String] {
        guard isOwn(evidence), let overflows = evidence.vantage.growth["TcpExt.ListenOverflows"], overflows > 0 else {
            return []
        }
        return [
            "the kernel of this host counted \(overflows) overflows of a listening socket's queue (TcpExt ListenOverflows)"
        ]
    }
}
