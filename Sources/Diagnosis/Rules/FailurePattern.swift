import NetValues
import Observations

/// How the failures of a series lie in time.
package enum FailurePattern: Hashable, Sendable {
    /// The first so many fail, and none after them.
    case first(Int)
    /// From this one on (counted from 1) all fail.
    case from(Int)
    /// One in so many, at an even distance.
    case every(Int)
    /// So many stretches of neighbours, the longest of which has so many.
    case bursts(count: Int, longest: Int)
    case scattered

    /// - Parameter failed: for each sample in order whether it failed; some did, and some did not.
    package init(_ failed: [Bool]) {
        let places = failed.indices.filter { failed[$0] }
        let runs = Self.runs(failed)
        guard let first = places.first, let last = places.last else {
            self = .scattered
            return
        }
        if runs.count == 1, first == 0 {
            self = .first(places.count)
        } else if runs.count == 1, last == failed.count - 1, places.count > 2 {
            self = .from(first + 1)
        } else if let period = Self.period(places, of: failed.count) {
            self = .every(period)
        } else if Self.isClustered(failed, runs) {
            self = .bursts(count: runs.count, longest: runs.max() ?? 0)
        } else {
            self = .scattered
        }
    }

    /// Lengths of the stretches of failures.
    private static func runs(_ failed: [Bool]) -> [Int] {
        failed.split(separator: false).map(\.count)
    }

    /// Four at the same distance are no accident, where they go on from the beginning to the end.
    private static func period(_ places: [Int], of count: Int) -> Int? {
        guard places.count >= 4 else { return nil }
        let steps = zip(places.dropFirst(), places).map { $0 - $1 }
        guard let step = steps.first, step > 1, steps.allSatisfy({ $0 == step }),
            places[0] < step, count - 1 - places[places.count - 1] < step
        else { return nil }
        return step
    }

    /// Fewer stretches than chance gives, by two and a half standard deviations (runs test: Wald and Wolfowitz 1940).
    private static func isClustered(_ failed: [Bool], _ runs: [Int]) -> Bool {
        let bad = Double(failed.count { $0 })
        let good = Double(failed.count) - bad
        let all = bad + good
        guard bad > 2, good > 2 else { return runs.count == 1 && bad > 2 }
        let mean = 2 * bad * good / all + 1
        let variance = (mean - 1) * (mean - 2) / (all - 1)
        let seen = Double(zip(failed, failed.dropFirst()).count { $0 != $1 } + 1)
        return seen < mean - 2.5 * variance.squareRoot()
    }

    package var words: String {
        switch self {
        case .first(1): "only the first failed"
        case .first(let count): "the first \(count) failed, and none after them"
        case .from(let place): "all failed from number \(place) on"
        case .every(let step): "exactly every \(Self.ordinal(step)) failed"
        case .bursts(1, let longest): "the failures came in one stretch of \(longest)"
        case .bursts(let count, let longest):
            "the failures came in \(counted(count, "stretch", "stretches")), the longest of \(longest)"
        case .scattered: "the failures are scattered without a pattern"
        }
    }

    static func ordinal(_ number: Int) -> String {
        switch number {
        case 2: "second"
        case 3: "third"
        default: "\(number)th"
        }
    }
}
