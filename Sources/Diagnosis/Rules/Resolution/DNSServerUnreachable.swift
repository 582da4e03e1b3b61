import NetValues
import Observations
import Planning

/// Name servers that stay silent (catalogue section 3).
enum DNSServerUnreachable: Rule {
    static let layer = Layer.resolution
    static let explanation = FindingExplanation(
        id: "dns-server-unreachable", severity: .critical, title: "No DNS server answers",
        signals: [
            "every question to the server stays unanswered, asked at least twice",
            "TCP to the same port is silent too (else UDP alone is filtered, which the summary then says)",
        ],
        lookalikes: [
            "dns-server-port-closed: a refusal comes back at once",
            "local-egress-denied: the own host forbids sending (EPERM)",
            "dns-servfail-upstream: the server answers, but has no answer to give",
        ],
        traps: ["one silent server among several that answer is a warning", "a ping of a ClusterIP proves nothing"],
        remedy: [
            "check that the address in resolv.conf is the cluster's DNS Service, and that its pods are ready",
            "allow UDP and TCP port 53 from here to it in network policies, security groups and firewalls",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let silent = ServerState.all(in: evidence).filter { $0.isSilent && $0.queries.count >= 2 }
        return ServerState.bySeverity(silent).map { isCritical, states in
            let udpOnly = states.allSatisfy(\.answersOverTCP)
            let over = udpOnly ? "over UDP, though TCP to the same port works" : "on port \(states[0].server.port)"
            return finding(
                states.names, checks: states.checkNames(onlyFailing: isCritical), severity: isCritical ? .critical : .warning,
                confidence: states.contains { evidence.livingAddresses.contains($0.server.address) } || !udpOnly ? .certain : .likely,
                summary: "\(states.count == 1 ? "The DNS server" : "The DNS servers") \(states.names) "
                    + "\(states.count == 1 ? "does" : "do") not answer \(over)."
                    + (isCritical ? "" : " Another server does, so names still resolve, more slowly."),
                evidence: lines(for: states),
                cause: udpOnly
                    ? "UDP port 53 is filtered on the way, while TCP is let through."
                    : "The server is down, its address is wrong, or a policy or firewall drops port 53 without a word.")
        }
    }

    private static func lines(for states: [ServerState]) -> [String] {
        states.prefix(4).flatMap { state in
            let names = state.queries.map { "\($0.name) \($0.type)" }.unique()
            let waited = state.queries.map(\.elapsed).max() ?? .zero
            var lines = [
                "\(counted(state.queries.count, "question")) to \(state.server) (\(listed(names))): no answer, waiting up to \(waited.spoken) each"
            ]
            if let contrast = state.facts.first(where: { $0.step == .contrast }) {
                lines.append(contrast.flow.words)
            }
            return lines
        }
    }
}
