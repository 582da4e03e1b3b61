import NetValues
import Observations
import Planning

/// A table of tracked connections is full, here or on the way (catalogue section 5).
enum ConntrackTableFull: Rule {
    // Below what is said of single destinations: all of them fail for this.
    static let layer = Layer.route
    static let explanation = FindingExplanation(
        id: "conntrack-table-full", severity: .critical, title: "A table of tracked connections is full",
        signals: [
            "this network namespace: nf_conntrack_count has come to nf_conntrack_max, or its drop counter rises beside a nearly full table",
            "on the way: new connections to every destination stay silent while established ones are answered (probe flows with beside)",
            "and when the many are closed, connections still do not come about: others fill the table",
        ],
        lookalikes: [
            "snat-port-exhaustion: one destination only",
            "a limit on the number of this host's connections: it is lifted as soon as they are closed",
            "tcp-filtered-drop: established connections say nothing there",
        ],
        traps: [
            "a pod sees the table of its own network namespace, never the node's",
            "only what worked before the test counts as failing beside it",
        ],
        remedy: [
            "raise net.netfilter.nf_conntrack_max (and nf_conntrack_buckets) where the table is, and shorten idle timeouts (UDP, TCP established)",
            "find what opens so many: conntrack -L | awk, on the node; DNS is the usual one: use a node-local cache",
            "confirm on the node: conntrack -S (drop), dmesg has \"nf_conntrack: table full, dropping packet\"; in Kubernetes kube-proxy sets the maximum (conntrack.maxPerCore)",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        own(evidence) + FlowsTrial.all(in: evidence).compactMap { onTheWay($0) }
    }

    // MARK: This namespace

    private static func own(_ evidence: Evidence) -> [Finding] {
        let limits = evidence.vantage.start.limits
        guard let count = limits.trackedConnections, let most = limits.mostTrackedConnections, most > 0, count >= 0
        else {
            return []
        }
        let share = Double(count) / Double(most)
        let drops = evidence.vantage.growth["conntrack.drop"] ?? 0
        let isFull = share >= 0.99 || (drops > 0 && share >= 0.9)
        guard isFull || share >= 0.9 else { return [] }
        let failing = evidence.measured.filter { $0.isFailing && $0.flows.contains(where: isStopped) }
        return [
            finding(
                "connection tracking of this host", checks: isFull ? failing.map(\.name) : [],
                severity: isFull ? nil : .warning, confidence: .certain,
                summary: isFull
                    ? "The connection table of this network namespace is full: new connections are dropped."
                    : "The connection table of this network namespace is nearly full (\((share * 100).decimals(0)) %).",
                evidence: ["nf_conntrack_count is \(count) of nf_conntrack_max \(most)"]
                    + (drops > 0 ? ["the drop counter of the table rose by \(drops) during the run"] : [])
                    + flowLines(isFull ? failing.flatMap(\.flows).filter(isStopped) : [], limit: 3),
                cause:
                    "Each connection, and each UDP exchange for some time after it, takes an entry; when there is none left, the kernel drops the packet that would begin a new one."
            )
        ]
    }

    /// The kernel drops the SYN of a connection without an entry, and tells a datagram's sender EPERM.
    private static func isStopped(_ flow: Flow) -> Bool {
        switch flow.outcome {
        case .silent: true
        case .deniedLocally(let failure): failure.name == "EPERM"
        default: false
        }
    }

    // MARK: On the way

    private static func onTheWay(_ trial: FlowsTrial) -> Finding? {
        guard trial.isShort, trial.isSilent, trial.voice != .silent else { return nil }
        switch (trial.surroundings, trial.recovery) {
        case (.fail, .none), (.fail, .partial): break
        default: return nil
        }
        let hosts = Set(trial.failingBeside.map(\.address)).subtracting([trial.fact.endpoint.address])
        let isSure = trial.voice == .speaks && !hosts.isEmpty
        return finding(
            trial.subject, checks: [trial.check.name], confidence: isSure ? .likely : .possible,
            summary:
                "New connections to every destination that was tried fail, while established ones go on: a connection table on the way is full.",
            evidence: trial.lines,
            cause: hosts.isEmpty
                ? "A device on the way tracks connections and has no entry left for new ones; or something limits all connections to this one host."
                : "A device on the way (the node, a firewall, a router) tracks connections and has no entry left for new ones.",
            remedy: ["look at the devices on the way, this host's node first: only they can say which"]
                + explanation.remedy)
    }
}
