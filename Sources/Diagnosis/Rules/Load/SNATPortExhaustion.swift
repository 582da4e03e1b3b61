import NetValues
import Observations
import Planning

/// The translation on the way has no port left for one destination (catalogue section 5).
enum SNATPortExhaustion: Rule {
    static let layer = Layer.reach
    static let explanation = FindingExplanation(
        id: "snat-port-exhaustion", severity: .error,
        title: "Address translation on the way has no port left for this destination",
        signals: [
            "of many connections to one address and port the first so many come about, the rest stay silent (probe flows)",
            "at the same moment another destination or port works, and what is established is answered",
            "when the many are closed, connections come about again",
        ],
        lookalikes: [
            "local-port-exhaustion: this host itself says so at once (EADDRNOTAVAIL)",
            "listen-backlog-overflow: what is established gets no answer either, and other clients fail too",
            "rate-limited: connections come about again with time, though the others are still held",
            "conntrack-table-full: every destination fails at the same time",
        ],
        traps: [
            "a firewall or server that limits the connections of one address looks the same from one vantage: compare with a client from behind another address",
            "the test itself takes ports that others share: it is opt-in and capped",
            "a closed connection may keep its port for a minute or more",
        ],
        remedy: [
            "reuse connections (pools, keep-alive), so that fewer are open to one destination",
            "add outbound addresses or ports: a NAT gateway, more allocated ports of the load balancer (Azure: 64,000 for each outbound address, 1,024 for a node by default)",
            "reach the service without translation: private endpoint, service endpoint, peering",
            "confirm at the translation: SNAT connection count of the load balancer or NAT gateway; conntrack -S (insert_failed) on the node",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        FlowsTrial.all(in: evidence).compactMap { trial in
            confidence(trial, evidence).map { judge(trial, $0) }
        }
    }

    private static func confidence(_ trial: FlowsTrial, _ evidence: Evidence) -> Finding.Confidence? {
        guard trial.isShort, trial.isSilent, trial.isByNumber, !evidence.isOwn(trial.fact.endpoint.address) else {
            return nil
        }
        let isElsewhereFine = trial.surroundings == .work
        switch (trial.voice, trial.surroundings, trial.recovery) {
        case (.silent, _, _), (_, .fail, _), (_, .mixed, _): return nil
        case (.speaks, _, .whole): return isElsewhereFine ? .likely : .possible
        // The server itself is sound, so its queue is not what is full.
        case (.speaks, _, _): return .possible
        case (.unknown, _, .whole): return .possible
        case (.unknown, _, _): return nil
        }
    }

    private static func judge(_ trial: FlowsTrial, _ confidence: Finding.Confidence) -> Finding {
        finding(
            trial.subject, checks: [trial.check.name], confidence: confidence,
            summary:
                "Only \(trial.connected) of \(trial.fact.attempts.count) parallel connections to \(trial.subject) get through; the others stay silent.",
            evidence: trial.lines, cause: cause(trial, confidence), remedy: steps(trial) + explanation.remedy)
    }

    private static func cause(_ trial: FlowsTrial, _ confidence: Finding.Confidence) -> String {
        if confidence == .likely {
            return
                "A device that translates this host's address has no port left for this destination. A firewall that limits the connections of one address to it looks the same from here."
        }
        let queue = trial.voice == .speaks ? "" : ", the server's queue of new connections"
        let time = trial.recovery == .whole ? "" : ", a limit in time that is slow to recover"
        return
            "Something counts connections: the ports of an address translation, a firewall's limit for one address\(queue)\(time)\(trial.surroundings == .untried ? ", a full connection table" : ""). From here and with what was tried these look alike."
    }

    /// What would decide between those that look alike.
    private static func steps(_ trial: FlowsTrial) -> [String] {
        [
            trial.surroundings == .untried
                ? "repeat with another port or host beside (--beside HOST:PORT), which tells a limit on this destination from one on all"
                : nil,
            trial.voice == .unknown
                ? "repeat with text that the server answers (--send), which tells a server that does not accept" : nil,
            "repeat from a vantage behind another address while this limit is reached: if it works there, the limit is on this address",
        ].compactMap(\.self)
    }
}
