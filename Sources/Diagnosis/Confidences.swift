import NetValues
import Observations
import Planning

/// A vantage that was short of processor time lowers the confidence of all that was concluded from timing (catalogue id
/// vantage-throttled).
enum Confidences {
    static func apply(to findings: [Finding], _ evidence: Evidence) -> [Finding] {
        guard findings.contains(where: { $0.id == VantageThrottled.id && $0.severity >= .warning }) else {
            return findings
        }
        return findings.map { finding in
            guard Suppression.layer(of: finding) == .performance, finding.id != TLSCertExpiring.id else {
                return finding
            }
            var finding = finding
            finding.confidence = finding.confidence == .certain ? .likely : .possible
            finding.evidence.append(
                "this vantage itself stood still for \(evidence.strain.stalledTime.spoken) of the run: the timing may be its own"
            )
            return finding
        }
    }
}
