import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A fixed set of addresses that nobody looks after (catalogue section 3, as a design).
enum DeclaredStaleRecord: AuditRule {
    static let explanation = FindingExplanation.shared("dns-stale-record", severity: .error)

    static func findings(in state: DeclaredState) -> [Finding] {
        DeclaredRecord.all(state).compactMap { record in
            guard record.targets.count > 1, !record.isHealthChecked, let first = record.targets.first else {
                return nil
            }
            let addresses = record.targets.map(\.address.description)
            return finding(
                record.object, at: record.object.place(first.node), confidence: .possible,
                summary:
                    "\(record.name) is written by hand with \(listed(addresses)): when one of them dies the record goes on naming it.",
                evidence: ["targets are fixed, and the record has neither setIdentifier nor a health check"],
                cause:
                    "Nothing connects the record to the state of its targets; after a failover somebody must edit it.",
                remedy: [
                    "let each cluster's ExternalDNS write its own record from its Service, or use records with health checks",
                    "as long as it is kept by hand, make editing it a step of the failover procedure",
                ])
        }
    }
}
