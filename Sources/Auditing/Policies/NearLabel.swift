import Manifests
import NetValues

/// Searches for labels that were meant, of one rule. Behind so many comparisons the question is left open, which claims nothing:
/// thousands of selectors that match nothing are held against thousands of pods otherwise.
struct NearLabelSearch {
    private var looks = 1_000_000

    mutating func find(_ selector: LabelSelector, among labels: [[String: String]]) -> NearLabel? {
        looks -= labels.count
        return looks > 0 ? NearLabel.find(selector, among: labels) : nil
    }
}

/// The label that was probably meant, where a selector matches nothing.
struct NearLabel: Hashable {
    let wanted: LabelSelector.Requirement
    let key: String
    let value: String

    /// "app=financial-app"
    var words: String { "\(key)=\(value)" }

    /// A selector that takes what was probably meant.
    func corrected(_ selector: [String: String]) -> [String: String] {
        var result = selector
        result[wanted.key] = nil
        result[key] = value
        return result
    }

    /// - Parameter labels: of what there is.
    /// - Returns: a label that all but fulfils the selector: every other requirement holds for its owner.
    static func find(_ selector: LabelSelector, among labels: some Sequence<[String: String]>) -> NearLabel? {
        for owner in labels {
            let missed = selector.requirements.filter { !$0.matches(owner) }
            guard missed.count == 1, let wanted = missed.first, wanted.relation == .isIn else { continue }
            for value in wanted.values.sorted() {
                if let near = owner[wanted.key], isNear(value, near) {
                    return NearLabel(wanted: wanted, key: wanted.key, value: near)
                }
                if let key = nameKeys.first(where: { $0 != wanted.key && owner[$0] == value }),
                    nameKeys.contains(wanted.key), owner[wanted.key] == nil
                {
                    return NearLabel(wanted: wanted, key: key, value: value)
                }
            }
        }
        return nil
    }

    /// Keys by which people name what runs in a pod.
    private static let nameKeys = [
        "app", "app.kubernetes.io/name", "k8s-app", "name", "run", "component", "app.kubernetes.io/component",
    ]

    /// Words that say that something runs, and not what.
    private static let generic: Set<String> = [
        "app", "application", "service", "svc", "server", "pod", "deployment", "deploy", "workload",
    ]

    /// The same but for case, for a generic word or for one mistyped word. Numbers and single letters tell siblings apart.
    static func isNear(_ left: String, _ right: String) -> Bool {
        guard left != right else { return false }
        let (first, second) = (words(left), words(right))
        if first == second { return true }
        let (one, other) = (first.filter { !generic.contains($0) }, second.filter { !generic.contains($0) })
        if !one.isEmpty, one == other { return true }
        guard first.count == second.count else { return false }
        let differing = zip(first, second).filter { $0 != $1 }
        guard differing.count == 1, let (word, near) = differing.first, isLong(word, near), word.first == near.first,
            !word.contains(where: \.isNumber), !near.contains(where: \.isNumber)
        else { return false }
        return nearestWord(to: word, among: [near]) != nil
    }

    /// A short word is often another one by a letter ("api", "app"): then its ends must be the same.
    private static func isLong(_ word: String, _ near: String) -> Bool {
        word.count > 4 || word.count > 2 && word.count == near.count && word.last == near.last
    }

    private static func words(_ text: String) -> [String] {
        text.lowercased().split { "-_./".contains($0) }.map(String.init)
    }
}
