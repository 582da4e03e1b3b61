import NetValues
import Observations
import Planning
import Wire

/// The name exists, without a record of the type that is needed (catalogue section 3).
enum DNSNodata: Rule {
    static let layer = Layer.resolution
    static let explanation = FindingExplanation(
        id: "dns-nodata", severity: .warning, title: "The name has no record of this type",
        signals: ["NOERROR without a record of the type asked for, from every server that answers"],
        lookalikes: ["dns-name-not-found: NXDOMAIN, the name itself is missing"],
        traps: ["a name without IPv6 addresses is normal: this is raised only where what the check needs is missing"],
        remedy: ["add the record, or ask for a type (or use an address family) that the name has"])

    static func findings(in evidence: Evidence) -> [Finding] {
        let empty = evidence.checks.compactMap(NameAnswers.init).filter { names in
            names.rcodes.contains(.noError) && names.rcodes.isSubset(of: [.noError, .nxDomain])
                && !names.hasData && names.isComplete && !evidence.isDisputed(names)
                && names.answered.allSatisfy(Self.isOfTheName)
        }
        return grouped(empty, by: \.name).map { name, members in
            let types = members.flatMap(\.answered).map(\.fact.type.description).unique()
            return finding(
                name, checks: members.map(\.check.name), severity: severity(members), confidence: .certain,
                summary: "\(name) exists, but has no \(listed(types)) record.",
                evidence: evidenceLines(members.flatMap { $0.lines { $0.rcode == .noError } }),
                cause: members.flatMap(\.answered).contains { $0.message.hasAliasLoop(from: $0.fact.name) }
                    ? "The name is an alias, and the aliases lead in a circle."
                    : "The zone holds the name with other records only.")
        }
    }

    /// Nothing, or aliases that lead to nothing. Records of other names only are no word about this one.
    private static func isOfTheName(_ fact: DNSFact, _ message: DNSMessage) -> Bool {
        message.answers.isEmpty || !message.records(for: fact.name, .cname).isEmpty
            || !message.records(for: fact.name, .any).isEmpty
    }

    /// An empty answer to a question is worth a warning; a connection that cannot be made for want of an address is broken.
    private static func severity(_ members: [NameAnswers]) -> Severity {
        members.contains { $0.check.check.kind != "dns" } ? .error : .warning
    }
}
