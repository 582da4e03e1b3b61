import NetValues
import Observations
import Planning

/// The live half of listen-backlog-overflow: many connections at once, and what the kernel counts where the server is on this
/// host.
enum OverflowUnderLoad {
    static func findings(in evidence: Evidence) -> [Finding] {
        FlowsTrial.all(in: evidence).compactMap { trial in
            confidence(trial, evidence).map { judge(trial, $0, evidence) }
        } + ofSingleConnections(evidence) + ofSeries(evidence)
    }

    /// Ordinary checks side by side: a hint at the queue, which only the server's own counters can confirm.
    private static func ofSeries(_ evidence: Evidence) -> [Finding] {
        RepeatedSYNs.endpoints(in: evidence).filter { $0.isOnlyUnderLoad(in: evidence) }.map { repeated in
            let isSilent = !repeated.silent.isEmpty
            return ListenBacklogOverflow.finding(
                repeated.subject, checks: repeated.names, severity: isSilent ? nil : .warning, confidence: .possible,
                summary:
                    "\(repeated.subject) may have too short a queue of new connections: of \(repeated.connects.count) at the same time \(repeated.broken) came late or not at all.",
                evidence: repeated.lines(in: evidence) + [
                    "all of these began while others to the same port were being made"
                ],
                cause:
                    "Single connections are quick and those side by side lose their SYNs, while all else of this host passes without loss: a full queue of new connections does this, and so does a limit for their rate on the way.",
                remedy: ListenBacklogOverflow.explanation.remedy
                    + ["from here, many at once tell more: leadsman flows \(repeated.subject) --beside HOST:PORT"])
        }
    }

    /// Without any load of ours: the queue is full of others.
    private static func ofSingleConnections(_ evidence: Evidence) -> [Finding] {
        guard !evidence.overflowLines.isEmpty else { return [] }
        let silent = evidence.measured.filter { $0.check.expectation.word == .reachable }.flatMap { check in
            check.connects.filter { $0.isUnansweredAtFirst && evidence.overflows(at: $0.endpoint) }
                .map { (check: check, connect: $0) }
        }
        return grouped(silent, by: \.connect.endpoint).map { endpoint, members in
            ListenBacklogOverflow.finding(
                endpoint.description, checks: members.map(\.check.name).unique(), confidence: .certain,
                summary: members.allSatisfy { $0.connect.outcome == .connected }
                    ? "\(endpoint), on this host, answers new connections only when their SYN is sent again."
                    : "\(endpoint), on this host, leaves new connections without an answer.",
                evidence: flowLines(members.map(\.connect.flow)) + evidence.overflowLines,
                cause:
                    "The listening socket's queue is full: the application does not accept as fast as clients come, and the kernel drops their SYNs."
            )
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
        let counters = trial.overflowsHere(evidence) ? evidence.overflowLines : []
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

extension ConnectFact {
    fileprivate var isUnansweredAtFirst: Bool {
        outcome == .timedOut || isLate
    }
}

extension FlowsTrial {
    func overflowsHere(_ evidence: Evidence) -> Bool { evidence.overflows(at: fact.endpoint) }
}

extension Evidence {
    /// One of this host's own sockets listens there.
    func isOwn(_ address: IPAddress) -> Bool {
        address.isLoopback || vantage.start.interfaces.contains { $0.addresses.contains { $0.address == address } }
    }

    /// The server is on this host, and its kernel counted connections that it dropped during the run.
    func overflows(at endpoint: Endpoint) -> Bool { isOwn(endpoint.address) && !overflowLines.isEmpty }

    /// Of all listening sockets of this network namespace.
    var overflowLines: [String] {
        guard let overflows = vantage.growth["TcpExt.ListenOverflows"], overflows > 0 else { return [] }
        return [
            "the kernel of this host counted \(counted(Int(clamping: overflows), "overflow")) of a listening socket's queue (TcpExt ListenOverflows)"
        ]
    }
}
