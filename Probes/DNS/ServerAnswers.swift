import NetValues
import Observations
import ProbeKit
import Wire

/// Everything that one server gave for one sample: for each name tried, in order, the exchanges of each type.
struct ServerAnswers: Sendable {
    let types: [DNSType]
    private(set) var candidates: [Candidate] = []

    struct Candidate: Sendable {
        let name: DomainName
        /// One list for each of the types.
        let exchanges: [[DNSFact]]
        let conclusions: [DNSFact]
        /// Records of the types asked for; a CNAME on the way is no data of the type.
        let records: [DNSRecord]

        init(name: DomainName, types: [DNSType], exchanges: [[DNSFact]]) {
            self.name = name
            self.exchanges = exchanges
            conclusions = exchanges.compactMap { $0.conclusion }
            records = zip(types, exchanges).flatMap { type, facts -> [DNSRecord] in
                guard let message = facts.conclusion?.message, message.rcode == .noError else { return [] }
                return message.records(for: name, type)
            }
        }

        /// Not one of the questions was answered: the server is not there, further names would tell nothing.
        var isUnanswered: Bool { conclusions.isEmpty }
    }

    init(types: [DNSType]) {
        self.types = types
    }

    mutating func add(_ candidate: Candidate) {
        candidates.append(candidate)
    }

    /// What was asked beside the check's own questions.
    var beside: [DNSFact] = []

    func append(to facts: inout [Fact]) {
        for candidate in candidates {
            for exchange in candidate.exchanges { for fact in exchange { facts.append(.dns(fact)) } }
        }
        for fact in beside { facts.append(.dns(fact)) }
    }

    /// The server says of every name asked for that it does not exist.
    var isNameMissing: Bool {
        candidates.allSatisfy { candidate in
            !candidate.isUnanswered && candidate.conclusions.allSatisfy { $0.message?.rcode == .nxDomain }
        }
    }
    var hasData: Bool { candidates.contains { !$0.records.isEmpty } }
    /// In the order of the answers, each once.
    var addresses: [IPAddress] {
        candidates.flatMap(\.records).compactMap { if case .address(let address) = $0.data { address } else { nil } }
            .unique()
    }
    var hasAnswered: Bool { candidates.contains { !$0.isUnanswered } }

    /// The candidate that counts: the one with data, else the name as written (as resolvers report), else the last answered.
    func decisive(asWritten name: DomainName) -> Candidate? {
        candidates.first { !$0.records.isEmpty }
            ?? candidates.first { !$0.isUnanswered && $0.name.canonical == name.canonical }
            ?? candidates.last { !$0.isUnanswered }
    }
}
