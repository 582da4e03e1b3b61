/// The known word nearest to a mistyped one, for "did you mean": at most two edits (one for words of up to four letters).
package func nearestWord(to word: String, among known: some Sequence<String>) -> String? {
    let limit = word.count <= 4 ? 1 : 2
    let candidates = known.map { ($0, editDistance(word.lowercased(), $0.lowercased(), limit: limit)) }
    return candidates.filter { $0.1 <= limit }.min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
}

/// Optimal string alignment distance: insert, delete, replace, swap neighbours; above `limit` any larger number.
private func editDistance(_ left: String, _ right: String, limit: Int) -> Int {
    let first = Array(left.unicodeScalars)
    let second = Array(right.unicodeScalars)
    if abs(first.count - second.count) > limit || first.count > 64 { return limit + 1 }
    var older: [Int] = []
    var previous = Array(0...second.count)
    for row in 0..<first.count {
        var current = [row + 1]
        for column in 0..<second.count {
            let cost = first[row] == second[column] ? 0 : 1
            var best = min(previous[column + 1] + 1, current[column] + 1, previous[column] + cost)
            if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                best = min(best, older[column - 1] + 1)
            }
            current.append(best)
        }
        older = previous
        previous = current
    }
    return previous[second.count]
}
