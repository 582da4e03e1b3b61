import NetValues
import Observations
import Planning
import ProbeKit
import Wire

/// What a check demands of the answer, beside what came.
struct DNSExpectations: Sendable {
    private let rcode: DNSRcode?
    /// `rcode: ANY`: an answer is wanted, and what it says does not matter.
    private let takesAnyRcode: Bool
    private let answers: [String]?
    private let ttl: TTLRange?
    /// `blocked` and `refused` are met by no answer at all, so nothing is demanded of one.
    private let demandsAnswer: Bool

    init(_ expectation: Expectation) throws(PlanProblem) {
        let parameters = expectation.parameters
        let word = parameters.text("rcode")
        takesAnyRcode = word == Self.anyRcode
        rcode = word.flatMap { DNSRcode($0) }
        if let word, rcode == nil, !takesAnyRcode {
            throw PlanProblem("\(word.escaped(limit: 40)) is no response code", at: parameters.places["rcode"])
        }
        answers = parameters.list("answers")
        ttl = try parameters.map("ttl").map { limits throws(PlanProblem) in
            try TTLRange(limits, at: parameters.places["ttl"])
        }
        demandsAnswer = expectation.word == .reachable
    }

    static let anyRcode = "ANY"

    func comparisons(_ server: ServerAnswers, _ candidate: ServerAnswers.Candidate) -> [Comparison] {
        guard demandsAnswer else { return [] }
        let rcodes = candidate.conclusions.compactMap { $0.message?.rcode }
        let records = candidate.records
        var comparisons: [Comparison] = []
        if rcode == nil, answers == nil, !takesAnyRcode {
            comparisons.append(ownDemand(server, candidate, rcodes, records))
        }
        if let rcode { comparisons.append(compare(rcode, rcodes)) }
        if let answers { comparisons.append(compare(answers, records, rcodes)) }
        if let ttl { comparisons.append(ttl.compare(records)) }
        return comparisons
    }

    /// Asked for nothing in particular, a name must at least have an answer.
    private func ownDemand(
        _ server: ServerAnswers, _ candidate: ServerAnswers.Candidate, _ rcodes: [DNSRcode], _ records: [DNSRecord]
    ) -> Comparison {
        let types = server.types.map(\.description).joined(separator: " or ")
        var seen = Self.text(rcodes)
        if records.isEmpty, seen == DNSRcode.noError.description {
            seen = "NOERROR" + Self.emptiness(candidate, types)
        } else if !records.isEmpty {
            seen = "NOERROR with \(records.count == 1 ? "1 record" : "\(records.count) records")"
        }
        return Comparison(
            key: "answer", expected: "NOERROR with an answer", seen: seen, isMet: !records.isEmpty, isDeclared: false)
    }

    private static func emptiness(_ candidate: ServerAnswers.Candidate, _ types: String) -> String {
        let messages = candidate.conclusions.compactMap(\.message)
        if messages.contains(where: { $0.hasAliasLoop(from: candidate.name) }) {
            return ", an alias that leads back to itself"
        }
        if messages.contains(where: { !$0.records(for: candidate.name, .cname).isEmpty }) {
            return ", an alias without \(types) record"
        }
        return messages.allSatisfy(\.answers.isEmpty) ? " without \(types) record" : " with records of other names only"
    }

    private func compare(_ rcode: DNSRcode, _ seen: [DNSRcode]) -> Comparison {
        Comparison(
            key: "rcode", expected: rcode.description, seen: Self.text(seen), isMet: seen.allSatisfy { $0 == rcode },
            isDeclared: true)
    }

    private func compare(_ answers: [String], _ records: [DNSRecord], _ rcodes: [DNSRcode]) -> Comparison {
        let seen = records.map { $0.data.description }
        let isMet =
            answers.allSatisfy { answer in records.contains { $0.data.reads(as: answer) } }
            && records.allSatisfy { record in answers.contains { record.data.reads(as: $0) } }
        return Comparison(
            key: "answers", expected: answers.sorted().joined(separator: ", "),
            seen: seen.isEmpty ? "none (\(Self.text(rcodes)))" : Set(seen).sorted().joined(separator: ", "),
            isMet: isMet,
            isDeclared: true)
    }

    /// Each rcode once, in order.
    private static func text(_ rcodes: [DNSRcode]) -> String {
        var distinct: [String] = []
        for rcode in rcodes.map(\.description) where !distinct.contains(rcode) { distinct.append(rcode) }
        return distinct.joined(separator: " and ")
    }
}

extension DNSRecordData {
    /// Whether a user's text means this data: addresses in any spelling, names without regard to case and final dot, text
    /// with or without quotes.
    func reads(as text: String) -> Bool {
        switch self {
        case .address(let address): return IPAddress(text) == address
        case .txt(let strings):
            return description == text || String(decoding: strings.flatMap(\.self), as: UTF8.self) == text
        case .caa, .raw, .service: return description.lowercasedASCII() == text.lowercasedASCII()
        case .name, .mx, .srv, .soa: return Self.folded(description) == Self.folded(text)
        }
    }

    private static func folded(_ text: String) -> [String] {
        text.lowercasedASCII().split(separator: " ").map { word in
            word.hasSuffix(".") && word.count > 1 ? String(word.dropLast()) : String(word)
        }
    }
}

/// `ttl: {min, max}`
struct TTLRange: Sendable {
    private let min: UInt32?
    private let max: UInt32?

    init(_ limits: [String: String], at place: SourcePlace?) throws(PlanProblem) {
        for text in limits.values where Self.seconds(text) == nil {
            throw PlanProblem("ttl: \(text.escaped(limit: 40)) is neither seconds nor a span", at: place)
        }
        min = limits["min"].flatMap(Self.seconds)
        max = limits["max"].flatMap(Self.seconds)
        if let min, let max, min > max { throw PlanProblem("ttl: min is greater than max", at: place) }
    }

    /// Plain seconds, or a span of whole ones.
    static func seconds(_ text: String) -> UInt32? {
        if let number = UInt32(text), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) { return number }
        return Duration(span: text).flatMap { UInt32(exactly: $0.components.seconds) }
    }

    func compare(_ records: [DNSRecord]) -> Comparison {
        let limits = [min.map { "at least \($0) s" }, max.map { "at most \($0) s" }].compactMap(\.self)
        let expected = limits.joined(separator: ", ")
        let ttls = records.map(\.ttl)
        guard let least = ttls.min(), let greatest = ttls.max() else {
            return Comparison(key: "ttl", expected: expected, seen: "no record", isMet: false, isDeclared: true)
        }
        return Comparison(
            key: "ttl", expected: expected, seen: least == greatest ? "\(least) s" : "\(least) to \(greatest) s",
            isMet: least >= min ?? 0 && greatest <= max ?? .max, isDeclared: true)
    }
}
