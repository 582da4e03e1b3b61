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
                && names.answered.allSatisfy { answer in
                    !answer.message.answers.contains { $0.type == answer.fact.type }
                }
        }
        return grouped(empty, by: \.name).map { name, members in
            let types = members.flatMap(\.answered).map(\.fact.type.description).unique()
            return finding(
                name, checks: members.map(\.check.name), severity: severity(members), confidence: .certain,
                summary: "\(name) exists, but has no \(listed(types)) record.",
                evidence: evidenceLines(members.flatMap { $0.lines { $0.rcode == .noError } }),
                cause: "The zone holds the name with other records only.")
        }
    }

    /// An empty answer to a question is worth a warning; a connection that cannot be made for want of an address is broken.
    private static func severity(_ members: [NameAnswers]) -> Severity {
        members.contains { $0.check.check.kind != "dns" } ? .error : .warning
    }
}
