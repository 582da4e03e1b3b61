import Foundation

/// What a scenario looks at in a report (DESIGN.md section 8).
struct ScenarioReport: Sendable {
    let verdict: String
    /// In order: the first is the headline.
    let findings: [String]
    /// By check name.
    let statuses: [String: String]
    /// All that the first finding says.
    let headlineText: String
    /// How many checks each finding names, in the order of `findings`.
    let checkCounts: [Int]
    /// From the start of the run to its verdict; nil for a capture file.
    let milliseconds: Double?

    init(json: String) throws {
        guard let root = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any],
            let schema = root["schema"] as? String, Self.schemas.contains(schema),
            let verdict = root["verdict"] as? String, let findings = root["findings"] as? [[String: Any]]
        else { throw LabFailure("standard output is no report") }
        // A capture has no checks.
        let checks = root["checks"] as? [[String: Any]] ?? []
        self.verdict = verdict
        self.findings = findings.map { $0["id"] as? String ?? "(no id)" }
        checkCounts = findings.map { ($0["checks"] as? [String])?.count ?? 0 }
        headlineText = findings.first.map(Self.text(of:)) ?? ""
        milliseconds = root["durationMs"] as? Double
        let pairs = checks.map { ($0["name"] as? String ?? "(no name)", $0["status"] as? String ?? "(no status)") }
        statuses = Dictionary(pairs) { first, _ in first }
    }

    private static let schemas = ["leadsman/report/v1", "leadsman/packets/v1"]

    private static func text(of finding: [String: Any]) -> String {
        let single = ["subject", "summary", "cause"].compactMap { finding[$0] as? String }
        let lists = ["evidence", "remedy"].compactMap { finding[$0] as? [String] }
        return (single + lists.flatMap(\.self)).joined(separator: "\n")
    }

    /// Empty when all is as expected; otherwise one line for each difference.
    func differences(from expected: Scenario.Expected, exit: Int32) -> [String] {
        var lines: [String] = []
        if verdict != expected.verdict { lines.append("verdict: \(verdict), expected \(expected.verdict)") }
        if exit != expected.exit { lines.append("exit status: \(exit), expected \(expected.exit)") }
        let missing = Self.difference(expected.must, findings)
        if !missing.isEmpty { lines.append("findings that must appear and do not: \(missing.joined(separator: ", "))") }
        let surplus = Self.difference(findings, expected.must).filter { !expected.may.contains($0) }
        if !surplus.isEmpty { lines.append("findings that must not appear and do: \(surplus.joined(separator: ", "))") }
        if let headline = expected.headline, findings.first != headline {
            lines.append("headline: \(findings.first ?? "none"), expected \(headline)")
        }
        for (check, status) in expected.statuses.sorted(by: { $0.key < $1.key }) where statuses[check] != status {
            lines.append("check `\(check)`: \(statuses[check] ?? "not in the report"), expected \(status)")
        }
        for phrase in expected.says where !headlineText.contains(phrase) {
            lines.append("the headline does not say “\(phrase)”: \(headlineText)")
        }
        for (id, count) in expected.checksOf.sorted(by: { $0.key < $1.key }) {
            let seen = zip(findings, checkCounts).first { $0.0 == id }?.1 ?? 0
            if seen != count { lines.append("\(id) accounts for \(seen) checks, expected \(count)") }
        }
        return lines
    }

    /// What the first list has more often than the second.
    private static func difference(_ first: [String], _ second: [String]) -> [String] {
        var rest = second
        return first.filter { id in
            guard let index = rest.firstIndex(of: id) else { return true }
            rest.remove(at: index)
            return false
        }
    }
}
