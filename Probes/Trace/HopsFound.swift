import NetValues
import Observations
import ProbeKit

/// What the packets of one flow have met so far.
struct HopsFound: Sendable {
    let destination: IPAddress
    private var packets: [PathHop] = []
    private(set) var slowest: Duration?
    private(set) var lastHeard = 0

    init(destination: IPAddress) {
        self.destination = destination
    }

    /// - Parameter reply: nil where it was given up.
    mutating func add(_ reply: PathReply?, at limit: Int) {
        guard let reply, reply.outcome != .silent else {
            packets.append(PathHop(limit: limit, outcome: .silent, roundTrip: nil))
            return
        }
        packets.append(
            PathHop(
                limit: limit, outcome: reply.outcome, roundTrip: reply.roundTrip,
                isKernelStamped: reply.isKernelStamped,
                replyHopLimit: reply.replyHopLimit, quoted: reply.quoted, labels: reply.labels,
                isTimeSetAside: reply.isTimeSetAside))
        lastHeard = max(lastHeard, limit)
        if let trip = reply.roundTrip { slowest = max(slowest ?? .zero, trip) }
    }

    /// The least limit with which a packet came to the target, or else to its end.
    var end: Int? {
        packets.filter { $0.isArrival(at: destination) }.map(\.limit).min()
            ?? packets.filter(\.outcome.isEnd).map(\.limit).min()
    }

    /// In order of their limits; nothing behind the end, where all packets come to the same.
    var hops: [PathHop] {
        let last = end ?? .max
        return packets.enumerated().filter { $0.element.limit <= last }
            .sorted { ($0.element.limit, $0.offset) < ($1.element.limit, $1.offset) }.map(\.element)
    }

    /// Somebody answers and the target does not, or right before the limit with which it does nobody did: it may be nearer.
    var isEndUncertain: Bool {
        guard let end else { return lastHeard > 0 }
        return end > 1 && !isAnswered(end - 1)
    }

    /// Where packets are to go in the next round; an end behind the known one counts only where a router stands there now.
    func nextEnd(after known: Int?) -> Int? {
        guard let end, let known, end > known else { return end ?? known }
        let hasGrown = packets.contains { hop in
            if hop.limit == known, case .expired = hop.outcome { true } else { false }
        }
        return hasGrown ? end : known
    }

    func isAnswered(_ limit: Int) -> Bool { packets.contains { $0.limit == limit && $0.outcome != .silent } }

    /// Limits that were asked without an answer, and would tell more: those before the end, or before the last that was answered and a few
    /// behind it.
    func doubtful(most: Int) -> [Int] {
        let last = end.map { $0 - 1 } ?? min(most, lastHeard + Self.behindLast)
        guard last >= 1 else { return [] }
        let asked = Set(packets.map(\.limit))
        return (1...last).filter { asked.contains($0) && !isAnswered($0) }
    }

    private static let behindLast = 3
}
