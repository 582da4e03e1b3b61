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
    private let oldPlaces: [String: Int]
    private let newPlaces: [String: Int]
    private let titles: [String]

    package init(old: DeclaredState, new: DeclaredState) {
        let borders = PolicyEvaluation.borders(of: old) + PolicyEvaluation.borders(of: new)
        self.old = PolicyEvaluation(old, borders: borders)
        self.new = PolicyEvaluation(new, borders: borders)
        oldPlaces = Self.places(old)
        newPlaces = Self.places(new)
        titles = Set(oldPlaces.keys).union(newPlaces.keys).sorted()
    }

    private static func places(_ state: DeclaredState) -> [String: Int] {
        Dictionary(state.workloads.enumerated().map { ($1.title, $0) }, uniquingKeysWith: { $1 })
    }

    /// All rows, by source and destination; the world outside last.
    package func forEach<Failure: Error>(_ body: (Row) throws(Failure) -> Void) throws(Failure) {
        for title in titles {
            let before = reach(old, oldPlaces[title])
            let after = reach(new, newPlaces[title])
            for target in Set(before.keys).union(after.keys).sorted() {
                try tell(title, target, before[target] ?? .none, after[target] ?? .none, body)
            }
            try tellOutside(title, .egress, body)
        }
        for title in titles { try tellOutside(title, .ingress, body) }
    }

    /// The ports at each workload that one may send to.
    private func reach(_ evaluation: PolicyEvaluation, _ place: Int?) -> [String: AllowedPorts] {
        guard let place else { return [:] }
        var found: [String: AllowedPorts] = [:]
        ConnectivityRows(evaluation, from: .workload(place)).forEach { row in
            if case .workload(let target) = row.to { found[evaluation.state.workloads[target].title] = row.ports }
        }
        return found
    }

    private func tell<Failure: Error>(
        _ from: String, _ to: String, _ before: AllowedPorts, _ after: AllowedPorts,
        _ body: (Row) throws(Failure) -> Void
    ) throws(Failure) {
        guard before != after else { return }
        for (isGained, ports) in [(true, after.subtracting(before)), (false, before.subtracting(after))]
        where !ports.isEmpty {
            let reason =
                missing([from, to], isGained)
                ?? reason(isGained, ports) { evaluation, places, transport, port in
                    guard let source = places[from], let target = places[to] else { return nil }
                    return evaluation.verdict(
                        from: .workload(source), to: .workload(target), transport: transport, port: port)
                }
            try body(
                Row(
                    isGained: isGained, from: from, fromExcept: [], to: to, toExcept: [], ports: ports, reason: reason))
        }
    }

    private func tellOutside<Failure: Error>(
        _ title: String, _ direction: NetworkPolicy.Direction, _ body: (Row) throws(Failure) -> Void
    ) throws(Failure) {
        let before = outside(old, oldPlaces[title], direction)
        let after = outside(new, newPlaces[title], direction)
        // Both evaluations have the same borders, and so the same regions.
        for isGained in [true, false] {
            let rows = RegionRows.rows(new.classes.regions, within: nil) { region in
                let (had, has) = (before(region), after(region))
                return isGained ? has.subtracting(had) : had.subtracting(has)
            }
            for row in rows { try body(self.row(isGained, title, direction, row)) }
        }
    }

    private func outside(_ evaluation: PolicyEvaluation, _ place: Int?, _ direction: NetworkPolicy.Direction)
        -> (Int) -> AllowedPorts
    {
        guard let place else { return { _ in .none } }
        let number = evaluation.classes.classOf[place]
        return { evaluation.outside(number, direction, $0) }
    }

    private func row(_ isGained: Bool, _ title: String, _ direction: NetworkPolicy.Direction, _ row: RegionRows.Row)
        -> Row
    {
        let reason =
            missing([title], isGained)
            ?? reason(isGained, row.ports) { evaluation, places, transport, port in
                guard let place = places[title] else { return nil }
                let own = evaluation.classes.classOf[place]
                let outside = evaluation.classes.element(ofRegion: row.region)
                return direction == .egress
                    ? evaluation.verdict(own, outside, transport, port)
                    : evaluation.verdict(outside, own, transport, port)
            }
        let name = row.end.name(in: new.state)
        return direction == .egress
            ? Row(
                isGained: isGained, from: title, fromExcept: [], to: name, toExcept: row.end.except, ports: row.ports,
                reason: reason)
            : Row(
                isGained: isGained, from: name, fromExcept: row.end.except, to: title, toExcept: [], ports: row.ports,
                reason: reason)
    }

    private func missing(_ ends: [String], _ isGained: Bool) -> Row.Reason? {
        let there = isGained ? oldPlaces : newPlaces
        return ends.first { there[$0] == nil }.map { .workload($0) }
    }

    private func reason(
        _ isGained: Bool, _ ports: AllowedPorts,
        _ verdict: (PolicyEvaluation, [String: Int], PortTransport, UInt16) -> PolicyVerdict?
    ) -> Row.Reason {
        let sample = ports.ranges.first.map { ($0.transport, $0.ports.lowerBound) } ?? (.tcp, 1)
        let now = verdict(new, newPlaces, sample.0, sample.1)?.decidedBy ?? []
        if isGained, now.isEmpty { return .noLonger(verdict(old, oldPlaces, sample.0, sample.1)?.decidedBy ?? []) }
        return .decided(now)
    }
}
