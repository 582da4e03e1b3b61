import NetValues
import Observations
import Planning

/// A table of tracked connections is full, here or on the way (catalogue section 5).
enum ConntrackTableFull: Rule {
    // Names, routes and destinations fail alike for this.
    static let layer = Layer.vantage
    static let explanation = FindingExplanation(
        id: "conntrack-table-full", severity: .critical, title: "A table of tracked connections is full",
        signals: [
            "this network namespace: nf_conntrack_count has come to nf_conntrack_max, or its drop counter rises beside a nearly full table",
            "on the way: new connections to every destination stay silent while established ones are answered (probe flows with beside)",
            "and when the many are closed, connections still do not come about: others fill the table",
            "likely only where some come about in between, as entries of others expire",
        ],
        lookalikes: [
            "snat-port-exhaustion: one destination only",
            "a limit on the number of this host's connections: it is lifted as soon as they are closed",
            "a device that locks this address out for new connections after so many (a ban): nothing comes about in between",
            "local-egress-denied: a datagram fails with EPERM there too, and the table has room",
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

    /// Nothing more fits, by what the kernel says.
    static func isFull(_ evidence: Evidence) -> Bool {
        guard let share = share(evidence) else { return false }
        return share >= 0.99 || (drops(evidence) > 0 && share >= nearlyFull)
    }

    private static let nearlyFull = 0.9

    private static func share(_ evidence: Evidence) -> Double? {
        let limits = evidence.vantage.start.limits
        guard let count = limits.trackedConnections, let most = limits.mostTrackedConnections, most > 0 else {
            return nil
        }
        return Double(count) / Double(most)
    }

    private static func drops(_ evidence: Evidence) -> UInt64 { evidence.vantage.growth["conntrack.drop"] ?? 0 }

    private static func own(_ evidence: Evidence) -> [Finding] {
        guard let share = share(evidence), share >= nearlyFull else { return [] }
        let limits = evidence.vantage.start.limits
        let (isFull, drops) = (isFull(evidence), drops(evidence))
        let failing = isFull ? evidence.measured.filter { $0.isFailing && $0.flows.contains(where: isStopped) } : []
        return [
            finding(
                "connection tracking of this host", checks: failing.map(\.name), severity: isFull ? nil : .warning,
                confidence: .certain,
                summary: isFull
                    ? "The connection table of this network namespace is full: new connections are dropped."
                    : "The connection table of this network namespace is nearly full (\((share * 100).decimals(0)) %).",
                evidence: [
                    "nf_conntrack_count is \(limits.trackedConnections ?? 0) of nf_conntrack_max \(limits.mostTrackedConnections ?? 0)"
                ] + (drops > 0 ? ["the drop counter of the table rose by \(drops) during the run"] : [])
                    + flowLines(failing.flatMap(\.flows).filter(isStopped), limit: 3),
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
        // Entries of others expire now and then; a ban lets nothing in.
        let isIntermittent = trial.recovery == .partial || !trial.isByNumber
        let isSure = trial.voice == .speaks && !hosts.isEmpty && isIntermittent
        return finding(
            trial.subject, checks: [trial.check.name], confidence: isSure ? .likely : .possible,
            summary: isSure
                ? "New connections to every destination that was tried fail, while established ones go on: a connection table on the way is full."
                : "New connections to every destination that was tried fail from the \(trial.connected + 1)th on, while established ones go on.",
            evidence: trial.lines,
            cause: isSure
                ? "A device on the way (the node, a firewall, a router) tracks connections and has no entry left for new ones."
                : "A device on the way tracks connections and has no entry left for new ones; or something has locked this address out after so many\(hosts.isEmpty ? ", at this one host" : ""). From here these look alike.",
            remedy: ["look at the devices on the way, this host's node first: only they can say which"]
                + explanation.remedy)
    }
}
