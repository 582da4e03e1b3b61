import NetValues
import Observations
import Planning

/// What one name server did over the whole run.
struct ServerState: Sendable {
    let server: Endpoint
    /// Checks that asked it, and whether each got its answer from another server.
    var checks: [(check: CheckEvidence, hadAnotherAnswer: Bool)] = []
    var facts: [DNSFact] = []

    var queries: [DNSFact] { facts.filter { !$0.step.isBeside } }
    private var eachQuery: some Sequence<DNSFact> { facts.lazy.filter { !$0.step.isBeside } }

    /// What TCP to the same port showed beside the silence of UDP.
    enum OverTCP: Hashable { case answers, accepts, refuses, silent }

    var overTCP: OverTCP {
        let facts = facts.filter { $0.transport == .tcp }
        if facts.contains(where: \.isAnswer) { return .answers }
        if facts.contains(where: { if case .connected = $0.outcome { true } else { false } }) { return .accepts }
        return facts.contains { $0.flow.showsLife } ? .refuses : .silent
    }

    /// Every question stayed without any sign of the server.
    var isSilent: Bool {
        eachQuery.allSatisfy(\.isUnanswered) && eachQuery.contains { _ in true }
    }

    /// Questions met a closed port. Hosts limit the rate of the ICMP errors that say so, hence the silence of some.
    var isClosed: Bool {
        eachQuery.allSatisfy { $0.isRefused || $0.isUnanswered } && eachQuery.contains(where: \.isRefused)
    }

    /// Nothing that a DNS server would say came from it, and some check got its answer nowhere else.
    var isDeadForSomebody: Bool {
        (isSilent || isClosed) && checks.contains { !$0.hadAnotherAnswer && $0.check.isFailing }
    }

    static func all(of checks: [CheckEvidence]) -> [ServerState] {
        var order: [Endpoint] = []
        var states: [Endpoint: ServerState] = [:]
        for check in checks where !check.dns.isEmpty && !check.wantsNoAnswer {
            let answering = Set(grouped(check.dns.lazy.filter(\.isAnswer), by: \.server).map(\.key))
            for (server, facts) in grouped(check.dns, by: \.server) {
                if states[server] == nil { order.append(server) }
                states[server, default: ServerState(server: server)].facts += facts
                states[server]?.checks.append((check, !answering.subtracting([server]).isEmpty))
            }
        }
        return order.compactMap { states[$0] }
    }

    /// Servers in the same state split by how much it hurts: those without which somebody got no answer, and those that
    /// another server stood in for.
    static func bySeverity(_ states: [ServerState]) -> [(isCritical: Bool, states: [ServerState])] {
        grouped(states) { state in state.checks.contains { !$0.hadAnotherAnswer && $0.check.isFailing } }
            .map { ($0.key, $0.members) }
    }
}

extension CheckEvidence {
    /// A server that is silent as the plan says is no fault. A check of another kind needs the name first.
    var wantsNoAnswer: Bool { check.kind == "dns" && check.expectation.word != .reachable }
}

extension DNSFact {
    /// Nothing came. An answer is seen without making a flow of it.
    fileprivate var isUnanswered: Bool { rcode == nil && flow.outcome == .silent }

    var isRefused: Bool {
        if case .failed(let failure) = outcome { failure.name == "ECONNREFUSED" } else { false }
    }

    /// A well-formed answer, whatever it says, that is of use to the one who asked.
    var isAnswer: Bool { rcode != nil && !isCut }
}

extension [ServerState] {
    var names: String { listed(map(\.server.description)) }

    /// Checks that these servers fail: all that asked them when critical, otherwise the same as what was slowed or warned.
    func checkNames(onlyFailing: Bool) -> [String] {
        flatMap { $0.checks.filter { !onlyFailing || ($0.check.isFailing && !$0.hadAnotherAnswer) }.map(\.check.name) }
            .unique()
    }
}
