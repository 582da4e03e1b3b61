/// A plan that follows from manifests, for one vantage (DESIGN section 7).
package struct DerivedPlan: Sendable {
    /// "shop/web"
    package let vantageName: String
    package let vantageLabels: [(key: String, value: String)]
    /// Lines that stand above the plan.
    package let head: [String]
    package internal(set) var checks: [DerivedCheck] = []
    /// What was declared, and is not checked: each with its reason.
    package internal(set) var notes: [String] = []
    /// Checks and notes beyond what a plan holds.
    package internal(set) var droppedChecks = 0
    package internal(set) var droppedNotes = 0
}

/// One check, in the words of a plan.
package struct DerivedCheck: Sendable {
    package internal(set) var name: String
    package let kind: String
    package let target: String
    /// Keys beside `name`, kind, `needs` and `labels`, in the order in which they are written; `expect` last.
    package let keys: [PlanKey]
    package let needs: [String]
    package let labels: [PlanKey]
    /// Why it is in the plan: a line of comment each, with file and line.
    package internal(set) var reasons: [String]
}

package struct PlanKey: Sendable, Hashable {
    package let key: String
    package let value: PlanValue

    package init(_ key: String, _ value: PlanValue) {
        self.key = key
        self.value = value
    }
}

package indirect enum PlanValue: Sendable, Hashable {
    /// A word of the plan's own: as it stands.
    case word(String)
    /// Anything else.
    case text(String)
    case list([PlanValue])
    case map([PlanKey])

    static func words(_ words: String...) -> PlanValue { .list(words.map { .word($0) }) }
}

extension [PlanKey] {
    static func expect(_ value: PlanValue) -> [PlanKey] { [PlanKey("expect", value)] }
    static func expect(_ keys: PlanKey...) -> [PlanKey] { [PlanKey("expect", .map(keys))] }
    static let blocked = expect(.word("blocked"))
}
