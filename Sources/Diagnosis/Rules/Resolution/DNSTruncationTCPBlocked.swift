import NetValues
import Observations
import Planning
import Wire

/// An answer too large for UDP that TCP does not bring either (catalogue section 3).
enum DNSTruncationTCPBlocked: Rule {
    static let layer = Layer.resolution
    static let explanation = FindingExplanation(
        id: "dns-truncation-tcp-blocked", severity: .error,
        title: "Large DNS answers cannot be fetched: TCP to the server or fragments are blocked",
        signals: [
            "the server answers over UDP with TC set (the answer does not fit a datagram)",
            "TCP to the same port is silent, refused, forbidden or reset, in every try",
            "or fragments are lost: no answer where a large EDNS size allows fragments, twice, and one where the size is 1232",
        ],
        lookalikes: [
            "a large answer that TCP brings: nothing is wrong",
            "dns-server-unreachable: no answer over UDP either",
        ],
        traps: ["small answers work all the while, and most resolvers switch to TCP without a word"],
        remedy: [
            "allow TCP port 53 beside UDP port 53, in network policies, security groups and firewalls",
            "see that the DNS server, or the load balancer before it, listens on TCP too",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let cut = evidence.servers.compactMap { state in Barrier(state).map { (state: state, barrier: $0) }
        }
        return grouped(cut, by: \.barrier).flatMap { barrier, members in
            ServerState.bySeverity(members.map(\.state)).map { judge($0.states, isCritical: $0.isCritical, barrier) }
        } + lostFragments(evidence)
    }

    private static func judge(_ states: [ServerState], isCritical: Bool, _ barrier: Barrier) -> Finding {
        let cut = states.flatMap(\.queries).filter(\.isCut)
        let names = cut.map { "\($0.name) \($0.type)" }.unique()
        let isOne = states.count == 1
        return finding(
            states.names, checks: states.checkNames(onlyFailing: isCritical), severity: isCritical ? .error : .warning,
            confidence: barrier.confidence,
            summary:
                "\(isOne ? "The DNS server" : "The DNS servers") \(states.names) \(isOne ? "has" : "have") an answer "
                + "for \(listed(names)) that is too large for UDP, and TCP \(barrier.words)."
                + (isCritical ? "" : " Another server answers, so names still resolve."),
            evidence: evidenceLines(
                cut.map { "\($0.server) answers \($0.name) \($0.type) over UDP with TC set (cut short)" }, limit: 3)
                + overTCP(states)
                + (states.contains { $0.queries.contains(where: \.isAnswer) }
                    ? ["smaller answers of the same server arrive over UDP"] : []),
            cause: barrier.cause, remedy: barrier.remedy)
    }

    private static func overTCP(_ states: [ServerState]) -> [String] {
        let tries = states.flatMap(\.overTCPAfterTruncation)
        let accepted = tries.filter { if case .connected = $0.outcome { true } else { false } }
        let waited = accepted.map(\.elapsed).max() ?? .zero
        return flowLines(tries.map(\.flow).filter { $0.outcome != .answered }, limit: 3)
            + (accepted.isEmpty
                ? [] : ["TCP: the connection was accepted, and then no answer came in \(waited.spoken)"])
    }
}

/// What stops TCP where UDP works.
private enum Barrier: Hashable {
    case silent, refused, forbidden, stalls, reset
    /// Nothing came in the little time that was left when the UDP answer was there.
    case hurried

    /// Nil unless an answer was cut and TCP never brought one.
    init?(_ state: ServerState) {
        let tries = state.overTCPAfterTruncation
        guard !tries.isEmpty, !state.facts.contains(where: { $0.transport == .tcp && $0.isAnswer }) else { return nil }
        let barriers = tries.compactMap(Self.init(fact:))
        // Where one try met something else (garbage, our own lack of a port), nothing is sure.
        guard barriers.count == tries.count, let first = barriers.first else { return nil }
        // Hosts limit the rate of their errors: a refusal among silences is a refusal.
        let barrier = barriers.first { $0 != .silent } ?? first
        self = (barrier == .silent || barrier == .stalls) && Self.isHurried(tries, state) ? .hurried : barrier
    }

    /// TCP needs a round trip more than UDP did, and no healthy server takes longer than half a second.
    private static func isHurried(_ tries: [DNSFact], _ state: ServerState) -> Bool {
        let waited = tries.map(\.elapsed).max() ?? .zero
        let needed = state.queries.filter(\.isCut).map(\.elapsed).max() ?? .zero
        return waited < max(.milliseconds(500), needed * 2)
    }

    private init?(fact: DNSFact) {
        if case .connected = fact.outcome {
            self = .stalls
            return
        }
        if case .failed(let failure) = fact.outcome, failure.name == "ECONNRESET" {
            self = .reset
            return
        }
        switch fact.flow.outcome {
        case .silent: self = .silent
        case .refused: self = .refused
        case .rejected, .unreachable: self = .forbidden
        default: return nil
        }
    }

    var words: String {
        switch self {
        case .silent: "to the same port gets no answer"
        case .refused: "to the same port is refused"
        case .forbidden: "to the same port is rejected on the way"
        case .stalls: "brings none, though the connection is accepted"
        case .reset: "connections are reset"
        case .hurried: "brought none in the time that was left"
        }
    }

    var cause: String {
        switch self {
        case .silent: "A policy or firewall lets UDP to this port through and drops TCP."
        case .refused:
            "The server does not listen on TCP, or a firewall refuses TCP in its place, while UDP is let through."
        case .forbidden: "A device on the way forbids TCP to this port, while UDP is let through."
        case .stalls:
            "The server's TCP side hangs, or its large segments are lost on the way (a path MTU that nobody reports)."
        case .reset: "The server, or a device on the way that looks into the connection, resets DNS over TCP."
        case .hurried:
            "The server answers late, and the time-out left TCP too little time; whether TCP is blocked as well cannot be told."
        }
    }

    var confidence: Finding.Confidence {
        switch self {
        case .silent, .refused, .forbidden: .certain
        case .stalls, .reset: .likely
        case .hurried: .possible
        }
    }

    var remedy: [String]? {
        self == .hurried ? ["repeat with a longer time-out (timeout: in the plan, --timeout)"] : nil
    }
}

extension ServerState {
    fileprivate var overTCPAfterTruncation: [DNSFact] { facts.filter { $0.step == .truncated } }
}
