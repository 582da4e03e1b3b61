import NetValues
import Observations
import Planning

/// This host has no local port left for a destination (catalogue section 5).
enum LocalPortExhaustion: Rule {
    static let layer = Layer.vantage
    static let explanation = FindingExplanation(
        id: "local-port-exhaustion", severity: .error, title: "This host has no local port left for the destination",
        signals: [
            "connect fails at once with EADDRNOTAVAIL, and nothing is sent",
            "only for a destination (address and port) to which many connections are open or were closed a moment ago",
        ],
        lookalikes: [
            "snat-port-exhaustion: a device on the way has no port left; then the SYNs leave and stay silent",
            "a source address that this host does not have, and a host without an address of the family: then no connection to the destination works",
            "probe-inconclusive: this process may open no more files (EMFILE)",
        ],
        traps: ["a run that opens thousands of connections to one port may cause it itself"],
        remedy: [
            "reuse connections (pools, keep-alive): each that is closed keeps its port for a minute (TIME_WAIT)",
            "widen net.ipv4.ip_local_port_range, allow net.ipv4.tcp_tw_reuse=1 for clients, or use more destination or source addresses",
            "see who holds them: ss -tan dst ADDRESS; in Kubernetes the range is the pod's own (securityContext.sysctls)",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let found = evidence.measured.flatMap { shortages(of: $0, evidence) }
        return grouped(found, by: \.endpoint).map { endpoint, members in judge(endpoint, members, evidence) }
    }

    /// What one check met at one endpoint.
    private struct Shortage {
        let check: String
        let endpoint: Endpoint
        let failed: Int
        let connected: Int
        let isMany: Bool
    }

    private static func shortages(of check: CheckEvidence, _ evidence: Evidence) -> [Shortage] {
        let many = check.floods.map { fact in
            Shortage(
                check: check.name, endpoint: fact.endpoint, failed: fact.attempts.count(where: \.isPortless),
                connected: fact.attempts.count { $0.outcome == .connected }, isMany: true)
        }
        let single = grouped(check.connects, by: \.endpoint).map { endpoint, connects in
            Shortage(
                check: check.name, endpoint: endpoint, failed: connects.count(where: \.isPortless),
                connected: connects.count { $0.outcome == .connected }, isMany: false)
        }
        return (many + single).filter { shortage in
            shortage.failed > 0 && isForPorts(shortage.endpoint, evidence)
        }
    }

    /// A host without IPv6 answers with the same word; there no connection of the family works.
    private static func isForPorts(_ endpoint: Endpoint, _ evidence: Evidence) -> Bool {
        endpoint.address.family == .v4 || evidence.openEndpoints.contains(endpoint)
    }

    private static func judge(_ endpoint: Endpoint, _ members: [Shortage], _ evidence: Evidence) -> Finding {
        let failed = members.reduce(0) { $0 + $1.failed }
        let connected = members.reduce(0) { $0 + $1.connected }
        let limits = evidence.vantage.start.limits
        var lines = [
            "\(counted(failed, "connection")) to \(endpoint) failed at once with EADDRNOTAVAIL, \(connected) came about; nothing was sent for the others"
        ]
        if let range = limits.localPorts {
            lines.append(
                "net.ipv4.ip_local_port_range is \(range.lowerBound) to \(range.upperBound): \(range.count) ports for each destination"
            )
        }
        if let waiting = evidence.vantage.start.sockets["TCP.tw"], waiting > 0 {
            lines.append("\(counted(waiting, "connection")) of this host waited in TIME_WAIT when the run began")
        }
        return finding(
            endpoint.description, checks: members.map(\.check).unique(), confidence: .certain,
            summary: "This host has no local port left for connections to \(endpoint).", evidence: lines,
            cause: members.contains(where: \.isMany)
                ? "All ports that this host gives out for one destination are taken, by the connections of this test and by what others hold or closed a moment ago."
                : "All ports that this host gives out for one destination are taken, by open connections or by those that were closed a moment ago."
        )
    }
}

extension ConnectFact {
    var isPortless: Bool { if case .failed(let failure) = outcome { failure.name == "EADDRNOTAVAIL" } else { false } }
}
