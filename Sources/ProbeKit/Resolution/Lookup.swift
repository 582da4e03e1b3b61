import NetValues
import Observations
import Wire

/// What a resolver makes of the exchanges about one name and type.
enum Lookup: Hashable {
    case addresses([IPAddress])
    case noSuchName
    case noData
    /// A server answered that it will not or cannot say: the rcode.
    case refused(DNSRcode)
    /// Nothing that could be used came back.
    case noAnswer

    init(_ facts: [DNSFact], type: DNSType) {
        guard let message = facts.conclusion?.message else {
            self = .noAnswer
            return
        }
        switch message.rcode {
        case .noError:
            let records = facts.conclusion.map { message.records(for: $0.name, type) } ?? []
            let addresses = records.compactMap { record -> IPAddress? in
                if case .address(let address) = record.data { address } else { nil }
            }
            self = addresses.isEmpty ? .noData : .addresses(addresses)
        case .nxDomain: self = .noSuchName
        default: self = .refused(message.rcode)
        }
    }

    /// Whether another server could still say something else (glibc's res_send asks the next one after these too).
    var isFinal: Bool {
        switch self {
        case .addresses, .noSuchName, .noData: true
        case .refused, .noAnswer: false
        }
    }
}

/// What came of one candidate, its A and AAAA together.
struct CandidateResult {
    let addresses: [IPAddress]
    private let lookups: [Lookup]

    init(_ lookups: [Lookup]) {
        self.lookups = lookups
        let families = lookups.map { lookup in
            if case .addresses(let addresses) = lookup { addresses } else { [IPAddress]() }
        }
        addresses = Self.interleaved(families)
    }

    /// One of each family in turn, each family in the server's order, so that both are among the first.
    private static func interleaved(_ families: [[IPAddress]]) -> [IPAddress] {
        let rounds = families.map(\.count).max() ?? 0
        return (0..<rounds).flatMap { round in families.compactMap { $0.indices.contains(round) ? $0[round] : nil } }
    }

    var isNameMissing: Bool { lookups.contains(.noSuchName) }
    var failure: Lookup? { isNameMissing ? nil : lookups.first { !$0.isFinal } }
    /// Silence ends the search, as in glibc's res_search; a SERVFAIL or REFUSED does not.
    var isSilent: Bool { failure == .noAnswer }

    var text: String {
        if !addresses.isEmpty { return addresses.count == 1 ? "1 address" : "\(addresses.count) addresses" }
        if isNameMissing { return "NXDOMAIN" }
        return switch failure {
        case .refused(let rcode): rcode.description
        case .noAnswer: "no answer"
        default: "no address"
        }
    }
}
