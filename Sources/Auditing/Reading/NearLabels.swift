import Manifests
import NetValues

/// The workload that a selector very nearly selects: a slip of the pen, or the same value under another key.
struct NearLabels {
    let workload: Workload
    /// What would select it.
    let corrected: [String: String]

    /// Looked for among the first of very many.
    private static let most = 500

    init?(_ selector: [String: String], among workloads: [Workload]) {
        for workload in workloads.prefix(Self.most) {
            guard let corrected = Self.corrected(selector, workload.labels) else { continue }
            self.workload = workload
            self.corrected = corrected
            return
        }
        return nil
    }

    private static func corrected(_ selector: [String: String], _ labels: [String: String]) -> [String: String]? {
        var result: [String: String] = [:]
        for (key, value) in selector {
            guard let found = label(like: key, value, labels) else { return nil }
            result[found.key] = found.value
        }
        return result == selector ? nil : result
    }

    private static func label(like key: String, _ value: String, _ labels: [String: String]) -> (
        key: String, value: String
    )? {
        if let found = labels[key] {
            return found == value || isSlip(value, found) ? (key, found) : nil
        }
        return labels.sorted { $0.key < $1.key }.first { $0.value == value }.map { ($0.key, $0.value) }
    }

    /// Near in letters; what differs in digits alone (v1, v2) is meant.
    private static func isSlip(_ written: String, _ found: String) -> Bool {
        guard written.filter({ !$0.isNumber }) != found.filter({ !$0.isNumber }) else { return false }
        return nearestWord(to: written, among: [found]) != nil
    }
}
