import Manifests
import NetValues

/// All pairs that may talk, one after the other: what is kept of them is one source's at a time.
package struct ConnectivityRows: Sendable {
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
        let order = evaluation.classOrder
        var ranks = order
        for (rank, number) in order.enumerated() { ranks[number] = rank }
        for number in order {
            let sources = sources(in: number)
            guard !sources.isEmpty else { continue }
            let targets = evaluation.targets(of: number).numbers.sorted { ranks[$0] < ranks[$1] }
            let reach: [(number: Int, ports: AllowedPorts)] = targets.compactMap { target in
                let ports = evaluation.ports(number, target)
                return ports.isEmpty ? nil : (target, ports)
            }
            let outside = outside(number, .egress, of: to)
            for source in sources {
                try tell(source, reach, body)
                for row in outside {
                    try body(ConnectivityRow(from: .workload(source), to: row.end, ports: row.ports))
                }
            }
        }
        for number in order {
            let arriving = outside(number, .ingress, of: from)
            for target in evaluation.classes.members[number] where isMeant(target, by: to) {
                for row in arriving {
                    try body(ConnectivityRow(from: row.end, to: .workload(target), ports: row.ports))
                }
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
                if neighbours.contains(target) || source == target { continue }
                try body(ConnectivityRow(from: .workload(source), to: .workload(target), ports: ports))
            }
        }
        for target in neighbours.sorted() where isMeant(target, by: to) {
            try body(ConnectivityRow(from: .workload(source), to: .workload(target), ports: .all))
        }
    }

    private func sources(in number: Int) -> [Int] {
        evaluation.classes.members[number].filter { isMeant($0, by: from) }
    }

    private func isMeant(_ workload: Int, by party: Party?) -> Bool { party.map { $0 == .workload(workload) } ?? true }

    /// The rows with the world outside, as far as the other end asks for it.
    private func outside(_ number: Int, _ direction: NetworkPolicy.Direction, of party: Party?) -> [RegionRows.Row] {
        switch party {
        case .workload: []
        case .range(let range): evaluation.outside(number, direction, within: range)
        case .external, nil: evaluation.outside(number, direction, within: nil)
        }
    }
}

extension PolicyEvaluation {
    /// Classes by the place of their first workload among names.
    var classOrder: [Int] {
        let titles = classes.members.map { members in members.first.map { state.workloads[$0].title } ?? "" }
        return classes.members.indices.sorted { titles[$0] < titles[$1] }
    }

    /// What a class may send to (egress), or be sent by (ingress), outside.
    func outside(_ number: Int, _ direction: NetworkPolicy.Direction, within range: AddressRange?) -> [RegionRows.Row] {
        let rules = isolating(number, direction).lazy.flatMap { policies[$0].rules(direction) }
        if isIsolated(element: number, direction), !rules.contains(where: \.meansOutside) { return [] }
        return RegionRows.rows(classes.regions, within: range) { region in outside(number, direction, region) }
    }

    func outside(_ number: Int, _ direction: NetworkPolicy.Direction, _ region: Int) -> AllowedPorts {
        let outside = classes.element(ofRegion: region)
        return direction == .egress ? ports(.egress, number, outside) : ports(.ingress, outside, number)
    }

    /// The classes that one may send something to as far as peers go: ports still have to be asked for.
    func targets(of source: Int) -> ClassSet {
        let everything = 0..<classes.classes.count
        var leaving = ClassSet(bound: classes.bound)
        if isIsolated(element: source, .egress) {
            for index in isolating(source, .egress) {
                for rule in policies[index].egress {
                    if let peers = rule.peers { leaving.formUnion(peers) } else { leaving.insert(everything) }
                }
            }
        } else {
            leaving.insert(everything)
        }
        var arriving = ClassSet(everything, bound: classes.bound)
        if let isolated = isolated[.ingress] { arriving.subtract(isolated) }
        for policy in policies where policy.ingress.contains(where: { $0.means(source) }) {
            arriving.formUnion(policy.selected)
        }
        leaving.formIntersection(arriving)
        return leaving
    }
}
