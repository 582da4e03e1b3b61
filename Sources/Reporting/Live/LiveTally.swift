import NetValues
import Observations

/// All that a continuous view shows, fed with samples as they come. What a target's name stands for may change meanwhile: each
/// address is counted by itself.
package struct LiveTally: Sendable {
    fileprivate let names: [String]
    /// Those of one check beside each other, in the order in which they were first seen.
    package private(set) var echoes: [[EchoTally]]
    package private(set) var paths: [[PathTally]]
    /// Samples of each check whose target's name had no address.
    private(set) var unresolved: [Int]
    /// Packets of each check that were sent and of which nothing is known yet.
    private(set) var onTheWay: [Int]

    /// A name with more addresses than this has its further ones left out.
    private static let mostAddresses = 8

    /// - Parameter names: of the checks, in the order of the plan.
    package init(names: [String]) {
        self.names = names
        echoes = names.map { _ in [] }
        paths = names.map { _ in [] }
        unresolved = names.map { _ in 0 }
        onTheWay = names.map { _ in 0 }
    }

    /// Begins to count anew.
    package mutating func reset() {
        self = LiveTally(names: names)
    }

    /// - Parameter index: of the check.
    package mutating func note(onTheWay count: Int, of index: Int) {
        if onTheWay.indices.contains(index) { onTheWay[index] = count }
    }

    /// - Parameter index: of the check.
    package mutating func add(_ sample: Sample, of index: Int) {
        guard names.indices.contains(index) else { return }
        for fact in sample.facts {
            switch fact {
            case .echo(let echo): add(echo, of: index)
            case .trace(let trace): add(trace, of: index)
            default: break
            }
        }
        if sample.outcome == .failed(.resolve) { unresolved[index] += 1 }
    }

    private mutating func add(_ echo: EchoFact, of index: Int) {
        let trip = echo.outcome == .replied ? echo.roundTrip ?? .zero : nil
        if let place = echoes[index].firstIndex(where: { $0.address == echo.address }) {
            echoes[index][place].add(trip)
        } else if echoes[index].count < Self.mostAddresses {
            var tally = EchoTally(name: names[index], address: echo.address)
            tally.add(trip)
            echoes[index].append(tally)
        }
    }

    private mutating func add(_ trace: TraceFact, of index: Int) {
        if let place = paths[index].firstIndex(where: { $0.isOf(trace) }) {
            paths[index][place].add(trace)
        } else if paths[index].count < Self.mostAddresses {
            paths[index].append(PathTally(name: names[index], trace))
        }
    }

    /// All that have a row.
    package var addresses: [IPAddress] {
        paths.joined().flatMap { $0.summary.hops.flatMap { $0.responders.map(\.address) } }
            + echoes.joined().compactMap(\.address)
    }

    func name(of index: Int) -> String { names[index] }
}

extension LiveTally {
    /// Checks.
    var count: Int { names.count }

    var hasPackets: Bool { echoes.contains { !$0.isEmpty } || paths.contains { !$0.isEmpty } }
}
