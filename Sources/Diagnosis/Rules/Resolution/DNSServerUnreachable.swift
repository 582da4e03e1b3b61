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
            "as a warning: questions with EDNS stay unanswered twice, and the same without EDNS is answered",
            "in a capture: at least three questions, or one that was repeated, and no answer; answers of others are in it",
        ],
        lookalikes: [
            "dns-server-port-closed: a refusal comes back at once",
            "local-egress-denied: the own host forbids sending (EPERM)",
            "dns-servfail-upstream: the server answers, but has no answer to give",
            "dns-truncation-tcp-blocked: fragments of a large answer are lost, and UDP is silent for that name only",
        ],
        traps: [
            "one silent server among several that answer is a warning", "a ping of a ClusterIP proves nothing",
            "answers from another address (a load balancer or NAT that changes only the way back) look like silence over UDP",
        ],
        remedy: [
            "check that the address in resolv.conf is the cluster's DNS Service, and that its pods are ready",
            "allow UDP and TCP port 53 from here to it in network policies, security groups and firewalls",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let silent = evidence.servers.filter {
            $0.isSilent && $0.queries.count >= 2
        }.filter { !evidence.explainsHere($0) }
        return grouped(silent, by: \.overTCP).flatMap { overTCP, states in
            ServerState.bySeverity(states).map { judge($0.states, isCritical: $0.isCritical, overTCP) }
        } + withEDNS(evidence) + captured(evidence)
    }

    private static func judge(_ states: [ServerState], isCritical: Bool, _ overTCP: ServerState.OverTCP) -> Finding {
        let isOne = states.count == 1
        return finding(
            states.names, checks: states.checkNames(onlyFailing: isCritical),
            severity: isCritical ? .critical : .warning,
            confidence: confidence(states, overTCP),
            summary:
                "\(isOne ? "The DNS server" : "The DNS servers") \(states.names) \(isOne ? "does" : "do") not answer"
                + "\(besides(overTCP, isOne))."
                + (isCritical ? "" : " Another server does, so names still resolve, more slowly."),
            evidence: lines(for: states), cause: cause(overTCP), remedy: remedy(overTCP))
    }

    /// Only a capture tells a filter from answers that the kernel does not hand on.
    private static func remedy(_ overTCP: ServerState.OverTCP) -> [String] {
        guard overTCP == .answers else { return explanation.remedy }
        return [
            "look at the answers themselves (tcpdump -n udp port 53): none means a filter, others come from a wrong address"
        ]
            + explanation.remedy
    }

    /// Half a second is longer than any healthy server takes to answer from anywhere; a shorter wait is our own impatience.
    private static func confidence(_ states: [ServerState], _ overTCP: ServerState.OverTCP) -> Finding.Confidence {
        let waited = states.flatMap(\.queries).map(\.elapsed).max() ?? .zero
        if waited < .milliseconds(500) { return .possible }
        return overTCP == .silent ? .certain : .likely
    }

    private static func besides(_ overTCP: ServerState.OverTCP, _ isOne: Bool) -> String {
        switch overTCP {
        case .answers: " over UDP, though \(isOne ? "it does" : "they do") over TCP"
        case .accepts: ", though TCP connections to \(isOne ? "it" : "them") are accepted"
        case .refuses: " over UDP, though the host is up (TCP is refused)"
        case .silent: ", neither over UDP nor over TCP"
        }
    }

    private static func cause(_ overTCP: ServerState.OverTCP) -> String {
        switch overTCP {
        case .answers:
            "UDP to this port is filtered on the way, or its answers come from another address than was asked, which no resolver takes; TCP is let through."
        case .accepts:
            "The server's kernel takes connections, but no answer comes: its process hangs or is overloaded, or it waits for servers of its own that do not answer."
        case .refuses: "UDP to this port is filtered on the way, or something else than a DNS server has the port."
        case .silent: "The server is down, its address is wrong, or a policy or firewall drops the port without a word."
        }
    }

    private static func lines(for states: [ServerState]) -> [String] {
        states.prefix(4).flatMap { state in
            let names = state.queries.map { "\($0.name) \($0.type)" }.unique()
            let waited = state.queries.map(\.elapsed).max() ?? .zero
            let asked =
                "\(counted(state.queries.count, "question")) to \(state.server) (\(listed(names))): no answer, "
                + "waiting up to \(waited.spoken) each"
            let contrast = state.facts.first { $0.step == .contrast }.map(words(of:))
            return [asked] + [contrast].compactMap(\.self)
        }
    }

    private static func words(of contrast: DNSFact) -> String {
        if case .connected = contrast.outcome {
            return "TCP to \(contrast.server): the connection is accepted, but no answer comes"
        }
        return contrast.flow.words
    }
}
