import NetValues
import Observations
import Planning
import Wire

/// A check of something on the internet, reduced to whether it is reached and how not.
struct InternetTarget {
    enum Way: Hashable {
        case answered
        /// Connected to, and stopped above: a filter by name, a proxy, or the server itself.
        case stopped(String)
        /// Not reached, and this is how: `dropped`, `rejected`, `reset`.
        case failed(Manner)
        /// Its name gave no address.
        case nameless
        /// The own host, or its own link, stood in the way; or nothing was seen.
        case notSent
    }

    enum Manner: String, Hashable {
        case dropped, rejected, reset, unreachable, looping

        /// For "connections are …".
        var words: String {
            switch self {
            case .dropped: "dropped without an answer"
            case .rejected: "rejected by a device on the way"
            case .reset: "refused by a reset"
            case .unreachable: "answered by a router that has no way on"
            case .looping: "lost in a loop"
            }
        }
    }

    let check: CheckEvidence
    /// Who runs it, as far as can be told: its label, else the network or the name that it is in.
    let operatorName: String
    let isByName: Bool
    let isThroughProxy: Bool
    let port: UInt16?
    let flows: [Flow]
    let way: Way
    /// Of a target that is an address.
    var family: IPAddress.Family? { check.check.target.host?.address?.family }

    init?(_ check: CheckEvidence) {
        guard [.reachable, .any].contains(check.check.expectation.word), check.check.kind != "icmp",
            check.check.kind != "dns", check.check.kind != "capture", !check.samples.isEmpty
        else { return nil }
        let isThroughProxy = check.check.proxy != nil
        guard check.check.outbound == .internet || !isThroughProxy && Self.isInternet(check) else { return nil }
        self.check = check
        self.isThroughProxy = isThroughProxy
        isByName = check.check.target.host?.name != nil
        port = check.check.target.port
        flows = check.targetFlows
        operatorName = check.check.operatorName ?? Self.owner(of: check)
        way = Self.way(of: check)
    }

    /// By its addresses, where nobody said so; and only the web's ports, since others are often open to few.
    private static func isInternet(_ check: CheckEvidence) -> Bool {
        guard check.check.outbound == nil, [80, 443].contains(check.check.target.port) else { return false }
        let addresses = check.addresses
        return !addresses.isEmpty && addresses.allSatisfy { PacketAddress($0).isInternet }
    }

    /// The /16 or /32 that an address is in; of a name its last two labels.
    private static func owner(of check: CheckEvidence) -> String {
        switch check.check.target.host {
        case .address(let address):
            address.bytes.prefix(address.family == .v4 ? 2 : 4).map { String($0) }.joined(separator: ".")
        case .name(let name): name.labels.suffix(2).joined(separator: ".").lowercasedASCII()
        case nil: check.name
        }
    }

    private static func way(of check: CheckEvidence) -> Way {
        let flows = check.targetFlows
        if flows.contains(where: { $0.outcome == .answered }) {
            return isServed(check) ? .answered : .stopped(stop(of: check))
        }
        if flows.isEmpty {
            return check.resolutions.contains { $0.outcome.isFailure } ? .nameless : .notSent
        }
        let manners = flows.compactMap { manner(of: $0.outcome) }
        guard let first = manners.first, manners.count == flows.count else { return .notSent }
        return .failed(first)
    }

    /// The exchange that the check is for came about, whatever the answer says.
    private static func isServed(_ check: CheckEvidence) -> Bool {
        check.samples.contains { $0.outcome == .answered }
            || check.exchanges.contains { $0.response != nil && !$0.isRefusalOfProxy }
    }

    private static func stop(of check: CheckEvidence) -> String {
        check.samples.lazy.flatMap(\.facts).flatMap(\.failureWords).first ?? "nothing more came"
    }

    private static func manner(of outcome: Flow.Outcome) -> Manner? {
        switch outcome {
        case .silent: .dropped
        case .rejected: .rejected
        case .refused: .reset
        case .unreachable: .unreachable
        case .expired: .looping
        case .answered, .noRoute, .deniedLocally, .neighbourUnresolved, .exhaustedLocally, .other: nil
        }
    }
}
