import Manifests
import NetValues

/// The rows of a difference between workloads and the world outside, in one direction.
struct OutsideChanges {
    private typealias Row = ConnectivityDifference.Row

    private struct Key: Hashable {
        let old: Side?
        let new: Side?
    }

    /// Classes with the same have the same rows.
    private struct Side: Hashable {
        let profile: Int
        let names: [PodClass.NamedPort]

        init(_ evaluation: PolicyEvaluation, _ number: Int, _ direction: NetworkPolicy.Direction) {
            profile = evaluation.profiles(direction).profileOf[number]
            names = direction == .ingress ? evaluation.classes.classes[number].namedPorts : []
        }
    }

    private struct Change {
        let isGained: Bool
        let row: RegionRows.Row
        /// Nil where the workload is new, or gone.
        let reason: Row.Reason?
    }

    private let difference: ConnectivityDifference
    private let groups: TitleGroups
    private let direction: NetworkPolicy.Direction
    private var known: [Key: [Change]] = [:]

    init(_ difference: ConnectivityDifference, _ direction: NetworkPolicy.Direction) {
        self.difference = difference
        groups = difference.groups
        self.direction = direction
    }

    mutating func forEach<Failure: Error>(
        of place: Int, _ body: (ConnectivityDifference.Row) throws(Failure) -> Void
    ) throws(Failure) {
        let title = groups.titles[place]
        for change in changes(of: groups.groups[groups.groupOf[place]]) {
            let name = change.row.end.name(in: difference.new.state)
            let (own, other) = (([AddressRange](), title), (change.row.end.except, name))
            let (from, to) = direction == .egress ? (own, other) : (other, own)
            try body(
                Row(
                    isGained: change.isGained, from: from.1, fromExcept: from.0, to: to.1, toExcept: to.0,
                    ports: change.row.ports, reason: change.reason ?? .workload(title)))
        }
    }

    private mutating func changes(of group: TitleGroups.Group) -> [Change] {
        let key = Key(
            old: group.old.map { Side(difference.old, $0, direction) },
            new: group.new.map { Side(difference.new, $0, direction) })
        if let found = known[key] { return found }
        let before = group.old.map { OutsidePorts(difference.old, $0, direction) }
        let after = group.new.map { OutsidePorts(difference.new, $0, direction) }
        // Both evaluations have the same borders.
        let regions = AddressRegions((before?.borders ?? []) + (after?.borders ?? []))
        var found: [Change] = []
        for isGained in [true, false] {
            let rows = RegionRows.rows(regions, within: nil) { range in
                let (had, has) = (before?.ports(in: range) ?? .none, after?.ports(in: range) ?? .none)
                return isGained ? has.subtracting(had) : had.subtracting(has)
            }
            found += rows.map { Change(isGained: isGained, row: $0, reason: reason(group, isGained, $0)) }
        }
        known[key] = found
        return found
    }

    private func reason(_ group: TitleGroups.Group, _ isGained: Bool, _ row: RegionRows.Row) -> Row.Reason? {
        guard (isGained ? group.old : group.new) != nil else { return nil }
        return difference.reason(isGained, row.ports) { isNew, transport, port in
            guard let own = isNew ? group.new : group.old else { return nil }
            let evaluation = isNew ? difference.new : difference.old
            let outside = evaluation.classes.element(ofRegion: evaluation.classes.regions.place(of: row.place))
            return direction == .egress
                ? evaluation.verdict(own, outside, transport, port)
                : evaluation.verdict(outside, own, transport, port)
        }
    }
}
