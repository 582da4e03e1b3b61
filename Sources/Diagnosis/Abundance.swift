import NetValues

/// A capture of many thousand conversations may show one fault at thousands of endpoints: the first of each kind are told, and
/// how many more there are.
enum Abundance {
    private static let most = 16

    /// - Parameter findings: the most important first.
    static func limit(_ findings: [Finding]) -> [Finding] {
        var counts: [String: Int] = [:]
        var beyond: [String: [String]] = [:]
        var kept: [Finding] = []
        for finding in findings {
            counts[finding.id, default: 0] += 1
            if counts[finding.id, default: 0] <= most {
                kept.append(finding)
            } else {
                beyond[finding.id, default: []].append(finding.subject)
            }
        }
        guard !beyond.isEmpty else { return findings }
        return kept.map { finding in
            guard let others = beyond.removeValue(forKey: finding.id) else { return finding }
            var finding = finding
            finding.evidence.append("the same is found for \(listed(others)), which have no finding of their own here")
            return finding
        }
    }
}
