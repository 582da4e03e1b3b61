import JSON
import Observations

/// What was expected beside what was seen, each pair once with the number of samples that showed it.
enum ComparisonJSON {
    /// A peer that says something else each time must not fill the document.
    private static let limit = 50

    static func distinct(_ samples: [Sample]) -> [JSONValue] {
        var counts: [Comparison: Int] = [:]
        var order: [Comparison] = []
        for comparison in samples.lazy.flatMap(\.comparisons) {
            if let count = counts[comparison] {
                counts[comparison] = count + 1
            } else if order.count < limit {
                counts[comparison] = 1
                order.append(comparison)
            }
        }
        return order.map { json($0, samples: counts[$0] ?? 0) }
    }

    private static func json(_ comparison: Comparison, samples: Int) -> JSONValue {
        [
            "key": .string(comparison.key), "expected": .string(comparison.expected), "seen": .string(comparison.seen),
            "met": .bool(comparison.isMet), "declared": .bool(comparison.isDeclared), "samples": .int(samples),
        ]
    }
}
