import NetValues
import Observations
import ProbeKit
import ProbeTesting
import RepeatableChance
import Synchronization
import Testing

/// Thousands of searches on ways that lose packets of every size by chance, from a seed: what they claim must be true.
struct MTULossTests {
    private typealias Hop = ScriptedPipe.Hop

    /// A way, and how its searches end.
    struct Way: Sendable, CustomTestStringConvertible {
        let loss: Double
        /// Answers that the target rations; nil for as many as are asked for.
        var ration: Int?
        /// Above so many bytes all vanish.
        var hole: Int?
        var width = 8
        /// So many of a hundred searches may come to nothing.
        let mostVain: Int

        var testDescription: String {
            "\(loss) lost, ration \(ration ?? 0), hole \(hole ?? 0), \(width) at once"
        }
    }

    private static let ways = [
        Way(loss: 0.05, mostVain: 1), Way(loss: 0.25, mostVain: 2), Way(loss: 0.44, mostVain: 5),
        Way(loss: 0.25, ration: 6, width: 3, mostVain: 10), Way(loss: 0.44, ration: 6, width: 3, mostVain: 40),
        Way(loss: 0.25, hole: 1400, mostVain: 2), Way(loss: 0.44, hole: 1234, mostVain: 35),
        Way(loss: 0.25, ration: 6, hole: 1420, width: 3, mostVain: 25),
    ]

    @Test(arguments: ways) func chanceIsNeverTakenForALimit(way: Way) async throws {
        var (claims, vain) = (0, 0)
        let count = 1000
        for seed in 0..<count {
            let fact = try await search(way, seed)
            switch fact.ending {
            case .whole: if way.hole != nil { claims += 1 }
            case .found, .bounded:
                let (passed, lost) = (try #require(fact.largestPassed), try #require(fact.smallestLost))
                let isTrue = way.hole.map { passed <= $0 && $0 < lost && (fact.ending == .bounded || passed == $0) }
                if isTrue != true { claims += 1 }
            case .unsteady, .unanswered: vain += 1
            }
        }
        #expect(claims == 0, "\(claims) of \(count) claim what is not so")
        #expect(vain * 100 <= way.mostVain * count, "\(vain) of \(count) come to nothing")
    }

    private func search(_ way: Way, _ seed: Int) async throws -> PathMTUFact {
        let time = ManualTime()
        let random = Mutex(SeededRandom(seed: UInt64(seed) &* 7919 &+ 17))
        let pipe = ScriptedPipe(
            time: time, ration: way.ration,
            loses: { _ in random.withLock { Double($0.next() >> 11) * 0x1p-53 } < way.loss }, slow: true
        ) { _ in [Hop(1500), Hop(way.hole ?? 1500, silent: true), Hop(1500)] }
        let request = PathRequest(destination: Endpoint(.v4(IPv4Address(bits: 0xc612_0302)), 33434), carrier: .udp)
        var search = PathMTUSearch(
            pipe, request, PathMTUSearch.Settings(width: way.width, locates: false), time: time,
            deadline: time.now() + .seconds(15))
        return try await search.run()
    }
}
