/// The known word nearest to a mistyped one, for "did you mean": at most two edits (one for words of up to four letters).
package func nearestWord(to word: String, among known: some Sequence<String>) -> String? {
    var distance = EditDistance(to: word, limit: word.count <= 4 ? 1 : 2)
    var best: (distance: Int, word: String)?
    for candidate in known {
        guard let found = distance.measure(candidate) else { continue }
        if let best, (best.distance, best.word) <= (found, candidate) { continue }
        best = (found, candidate)
    }
    return best?.word
}

/// Optimal string alignment distance (insert, delete, replace, swap neighbours) to one word, without regard to case. Lists of words may be
/// as long as a hostile file makes them, so what is far away is given up early.
private struct EditDistance {
    private static let longest = 64

    private let word: [Unicode.Scalar]
    private let limit: Int
    private var older: [Int] = []
    private var previous: [Int] = []
    private var current: [Int] = []

    init(to word: String, limit: Int) {
        self.word = Array(word.lowercased().unicodeScalars)
        self.limit = limit
    }

    /// Nil above the limit.
    mutating func measure(_ candidate: String) -> Int? {
        guard word.count <= Self.longest, candidate.utf8.count <= 4 * (Self.longest + limit) else { return nil }
        let other = Array(candidate.lowercased().unicodeScalars)
        guard abs(word.count - other.count) <= limit else { return nil }
        previous = Array(0...other.count)
        var leastBefore = 0
        for row in word.indices {
            let least = fill(row, other)
            // The next row needs this one, or a swap from the one before.
            guard min(least, leastBefore) <= limit else { return nil }
            leastBefore = least
            swap(&older, &previous)
            swap(&previous, &current)
        }
        return previous[other.count] <= limit ? previous[other.count] : nil
    }

    /// - Returns: the least of the row.
    private mutating func fill(_ row: Int, _ other: [Unicode.Scalar]) -> Int {
        current.removeAll(keepingCapacity: true)
        current.append(row + 1)
        var least = row + 1
        for column in other.indices {
            let cost = word[row] == other[column] ? 0 : 1
            var best = min(previous[column + 1] + 1, current[column] + 1, previous[column] + cost)
            if row > 0, column > 0, word[row] == other[column - 1], word[row - 1] == other[column] {
                best = min(best, older[column - 1] + 1)
            }
            current.append(best)
            least = min(least, best)
        }
        return least
    }
}
