import NetValues
import Observations
import Planning

/// Knowledge of one problem: how it shows, and how it is told from what only looks like it. One file each in `Rules/`, one
/// line in `RuleBook`.
protocol Rule: Sendable {
    static var explanation: FindingExplanation { get }
    static var layer: Layer { get }
    /// Whether a check that this finding is about needs no other explanation. Not so where it tells of a part that the check
    /// can do without.
    static var explainsFailure: Bool { get }
    /// Ids of findings that say of single checks what this one says of all of them together, whatever its severity.
    static var replaces: Set<String> { get }
    /// The findings that the evidence supports; none on a healthy network.
    static func findings(in evidence: Evidence) -> [Finding]
}

/// The order of judgement (catalogue section 1.6): an error at one layer keeps the same check's findings of the layers
/// above from being raised.
package enum Layer: Int, Hashable, Sendable, Comparable {
    case vantage, resolution, route, reach, tls, http, performance
    /// About some addresses or some samples of what otherwise works: neither hides what the rest shows nor is hidden by it.
    case beside
    /// Says something worth knowing without explaining a failure.
    case notice
    /// Only where nothing else explains the check.
    case generic

    package static func < (left: Layer, right: Layer) -> Bool { left.rawValue < right.rawValue }

    /// Whether a finding of this layer says why a check failed.
    var explainsFailure: Bool { self < .performance || self == .beside || self == .generic }
    /// Whether an error at this layer keeps the layers above from being judged.
    var hidesAbove: Bool { self < .performance || self == .generic }
}

extension Rule {
    static var id: String { explanation.id }
    static var explainsFailure: Bool { true }
    static var replaces: Set<String> { [] }

    /// A finding with this rule's id and severity.
    static func finding(
        _ subject: String, checks: [String], severity: Severity? = nil, confidence: Finding.Confidence, summary: String,
        evidence: [String], cause: String, remedy: [String]? = nil
    ) -> Finding {
        var finding = Finding(
            id: id, severity: severity ?? explanation.severity, confidence: confidence, subject: subject,
            checks: checks,
            summary: summary, evidence: evidence, cause: cause, remedy: remedy ?? explanation.remedy)
        finding.replaces = replaces
        return finding
    }
}

/// Values grouped by a key, both in order of first appearance.
func grouped<Element, Key: Hashable>(_ elements: some Sequence<Element>, by key: (Element) -> Key) -> [(
    key: Key, members: [Element]
)] {
    var groups: [(key: Key, members: [Element])] = []
    var places: [Key: Int] = [:]
    var last = 0
    for element in elements {
        let key = key(element)
        // What belongs together mostly comes together: comparing with the last key is cheaper than looking the key up.
        if !groups.isEmpty, groups[last].key == key {
            groups[last].members.append(element)
        } else if let place = places[key] {
            groups[place].members.append(element)
            last = place
        } else {
            last = groups.count
            places[key] = last
            groups.append((key, [element]))
        }
    }
    return groups
}
