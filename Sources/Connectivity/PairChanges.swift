import NetValues

/// The rows of a difference between two workloads: worked out for all of a group at once, told for each.
struct PairChanges {
    private typealias Row = ConnectivityDifference.Row

    private struct Change {
        let target: Int
        let parts: [(isGained: Bool, ports: AllowedPorts, reason: Row.Reason?)]
    }

    private let difference: ConnectivityDifference
    private let groups: TitleGroups
    private var oldReach: ClassReach
    private var newReach: ClassReach
    /// Of a source's group: what changed to other groups.
    private var known: (group: Int, changes: [Change])?

    init(_ difference: ConnectivityDifference) {
        self.difference = difference
        groups = difference.groups
        oldReach = ClassReach(difference.old)
        newReach = ClassReach(difference.new)
    }

    mutating func forEach<Failure: Error>(
        from place: Int, _ body: (ConnectivityDifference.Row) throws(Failure) -> Void
    ) throws(Failure) {
        let special = neighbours(of: place)
        var told: [(target: Int, change: Change)] = []
        for change in changes(of: groups.groupOf[place]) {
            for target in groups.members[change.target] where target != place && !special.contains(target) {
                told.append((target, change))
            }
        }
        for target in special.sorted() {
            let parts = parts(from: place, to: target)
            if !parts.isEmpty { told.append((target, Change(target: groups.groupOf[target], parts: parts))) }
        }
        for (target, change) in told.sorted(by: { $0.target < $1.target }) {
            for part in change.parts {
                let reason = part.reason ?? .workload(missing(place, target, part.isGained))
                try body(
                    Row(
                        isGained: part.isGained, from: groups.titles[place], fromExcept: [],
                        to: groups.titles[target], toExcept: [], ports: part.ports, reason: reason))
            }
        }
    }

    private mutating func changes(of group: Int) -> [Change] {
        if let known, known.group == group { return known.changes }
        let source = groups.groups[group]
        let before = reach(&oldReach, source.old)
        let after = reach(&newReach, source.new)
        let targets = Set(before.keys.flatMap { groups.ofOld[$0] } + after.keys.flatMap { groups.ofNew[$0] })
        let changes = targets.sorted().compactMap { number -> Change? in
            let target = groups.groups[number]
            let parts = ConnectivityDifference.parts(
                target.old.flatMap { before[$0] } ?? .none, target.new.flatMap { after[$0] } ?? .none)
            guard !parts.isEmpty else { return nil }
            return Change(target: number, parts: parts.map { ($0.isGained, $0.ports, reason(source, target, $0)) })
        }
        known = (group, changes)
        return changes
    }

    private func reach(_ reach: inout ClassReach, _ source: Int?) -> [Int: AllowedPorts] {
        guard let source else { return [:] }
        var found: [Int: AllowedPorts] = [:]
        for (target, ports) in reach.targets(of: source) { found[target] = reach.ports(ports) }
        return found
    }

    /// Nil where an end of it is new, or gone.
    private func reason(
        _ source: TitleGroups.Group, _ target: TitleGroups.Group, _ part: (isGained: Bool, ports: AllowedPorts)
    ) -> Row.Reason? {
        let isThere = part.isGained ? source.old != nil && target.old != nil : source.new != nil && target.new != nil
        guard isThere else { return nil }
        return difference.reason(part.isGained, part.ports) { isNew, transport, port in
            let ends = isNew ? (source.new, target.new) : (source.old, target.old)
            guard let from = ends.0, let to = ends.1 else { return nil }
            return (isNew ? difference.new : difference.old).verdict(from, to, transport, port)
        }
    }

    private func missing(_ source: Int, _ target: Int, _ isGained: Bool) -> String {
        let there = isGained ? groups.oldPlaces : groups.newPlaces
        return groups.titles[there[source] == nil ? source : target]
    }

    // MARK: One node

    /// The titles with which policies cannot interfere, in one of the sets or both.
    private func neighbours(of place: Int) -> Set<Int> {
        let old = groups.oldPlaces[place].map { difference.old.nodes.neighbours(of: $0) } ?? []
        let new = groups.newPlaces[place].map { difference.new.nodes.neighbours(of: $0) } ?? []
        guard !old.isEmpty || !new.isEmpty else { return [] }
        let titles = old.map { groups.titleOfOld[$0] } + new.map { groups.titleOfNew[$0] }
        return Set(titles).subtracting([place])
    }

    private func parts(from source: Int, to target: Int) -> [(isGained: Bool, ports: AllowedPorts, reason: Row.Reason?)]
    {
        func ends(_ isNew: Bool) -> (evaluation: PolicyEvaluation, from: Int, to: Int)? {
            let places = isNew ? groups.newPlaces : groups.oldPlaces
            guard let from = places[source], let to = places[target] else { return nil }
            return (isNew ? difference.new : difference.old, from, to)
        }
        func ports(_ isNew: Bool) -> AllowedPorts {
            ends(isNew).map { $0.evaluation.ports(from: .workload($0.from), to: .workload($0.to)) } ?? .none
        }
        return ConnectivityDifference.parts(ports(false), ports(true)).map { part in
            guard ends(!part.isGained) != nil else { return (part.isGained, part.ports, nil) }
            let reason = difference.reason(part.isGained, part.ports) { isNew, transport, port in
                ends(isNew).map {
                    $0.evaluation.verdict(
                        from: .workload($0.from), to: .workload($0.to), transport: transport, port: port)
                }
            }
            return (part.isGained, part.ports, reason)
        }
    }
}
