import Manifests
import NetValues

/// All pairs that may talk, one after the other: what is kept of them is one source's at a time.
package struct ConnectivityRows: Sendable {
    private struct OutsidePart {
        /// Nil: all of it.
        let range: AddressRange?
    }

    package let evaluation: PolicyEvaluation
    private let from: Party?
    private let to: Party?

    /// - Parameters:
    ///   - from: only rows with this source; nil for all.
    ///   - to: only rows with this destination; nil for all.
    package init(_ evaluation: PolicyEvaluation, from: Party? = nil, to: Party? = nil) {
        self.evaluation = evaluation
        self.from = from
        self.to = to
    }

    /// By namespace and name of the source's first of its class, then of the destination's; the world outside last.
    package func forEach<Failure: Error>(_ body: (ConnectivityRow) throws(Failure) -> Void) throws(Failure) {
        if let numbers = classes(from) { try tellSources(numbers, body) }
        if let part = Self.outside(from), let numbers = classes(to) { try tellArriving(numbers, part.range, body) }
    }

    /// The classes that an end may be of; nil where it is outside.
    private func classes(_ party: Party?) -> Range<Int>? {
        switch party {
        case .workload(let index):
            let number = evaluation.classes.classOf[index]
            return number..<number + 1
        case .range, .external: return nil
        case nil: return evaluation.classes.members.indices
        }
    }

    /// The part of the world outside that an end asks for; nil where it asks for a workload.
    private static func outside(_ party: Party?) -> OutsidePart? {
        switch party {
        case .workload: nil
        case .range(let range): OutsidePart(range: range)
        case .external, nil: OutsidePart(range: nil)
        }
    }

    private func tellSources<Failure: Error>(
        _ numbers: Range<Int>, _ body: (ConnectivityRow) throws(Failure) -> Void
    ) throws(Failure) {
        let inside = classes(to)
        var reach = inside == nil ? nil : ClassReach(evaluation)
        var outside = Self.outside(to).map { OutsideRows(evaluation, .egress, within: $0.range) }
        for number in numbers {
            let only = inside.flatMap { $0.count == 1 ? $0.lowerBound : nil }
            let reached = reach?.targets(of: number, only: only) ?? []
            let targets = reached.map { (number: $0.target, ports: reach?.ports($0.ports) ?? .none) }
            let rows = outside?.rows(of: number) ?? []
            for source in evaluation.classes.members[number] where isMeant(source, by: from) {
                try tell(source, targets, body)
                for row in rows {
                    try body(ConnectivityRow(from: .workload(source), to: row.end, ports: row.ports))
                }
            }
        }
    }

    private func tellArriving<Failure: Error>(
        _ numbers: Range<Int>, _ part: AddressRange?, _ body: (ConnectivityRow) throws(Failure) -> Void
    ) throws(Failure) {
        var outside = OutsideRows(evaluation, .ingress, within: part)
        for number in numbers {
            let rows = outside.rows(of: number)
            for target in evaluation.classes.members[number] where isMeant(target, by: to) {
                for row in rows { try body(ConnectivityRow(from: row.end, to: .workload(target), ports: row.ports)) }
            }
        }
    }

    private func tell<Failure: Error>(
        _ source: Int, _ reach: [(number: Int, ports: AllowedPorts)],
        _ body: (ConnectivityRow) throws(Failure) -> Void
    ) throws(Failure) {
        let neighbours = Set(evaluation.nodes.neighbours(of: source))
        for (number, ports) in reach {
            for target in evaluation.classes.members[number] where isMeant(target, by: to) {
                // A pair is of two: what replicas of one workload may do among themselves is a question of its own (--from A --to A).
                if source == target || !neighbours.isEmpty && neighbours.contains(target) { continue }
                try body(ConnectivityRow(from: .workload(source), to: .workload(target), ports: ports))
            }
        }
        for target in neighbours.sorted() where isMeant(target, by: to) {
            try body(ConnectivityRow(from: .workload(source), to: .workload(target), ports: .all))
        }
    }

    private func isMeant(_ workload: Int, by party: Party?) -> Bool { party.map { $0 == .workload(workload) } ?? true }
}
