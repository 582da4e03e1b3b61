import Manifests
import NetValues

/// What may talk in one set of manifests and not in another.
package struct ConnectivityDifference: Sendable {
    package struct Row: Sendable {
        package enum Reason: Hashable, Sendable {
            /// What decides now; of a gain without a rule, nothing isolates any more.
            case decided([PolicyDecision])
            /// What isolated before, and does no longer.
            case noLonger([PolicyDecision])
            /// One of the ends is new, or gone.
            case workload(String)
        }

        package let isGained: Bool
        package let from: String
        package let fromExcept: [AddressRange]
        package let to: String
        package let toExcept: [AddressRange]
        package let ports: AllowedPorts
        package let reason: Reason
    }

    package let old: PolicyEvaluation
    package let new: PolicyEvaluation
    let groups: TitleGroups

    package init(old: DeclaredState, new: DeclaredState) {
        let borders = PolicyEvaluation.borders(of: old) + PolicyEvaluation.borders(of: new)
        self.old = PolicyEvaluation(old, borders: borders)
        self.new = PolicyEvaluation(new, borders: borders)
        groups = TitleGroups(self.old, self.new)
    }

    /// All rows, by source and destination; the world outside last.
    package func forEach<Failure: Error>(_ body: (Row) throws(Failure) -> Void) throws(Failure) {
        var pairs = PairChanges(self)
        var leaving = OutsideChanges(self, .egress)
        for place in groups.titles.indices {
            try pairs.forEach(from: place, body)
            try leaving.forEach(of: place, body)
        }
        var arriving = OutsideChanges(self, .ingress)
        for place in groups.titles.indices { try arriving.forEach(of: place, body) }
    }

    /// What is gained, and then what is lost, between what was allowed and what is.
    static func parts(_ before: AllowedPorts, _ after: AllowedPorts) -> [(isGained: Bool, ports: AllowedPorts)] {
        guard before != after else { return [] }
        return [(true, after.subtracting(before)), (false, before.subtracting(after))].filter { !$0.ports.isEmpty }
    }

    /// - Parameter verdict: in the old or the new; nil where an end of it is not there.
    func reason(
        _ isGained: Bool, _ ports: AllowedPorts,
        _ verdict: (_ isNew: Bool, PortTransport, UInt16) -> PolicyVerdict?
    ) -> Row.Reason {
        let sample = ports.ranges.first.map { ($0.transport, $0.ports.lowerBound) } ?? (.tcp, 1)
        let now = verdict(true, sample.0, sample.1)?.decidedBy ?? []
        if isGained, now.isEmpty { return .noLonger(verdict(false, sample.0, sample.1)?.decidedBy ?? []) }
        return .decided(now)
    }
}

/// The workloads of two sets by their titles: those of the same class in both are one group, and change together.
struct TitleGroups: Sendable {
    struct Group: Hashable, Sendable {
        /// Classes; nil where it is not there.
        let old: Int?
        let new: Int?
    }

    /// Of both sets, in their order.
    let titles: [String]
    /// Of each title: its workload in each set.
    let oldPlaces: [Int?]
    let newPlaces: [Int?]
    private(set) var groups: [Group] = []
    /// Of each title.
    private(set) var groupOf: [Int] = []
    /// The titles of each group.
    private(set) var members: [[Int]] = []
    /// The groups of each class of the old set, and of the new.
    private(set) var ofOld: [[Int]]
    private(set) var ofNew: [[Int]]
    /// Of each workload.
    private(set) var titleOfOld: [Int]
    private(set) var titleOfNew: [Int]

    init(_ old: PolicyEvaluation, _ new: PolicyEvaluation) {
        let (before, after) = (Self.places(old.state), Self.places(new.state))
        let titles = Set(before.keys).union(after.keys).sorted()
        self.titles = titles
        oldPlaces = titles.map { before[$0] }
        newPlaces = titles.map { after[$0] }
        ofOld = [[Int]](repeating: [], count: old.classes.classes.count)
        ofNew = [[Int]](repeating: [], count: new.classes.classes.count)
        let numbers = Dictionary(titles.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        titleOfOld = old.state.workloads.map { numbers[$0.title] ?? 0 }
        titleOfNew = new.state.workloads.map { numbers[$0.title] ?? 0 }
        var known: [Group: Int] = [:]
        for place in titles.indices {
            let group = Group(
                old: oldPlaces[place].map { old.classes.classOf[$0] },
                new: newPlaces[place].map { new.classes.classOf[$0] })
            let number = known[group] ?? groups.count
            if number == groups.count {
                known[group] = number
                groups.append(group)
                members.append([])
                if let place = group.old { ofOld[place].append(number) }
                if let place = group.new { ofNew[place].append(number) }
            }
            groupOf.append(number)
            members[number].append(place)
        }
    }

    /// Of workloads read twice the last holds.
    private static func places(_ state: DeclaredState) -> [String: Int] {
        Dictionary(state.workloads.enumerated().map { ($1.title, $0) }, uniquingKeysWith: { $1 })
    }
}
