import NetValues
import Observations
import Planning

/// Endpoints of one range that fail in the same way are one finding, whose subject is the range.
enum RangeGathering {
    private static let mostListed = 8
    private static let mostExamples = 4

    static func apply(to findings: [Finding], _ evidence: Evidence) -> [Finding] {
        let members = Dictionary(
            evidence.checks.compactMap { check in check.check.range.map { (check.name, Member(check, $0)) } },
            uniquingKeysWith: { first, _ in first })
        guard !members.isEmpty else { return findings }
        let keys = findings.map { key($0, members) }
        let counts = Dictionary(keys.compactMap { $0.map { ($0, 1) } }, uniquingKeysWith: +)
        var gathered: [Key: [Finding]] = [:]
        for (finding, key) in zip(findings, keys) {
            if let key, counts[key, default: 0] > 1 { gathered[key, default: []].append(finding) }
        }
        var told: Set<Key> = []
        return zip(findings, keys).compactMap { finding, key in
            guard let key, let others = gathered[key] else { return finding }
            return told.insert(key).inserted ? join(others, key, members, evidence) : nil
        }
    }

    private struct Member {
        let check: CheckEvidence
        let range: String

        init(_ check: CheckEvidence, _ range: String) {
            self.check = check
            self.range = range
        }

        var endpoint: (host: Host, port: UInt16?)? { check.check.target.host.map { ($0, check.check.target.port) } }
    }

    private struct Key: Hashable {
        let id: String
        let range: String
    }

    /// Nil for a finding that is not about endpoints of one range alone.
    private static func key(_ finding: Finding, _ members: [String: Member]) -> Key? {
        let ranges = Set(finding.checks.map { members[$0]?.range })
        guard ranges.count == 1, let range = ranges.first ?? nil else { return nil }
        return Key(id: finding.id, range: range)
    }

    private static func join(
        _ findings: [Finding], _ key: Key, _ members: [String: Member], _ evidence: Evidence
    ) -> Finding {
        var joined = findings[0]
        let checks = findings.flatMap(\.checks).unique()
        joined.subject = key.range
        joined.checks = checks
        joined.severity = findings.map(\.severity).max() ?? joined.severity
        joined.confidence = findings.map(\.confidence).max { rank($0) < rank($1) } ?? joined.confidence
        joined.summary = summary(key, checks, members)
        joined.evidence =
            [listed(checks, members)] + confidences(findings, members) + limited(key, members)
            + findings.flatMap(\.evidence).unique().prefix(mostExamples)
        joined.cause = findings.map(\.cause).unique().prefix(2).joined(separator: " Or: ")
        joined.remedy = findings.flatMap(\.remedy).unique()
        joined.explains = findings.flatMap(\.explains).unique()
        return joined
    }

    private static func rank(_ confidence: Finding.Confidence) -> Int {
        Finding.Confidence.allCases.firstIndex(of: confidence) ?? 0
    }

    private static func summary(_ key: Key, _ checks: [String], _ members: [String: Member]) -> String {
        let kind = checks.first.flatMap { members[$0]?.check.check.kind } ?? ""
        let range = try? TargetRange(key.range, form: kind == "icmp" ? .host : .hostPort)
        // A list is no range, and counts what is on it.
        let total = " of \(range?.count ?? members.values.count { $0.range == key.range })"
        let share = "\(checks.count)\(total) endpoints of \(key.range)"
        if key.id == ExpectationUnmet.id { return "\(share) do not do what is expected." }
        let title = RuleBook.explanations.first { $0.id == key.id }?.title ?? key.id
        return "\(title): \(share)."
    }

    private static func listed(_ checks: [String], _ members: [String: Member]) -> String {
        let texts = CompactEndpoints.texts(checks.compactMap { members[$0]?.endpoint })
        return "so \(Diagnosis.listed(texts, limit: mostListed))"
    }

    /// Where some are surer than others.
    private static func confidences(_ findings: [Finding], _ members: [String: Member]) -> [String] {
        let groups = grouped(findings, by: \.confidence)
        guard groups.count > 1 else { return [] }
        return groups.map { confidence, findings in
            let texts = CompactEndpoints.texts(findings.flatMap(\.checks).compactMap { members[$0]?.endpoint })
            return "\(confidence.rawValue) of \(Diagnosis.listed(texts, limit: mostListed))"
        }
    }

    /// Whoever rejects by ICMP does so only so often (RFC 1812 section 4.3.2.8): the others look silent.
    private static func limited(_ key: Key, _ members: [String: Member]) -> [String] {
        guard [TCPFilteredDrop.id, UDPNoResponse.id].contains(key.id) else { return [] }
        let rejected = members.values.filter {
            $0.range == key.range && $0.check.decisiveFlows.contains(where: isToldByICMP)
        }
        guard rejected.count >= 4 else { return [] }
        return [
            "\(counted(rejected.count, "other endpoint")) of the range \(rejected.count == 1 ? "was" : "were") refused by ICMP, of which devices send only so many a second: some of the silent ones may be refused too (repeat at a slower pace, with limits: {rate: 5/s} in a plan)"
        ]
    }

    private static func isToldByICMP(_ flow: Flow) -> Bool {
        switch flow.outcome {
        case .refused(let report): report != nil
        case .rejected: true
        default: false
        }
    }
}
