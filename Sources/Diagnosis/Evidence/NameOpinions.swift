import NetValues
import Observations
import Planning
import Wire

/// What name servers said of one name and type over the whole run, where there is something to compare: several servers, or one
/// that says now this and now that.
struct NameOpinions: Sendable {
    let name: DomainName
    let type: DNSType
    /// That asked for it.
    let checks: [CheckEvidence]
    let servers: [ServerOpinion]

    /// Servers that answer what does not exist are no witnesses of anything.
    static func all(of checks: [CheckEvidence]) -> [NameOpinions] {
        let comparable = checks.filter { !$0.dns.isEmpty && $0.isComparable }
        let wanted = questionsOfInterest(in: comparable)
        guard !wanted.isEmpty else { return [] }
        let liars = Set(RandomNames.all(in: comparable).filter(\.answersEverything).map(\.server))
        var statements: [Question: [Statement]] = [:]
        var order: [Question] = []
        for (place, check) in comparable.enumerated() {
            for sample in check.samples {
                for case .dns(let fact) in sample.facts where fact.isStatement && !liars.contains(fact.server) {
                    let question = Question(name: fact.name.canonical, type: fact.type)
                    guard wanted.contains(question) else { continue }
                    if statements[question] == nil { order.append(question) }
                    statements[question, default: []].append(
                        Statement(fact: fact, at: sample.startedAt, check: place))
                }
            }
        }
        return order.compactMap { question in statements[question].map { NameOpinions(question, $0, comparable) } }
    }

    /// Asked of several servers, or answered now so and now so. Most plans have none: each of a hundred thousand names is asked of
    /// one server, a series asks for one name again and again.
    private static func questionsOfInterest(in checks: [CheckEvidence]) -> Set<Question> {
        var first: [Question: (server: Endpoint, imprint: Imprint)] = [:]
        var wanted: Set<Question> = []
        var last: (fact: DNSFact, imprint: Imprint)?
        for check in checks {
            for fact in check.dns where fact.isStatement {
                let imprint = Imprint(fact)
                if let last, last.imprint == imprint, last.fact.server == fact.server, last.fact.type == fact.type,
                    last.fact.name == fact.name
                {
                    continue
                }
                last = (fact, imprint)
                let question = Question(name: fact.name.canonical, type: fact.type)
                if let known = first[question] {
                    if known.server != fact.server || known.imprint != imprint { wanted.insert(question) }
                } else {
                    first[question] = (fact.server, imprint)
                }
            }
        }
        return wanted
    }

    /// What of an answer makes it another one, as far as a server may not change its mind about it.
    private enum Imprint: Hashable {
        case none
        case data(AddressKind?)

        init(_ fact: DNSFact) {
            guard let first = fact.data.first else {
                self = .none
                return
            }
            self = if case .address(let address) = first.data { .data(AddressKind(address)) } else { .data(nil) }
        }
    }

    private init(_ question: Question, _ said: [Statement], _ checks: [CheckEvidence]) {
        name = said[0].fact.name
        type = question.type
        self.checks = said.map(\.check).unique().map { checks[$0] }
        servers = grouped(said, by: \.fact.server).map { server, members in
            ServerOpinion(server: server, statements: members.sorted { $0.at < $1.at })
        }
    }

    private struct Question: Hashable {
        let name: String
        let type: DNSType
    }

    /// One answer of a server.
    struct Statement: Sendable {
        let fact: DNSFact
        let at: Duration
        let check: Int
    }

    var denying: [ServerOpinion] { servers.filter(\.alwaysMissing) }
    var affirming: [ServerOpinion] { servers.filter(\.alwaysData) }
    /// Some servers always have the name, others never.
    var isDisputed: Bool { !denying.isEmpty && !affirming.isEmpty }
    /// As sentences have it.
    var spoken: String { name.relative.description }
}

/// All that one server said of one name and type.
struct ServerOpinion: Sendable {
    let server: Endpoint
    /// The earliest first; at least one.
    let statements: [NameOpinions.Statement]

    var facts: [DNSFact] { statements.map(\.fact) }
    var alwaysMissing: Bool { facts.allSatisfy { $0.rcode == .nxDomain } }
    var alwaysData: Bool { facts.allSatisfy(\.hasData) }
    var missing: Int { facts.count { $0.rcode == .nxDomain } }

    var addressSets: [Set<IPAddress>] { facts.filter(\.hasData).map { Set($0.addresses) } }
    var addresses: [IPAddress] { facts.flatMap(\.addresses).unique() }
    /// The same records each time: no rotating subsets.
    var isSteady: Bool { Set(addressSets).count == 1 }

    /// How often it changed its mind about existence, and in how short a time at least.
    var changesOfExistence: Changes { changes { $0.rcode == .nxDomain ? 0 : $0.hasData ? 1 : nil } }
    /// The same about whether the addresses are private or public.
    var changesOfReach: Changes {
        changes { fact in
            switch AddressKind.only(fact.addresses) {
            case .private: 0
            case .public: 1
            case nil: nil
            }
        }
    }

    struct Changes {
        var count = 0
        /// Between two statements that differ.
        var quickest: Duration?

        /// Once may be a record that was made or removed just then; not within a second.
        var isFlapping: Bool { count >= 2 || count == 1 && (quickest ?? .seconds(60)) < .seconds(1) }
    }

    private func changes(_ sort: (DNSFact) -> Int?) -> Changes {
        var changes = Changes()
        var last: (kind: Int, at: Duration)?
        for statement in statements {
            guard let kind = sort(statement.fact) else { continue }
            if let last, last.kind != kind {
                changes.count += 1
                let span = statement.at - last.at
                changes.quickest = min(changes.quickest ?? span, span)
            }
            last = (kind, statement.at)
        }
        return changes
    }

    /// Seconds for which a cached "no such name" stays (RFC 2308 section 5: the SOA record's TTL counts down from its minimum);
    /// nil where it does not come from a cache, as far as it shows.
    var cachedDenial: UInt32? {
        let remaining = facts.map { fact -> UInt32? in
            guard let message = fact.message, !message.isAuthoritative else { return nil }
            for record in message.authority {
                guard case .soa(_, _, _, _, _, _, let minimum) = record.data else { continue }
                return record.ttl < minimum ? record.ttl : nil
            }
            return nil
        }
        guard alwaysMissing, !remaining.contains(nil) else { return nil }
        return remaining.compactMap(\.self).max()
    }
}

extension DNSFact {
    /// Says that the name exists or not: no failure, nothing cut, none of the questions about other names.
    fileprivate var isStatement: Bool {
        guard rcode == .noError || rcode == .nxDomain, !isCut else { return false }
        return !step.isBeside || step == .repeated
    }

    var addresses: [IPAddress] {
        data.compactMap { if case .address(let address) = $0.data { address } else { nil } }
    }
}

extension CheckEvidence {
    /// What a plan wants missing is no matter of dispute.
    fileprivate var isComparable: Bool { !wantsNoAnswer && check.expectation.parameters.text("rcode") == nil }
}

/// Whether an address means something outside its own network.
enum AddressKind: Hashable {
    case `private`, `public`

    init?(_ address: IPAddress) {
        let address = PacketAddress(address)
        if address.isPrivate { self = .private } else if address.isInternet { self = .public } else { return nil }
    }

    /// Nil where the addresses are of several kinds, or of none.
    static func only(_ addresses: [IPAddress]) -> AddressKind? {
        let kinds = addresses.map(AddressKind.init)
        guard let first = kinds.first, kinds.allSatisfy({ $0 == first }) else { return nil }
        return first
    }
}
