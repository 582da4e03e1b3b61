import NetValues

/// How the requests of an echo series that stayed unanswered lie in time.
package struct LossPattern: Hashable, Sendable {
    /// Neighbours that were all lost.
    package struct Stretch: Hashable, Sendable {
        /// Of the first, counted from 0 as sequence numbers are.
        package let number: Int
        package let count: Int
        /// Since the first request of the series.
        package let start: Duration
        /// From the first that was lost to the next that was not, or to the last of the series.
        package let span: Duration
    }

    package let sent: Int
    package let lost: Int
    package let shape: FailurePattern
    package let stretches: [Stretch]
    /// From the start of one stretch to that of the next, where it is always about the same.
    package let period: Duration?
    /// The last stretch goes on to the end of the series.
    private let isOpen: Bool
    package let metering: EchoMetering?

    /// So few losses show nothing of how they lie.
    private static let fewest = 5

    /// Nil where nothing was lost.
    /// - Parameter requests: in order, when each was sent and whether it was lost.
    package init?(_ requests: [(sentAt: Duration, isLost: Bool)]) {
        let places = requests.indices.filter { requests[$0].isLost }
        guard let first = requests.first?.sentAt, !places.isEmpty else { return nil }
        var stretches: [Stretch] = []
        var index = 0
        while index < places.count {
            let begin = places[index]
            var end = begin + 1
            while end < requests.count, requests[end].isLost { end += 1 }
            let until = requests[min(end, requests.count - 1)].sentAt
            stretches.append(
                Stretch(
                    number: begin, count: end - begin, start: requests[begin].sentAt - first,
                    span: until - requests[begin].sentAt))
            index += end - begin
        }
        sent = requests.count
        lost = places.count
        shape = lost < sent ? FailurePattern(requests.map(\.isLost)) : .from(1)
        self.stretches = stretches
        isOpen = requests[requests.count - 1].isLost
        period = Self.period(stretches)
        metering = EchoMetering(requests)
    }

    /// Four stretches of several requests, no two distances of which differ by more than a tenth.
    private static func period(_ stretches: [Stretch]) -> Duration? {
        guard stretches.count >= 4, stretches.allSatisfy({ $0.count > 1 }) else { return nil }
        let steps = zip(stretches.dropFirst(), stretches).map { $0.start - $1.start }
        guard let least = steps.min(), let most = steps.max(), most - least <= most / 10 else { return nil }
        return steps.reduce(.zero, +) / steps.count
    }

    package var longest: Stretch? { stretches.max { $0.count < $1.count } }

    /// A word for programs, which stays.
    package var kind: String {
        if metering != nil { return "metered" }
        return switch shape {
        case .first: "start"
        case .from: "end"
        case .every: "periodic"
        case .bursts(1, _): "outage"
        case .bursts: period == nil ? "bursts" : "periodicBursts"
        case .scattered: lost < Self.fewest ? "few" : "scattered"
        }
    }

    package var words: String {
        if let metering { return metering.words }
        return switch shape {
        case .first(1): "only the first was lost"
        case .first(let count): "the first \(count) were lost, for \(span(stretches.first)), and none after them"
        case .from(1): "all were lost"
        case .from(let place):
            "all were lost from number \(place - 1) on, \((stretches.last?.start ?? .zero).spoken) after the first"
        case .every(let step): "exactly every \(FailurePattern.ordinal(step)) was lost"
        case .bursts(1, let longest):
            "all losses are in one stretch of \(longest): an outage of \(span(stretches.first)), \((stretches.first?.start ?? .zero).spoken) after the first request"
        case .bursts(let count, let longest):
            "the losses came in \(count) stretches, the longest of \(longest) (\(span(self.longest)))"
                + (period.map { ", one every \($0.spoken)" } ?? "")
        case .scattered where lost < Self.fewest: "so few losses show no pattern"
        case .scattered: "the losses are scattered without a pattern"
        }
    }

    private func span(_ stretch: Stretch?) -> String {
        guard let stretch else { return "0 s" }
        return (isOpen && stretch == stretches.last ? "at least " : "about ") + stretch.span.spoken
    }
}
