import NetValues
import Observations
import Planning
import Wire

extension CheckEvidence {
    /// The name that the check asks for or needs, as the user wrote it but without a final dot, which would end sentences.
    var askedName: String {
        let text = check.target.host?.description ?? check.target.description
        return text.count > 1 && text.hasSuffix(".") ? String(text.dropLast()) : text
    }
}

/// What the servers said, in the end, of the name that a check needs.
struct NameAnswers {
    let check: CheckEvidence
    /// Questions proper with an answer, in order.
    let answered: [(fact: DNSFact, message: DNSMessage)]

    /// Nil unless the check fails for want of a name and some server answered.
    init?(_ check: CheckEvidence) {
        guard check.isFailing else { return nil }
        let isDNSCheck = check.check.kind == "dns"
        guard isDNSCheck || check.samples.contains(where: { $0.outcome == .failed(.resolve) }) else { return nil }
        self.check = check
        answered = check.dns.compactMap { fact in
            guard let message = fact.message, !fact.step.isBeside, !fact.isCut else { return nil }
            return (fact, message)
        }
        guard !answered.isEmpty else { return nil }
    }

    var rcodes: Set<DNSRcode> { Set(answered.map(\.message.rcode)) }

    var name: String { check.askedName }

    /// Each question that was put has an answer of some server: else what the name has is not known.
    var isComplete: Bool {
        let known = Set(answered.map { Question(fact: $0.fact) })
        return check.dns.allSatisfy { $0.step.isBeside || known.contains(Question(fact: $0)) }
    }

    private struct Question: Hashable {
        let name: DomainName
        let type: DNSType

        init(fact: DNSFact) {
            name = fact.name
            type = fact.type
        }
    }

    var hasData: Bool { answered.contains { $0.fact.hasData } }

    /// Those with this rcode.
    func servers(answering rcode: DNSRcode) -> [Endpoint] {
        answered.filter { $0.message.rcode == rcode }.map(\.fact.server).unique()
    }

    var servers: [Endpoint] { answered.map(\.fact.server).unique() }

    /// One for each answer; `evidenceLines` tells those that are alike once.
    func lines(where isWanted: (DNSMessage) -> Bool) -> [String] {
        answered.filter { isWanted($0.message) }.map(Self.line)
    }

    private static func line(_ fact: DNSFact, _ message: DNSMessage) -> String {
        var text = "\(fact.server) answers \(message.rcode) for \(fact.name) \(fact.type)"
        if message.rcode == .noError {
            text +=
                message.answers.isEmpty ? " without any record" : " with \(counted(message.answers.count, "record"))"
            if !message.answers.isEmpty, !fact.hasData { text += ", none of which answers the question" }
        }
        if fact.transport == .tcp { text += " over TCP" }
        if let soa = message.authority.first(where: { $0.type == .soa }), message.answers.isEmpty {
            text += " (authority: \(soa.name.escaped(limit: 80)))"
        }
        for (code, words) in message.edns?.extendedErrors ?? [] {
            text += ", extended error \(code)" + (words.isEmpty ? "" : " “\(words.escaped(limit: 80))”")
        }
        return text
    }
}

extension Evidence {
    /// Some server has, at times or always, what the check was denied: then it is not the name that is at fault.
    func isDisputed(_ names: NameAnswers) -> Bool {
        guard !opinions.isEmpty else { return false }
        let asked = Set(names.answered.map(\.fact.name.canonical))
        return opinions.contains { opinion in
            asked.contains(opinion.name.canonical) && opinion.servers.contains { $0.facts.contains(where: \.hasData) }
        }
    }
}

extension [NameAnswers] {
    /// Checks that share a server at fault belong together, whatever other servers each of them asked: one server that fails
    /// is one problem.
    func joined(bySharedServers servers: (NameAnswers) -> [Endpoint]) -> [(servers: [Endpoint], members: [NameAnswers])]
    {
        reduce(into: []) { groups, names in
            var group = (servers: servers(names), members: [names])
            let isShared = { (other: (servers: [Endpoint], members: [NameAnswers])) in
                !Set(other.servers).isDisjoint(with: group.servers)
            }
            let position = groups.firstIndex(where: isShared) ?? groups.endIndex
            let older = groups.filter(isShared)
            groups.removeAll(where: isShared)
            group.servers = (older.flatMap(\.servers) + group.servers).unique()
            group.members = older.flatMap(\.members) + group.members
            groups.insert(group, at: position)
        }
    }
}
