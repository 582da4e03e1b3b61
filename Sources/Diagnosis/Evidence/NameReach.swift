import NetValues
import Observations
import Planning

/// What became of each address of one name at one port, over all checks of the run.
struct NameReach {
    enum State {
        case works
        /// Every attempt failed in a way that the own host has no part in; of silence at least two SYNs.
        case dead
        /// Too little was seen, or the own host stood in the way.
        case unclear
    }

    struct Address {
        let endpoint: Endpoint
        let flows: [Flow]
        let connects: [ConnectFact]
        let state: State
    }

    let host: Host
    let port: UInt16
    let checks: [CheckEvidence]
    let addresses: [Address]

    /// Names only: of a literal address there is nothing to compare.
    static func all(in evidence: Evidence) -> [NameReach] {
        let attempts = evidence.measured.filter { $0.check.expectation.word == .reachable }.compactMap(
            NameAttempts.init)
        return grouped(attempts, by: { NamePort(host: $0.host, port: $0.port) }).map { name, members in
            let connects = grouped(members.flatMap(\.connects), by: \.endpoint)
            return NameReach(
                host: name.host, port: name.port, checks: members.map(\.check),
                addresses: connects.map { Address($0.key, $0.members, evidence) })
        }
    }

    func addresses(_ state: State, _ family: IPAddress.Family) -> [Address] {
        addresses.filter { $0.state == state && $0.endpoint.address.family == family }
    }

    var subject: String { HostPort(host: host, port: port).description }

    /// Whether the check fails for nothing but addresses that are dead while others work.
    static func explains(_ check: CheckEvidence, in evidence: Evidence) -> Bool {
        guard let attempts = NameAttempts(check) else { return false }
        let states = grouped(attempts.connects, by: \.endpoint).map { Address($0.key, $0.members, evidence) }
        guard states.contains(where: { $0.state == .works }), states.contains(where: { $0.state == .dead }),
            !states.contains(where: { $0.state == .unclear })
        else { return false }
        return check.finals.filter { !check.meetsExpectation($0) }.allSatisfy {
            $0.outcome == .failed(.connect) && $0.comparisons.allSatisfy(\.isMet)
        }
    }

    private struct NamePort: Hashable {
        let host: Host
        let port: UInt16
    }
}

extension NameReach.Address {
    init(_ endpoint: Endpoint, _ connects: [ConnectFact], _ evidence: Evidence) {
        self.endpoint = endpoint
        self.connects = connects
        flows = connects.map(\.flow)
        state = Self.state(endpoint, flows, evidence)
    }

    private static func state(_ endpoint: Endpoint, _ flows: [Flow], _ evidence: Evidence) -> NameReach.State {
        if evidence.openEndpoints.contains(endpoint) || flows.contains(where: { $0.outcome == .answered }) {
            return .works
        }
        guard !flows.isEmpty, flows.allSatisfy({ isRemoteFailure($0.outcome) }),
            !evidence.isDeniedLocally(endpoint.address)
        else { return .unclear }
        // One SYN may simply be lost.
        if flows.contains(where: { $0.outcome != .silent }) { return .dead }
        let isPatient = flows.contains { $0.elapsed >= longestRoundTrip }
        return isPatient && flows.reduce(0) { $0 + $1.attempts } >= 2 ? .dead : .unclear
    }

    /// Who waited for less may have missed an answer from far away.
    private static let longestRoundTrip = Duration.milliseconds(500)

    private static func isRemoteFailure(_ outcome: Flow.Outcome) -> Bool {
        switch outcome {
        case .refused, .rejected, .unreachable, .expired, .neighbourUnresolved, .silent: true
        case .answered, .noRoute, .deniedLocally, .exhaustedLocally, .other: false
        }
    }
}

/// A check's connections to the addresses of the name that it is for.
private struct NameAttempts {
    let check: CheckEvidence
    let host: Host
    let port: UInt16
    let connects: [ConnectFact]

    init?(_ check: CheckEvidence) {
        // The first name looked up is the target's; redirects lead to others.
        guard let host = check.resolutions.first?.host, host.name != nil, check.check.kind != "dns" else { return nil }
        let addresses = Set(check.resolutions.filter { $0.host == host }.flatMap(\.addresses))
        let connects = check.connects.filter { addresses.contains($0.endpoint.address) }
        guard let port = connects.first?.endpoint.port else { return nil }
        self.check = check
        self.host = host
        self.port = port
        self.connects = connects.filter { $0.endpoint.port == port }
    }
}
