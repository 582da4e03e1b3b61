import NetValues

/// After a first few, answers come at an even rate, however many requests are sent: what a token bucket lets through, and what no
/// loss by chance does. Linux limits so what ICMP it sends (icmp_ratelimit: at first six, then one in a time), and most routers do.
package struct EchoMetering: Hashable, Sendable {
    /// Answered before the first that was not.
    let burst: Int
    /// Answers and requests a second, from the first unanswered on.
    let answered: Double
    let offered: Double

    /// So many distances between answers (or between losses, where those are fewer) show whether they are even.
    private static let fewestGaps = 12
    /// Of what chance gives, the most that their variance may be: answers that meet the bucket's beat come one sooner or later, which counts
    /// for more where they are close to each other.
    private static let mostVariance = (close: 0.2, far: 0.05)

    /// Nil where the answers are not metered.
    init?(_ requests: [(sentAt: Duration, isLost: Bool)]) {
        guard let first = requests.firstIndex(where: \.isLost), first > 0, let end = requests.last else { return nil }
        let tail = requests[first...]
        let lost = tail.count { $0.isLost }
        let isMostlyLost = lost * 2 >= tail.count
        let places = tail.indices.filter { tail[$0].isLost != isMostlyLost }
        let gaps = zip(places.dropFirst(), places).map { Double($0 - $1) }
        let span = end.sentAt - tail[first].sentAt
        guard gaps.count >= Self.fewestGaps, span > .zero, Self.isEven(gaps) else { return nil }
        // The bucket was full: it gave more at once than ever after.
        let longest = tail.split { $0.isLost }.map(\.count).max() ?? 0
        guard first > longest + 1 else { return nil }
        burst = first
        let seconds = Double(span.nanoseconds) / 1e9
        offered = Double(tail.count - 1) / seconds
        answered = Double(tail.count - lost) / seconds
    }

    var words: String {
        "the first \(burst) were answered; then answers came evenly, \(Self.spoken(answered)) a second: chance does not lose so"
    }

    static func spoken(_ rate: Double) -> String { rate.decimals(rate < 9.95 ? 1 : 0) }

    /// Distances between the hits of a coin vary by `mean * (mean - 1)`.
    private static func isEven(_ gaps: [Double]) -> Bool {
        let mean = gaps.reduce(0, +) / Double(gaps.count)
        let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gaps.count)
        let most = mean < 4 ? mostVariance.close : mostVariance.far
        return mean > 1 && variance < most * mean * (mean - 1)
    }
}
