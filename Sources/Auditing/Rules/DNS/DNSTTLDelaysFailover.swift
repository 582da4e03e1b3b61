import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// Answers that are kept longer than a failover may take (catalogue section 8).
enum DNSTTLDelaysFailover: AuditRule {
    static let explanation = FindingExplanation(
        id: "dns-ttl-delays-failover", severity: .warning, title: "A record is kept longer than a failover may take",
        signals: [
            "a record with several addresses has a TTL above 60 s",
            "while one of them is dead, answers still hold it, and their remaining TTL counts down (seen by probes)",
        ],
        lookalikes: [
            "clients that keep names beyond the TTL (JVM, connection pools)",
            "dns-stale-record: the record itself is wrong",
        ],
        traps: ["a record of one address fails over nowhere: its TTL is its owner's business"],
        remedy: [
            "give the record a TTL of 30 to 60 s",
            "use records with health checks, so that a dead address is not handed out at all (Azure Traffic Manager, Route 53)",
        ])

    /// Seconds: what the catalogue holds for short enough.
    private static let longest = 60

    static func findings(in state: DeclaredState) -> [Finding] {
        DeclaredRecord.all(state).compactMap { record in
            guard let ttl = record.ttl, ttl.seconds > longest, record.targets.count > 1 else { return nil }
            return finding(
                record.object, at: record.object.place(ttl.node), confidence: .likely,
                summary:
                    "\(record.name) keeps \(counted(record.targets.count, "address", "addresses")) for \(ttl.seconds) s: clients go on trying a dead one for that long.",
                evidence: [
                    "recordTTL \(ttl.seconds), targets \(listed(record.targets.map(\.address.description)))",
                    record.isHealthChecked
                        ? "a dead address is taken out, and resolvers keep the old answer all the same"
                        : "nothing takes a dead address out of the answer",
                ],
                cause:
                    "Resolvers and clients keep an answer until its TTL has passed; a change in the zone reaches them only then.",
                patch: record.object.file == nil
                    ? nil
                    : ManifestText.text(
                        record.object.root.replacing(scalarAt: ttl.node.mark, with: .number(longest))))
        }
    }
}
