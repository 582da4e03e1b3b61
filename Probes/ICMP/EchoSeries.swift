import NetValues
import Observations
import ProbeKit

/// A series of echo requests as a value: sends, replies, errors and the passing of time go in; decided requests come out,
/// in order. It knows no socket and no clock.
///
/// A request is decided by its reply, by an ICMP error, by failing to be sent, or by its timeout. One that was replied to is
/// kept a moment longer, so that copies of the reply are counted with it.
package struct EchoSeries {
    /// Sequence numbers have 16 bits; this many requests may be undecided before sending pauses, so that no number is in use twice.
    package static let mostUndecided = 16_384

    private let count: Int
    private let interval: Duration
    private let timeout: Duration

    /// Sent and not yet taken, oldest first; the first has the index `firstIndex`.
    private var requests: [Request] = []
    private var taken = 0
    private var firstIndex = 0
    private var nextSend: Instant
    /// The highest index that was replied to: an earlier one that is replied to after it is late.
    private var latestReplied = -1
    /// Not yet told with a request: further copies of replies to requests already taken, and foreign replies.
    private var strayDuplicates = 0
    private var foreignReplies = 0

    package init(count: Int, interval: Duration, timeout: Duration, start: Instant) {
        self.count = count
        self.interval = interval
        self.timeout = timeout
        nextSend = start
    }

    private struct Request {
        let sentAt: Instant
        var outcome: EchoFact.Outcome?
        var roundTrip: Duration?
        var hopLimit: Int?
        var isKernelStamped = true
        var isLate = false
        var duplicates = 0
        /// When it may be taken: at once, or a moment after the reply.
        var takeAt: Instant
    }

    // MARK: Sending

    private var sentCount: Int { firstIndex + requests.count - taken }

    package func isSendDue(at now: Instant) -> Bool { sendInstant.map { $0 <= now } ?? false }

    /// When the next request is to be sent; nil when all were sent or too many are undecided.
    private var sendInstant: Instant? {
        sentCount < count && requests.count - taken < Self.mostUndecided ? nextSend : nil
    }

    /// Takes note that a request leaves now; returns its sequence number.
    package mutating func send(at now: Instant) -> UInt16 {
        defer {
            requests.append(Request(sentAt: now, takeAt: now + timeout))
            nextSend = instant(after: now)
        }
        return UInt16(truncatingIfNeeded: sentCount)
    }

    /// The beat goes on from when the request was due, lest each late wake-up slow the series down. Of a fast series what was missed in the last
    /// moments is made up for, so that its rate is what was asked for; a slow one never sends two at once.
    private func instant(after now: Instant) -> Instant {
        let planned = nextSend + interval
        if planned > now { return planned }
        return interval < Self.longestCatchUp ? max(planned, now - Self.longestCatchUp) : now + interval
    }

    private static let longestCatchUp = Duration.milliseconds(10)

    package mutating func fail(_ sequence: UInt16, _ failure: SocketFailure, at now: Instant) {
        guard let position = position(of: sequence), requests[position].outcome == nil else { return }
        requests[position].outcome = .failed(failure)
        requests[position].takeAt = now
    }

    // MARK: Receiving

    package mutating func receive(_ event: EchoEvent, at now: Instant) {
        switch event {
        case .foreign: foreignReplies += 1
        case .error(let sequence, let failure):
            // An error that quotes too little to tell which request it answers is for the oldest undecided one.
            let undecided = requests[taken...].firstIndex { $0.outcome == nil }
            if let sequence = sequence ?? undecided.map({ self.sequence(at: $0) }) { fail(sequence, failure, at: now) }
        case .reply(let sequence, let roundTrip, let hopLimit, let isKernelStamped):
            // By the stamps, not by when we came to read it: neither our slowness nor our haste changes the outcome.
            guard roundTrip <= timeout else { return }
            guard let position = position(of: sequence) else {
                strayDuplicates += wasRepliedTo(sequence) ? 1 : 0
                return
            }
            guard requests[position].outcome != .replied else {
                requests[position].duplicates += 1
                return
            }
            requests[position].roundTrip = roundTrip
            requests[position].hopLimit = hopLimit
            requests[position].isKernelStamped = isKernelStamped
            accept(position, at: now)
        }
    }

    /// A reply also overrules an error: the request did arrive.
    private mutating func accept(_ position: Int, at now: Instant) {
        let index = firstIndex + position - taken
        requests[position].outcome = .replied
        requests[position].isLate = index < latestReplied
        latestReplied = max(latestReplied, index)
        let span = requests[position].roundTrip ?? .zero
        requests[position].takeAt = now + min(max(span, Self.shortestLinger), Self.longestLinger)
    }

    /// Copies follow their original closely: they come from a loop or a second path near the target or near us.
    private static let shortestLinger = Duration.milliseconds(10)
    private static let longestLinger = Duration.milliseconds(200)

    // MARK: Results

    /// When something is to be done if nothing is received before; nil when the series is over.
    package var nextInstant: Instant? {
        // Undecided requests time out in the order they were sent, but the first may be decided already.
        guard taken < requests.count else { return sendInstant }
        let take = requests[taken].takeAt
        return sendInstant.map { min($0, take) } ?? take
    }

    /// Decides by timeout what is still open at its deadline. To be called when all that was received has been handed in.
    package mutating func expire(at now: Instant) {
        for position in taken..<requests.count {
            guard requests[position].sentAt + timeout <= now else { return }
            if requests[position].outcome == nil { requests[position].outcome = .lost }
        }
    }

    /// The next request that is decided; nil when the first that was not taken yet is not.
    package mutating func takeNext(at now: Instant) -> DecidedEcho? {
        guard taken < requests.count, requests[taken].takeAt <= now, let outcome = requests[taken].outcome else {
            return nil
        }
        return take(requests[taken], outcome)
    }

    /// When the run is being stopped: all that are decided, wherever they stand; the undecided are given up.
    package mutating func takeAllDecided() -> [DecidedEcho] {
        var decided: [DecidedEcho] = []
        while let request = requests[taken...].first {
            if let outcome = request.outcome {
                decided.append(take(request, outcome))
            } else {
                dropFirst(wasReplied: false)
            }
        }
        return decided
    }

    private mutating func take(_ request: Request, _ outcome: EchoFact.Outcome) -> DecidedEcho {
        let echo = DecidedEcho(
            index: firstIndex, sentAt: request.sentAt, outcome: outcome, roundTrip: request.roundTrip,
            hopLimit: request.hopLimit, duplicates: request.duplicates + strayDuplicates, isLate: request.isLate,
            isKernelStamped: request.isKernelStamped, foreignReplies: foreignReplies)
        strayDuplicates = 0
        foreignReplies = 0
        dropFirst(wasReplied: outcome == .replied)
        return echo
    }

    private mutating func dropFirst(wasReplied: Bool) {
        if !wasReplied { unansweredBefore.insert(firstIndex) }
        if !unansweredBefore.isEmpty { unansweredBefore.remove(firstIndex - Self.mostUndecided) }
        firstIndex += 1
        taken += 1
        // Dropping from the front of an array costs its length: do it once in a while.
        guard taken >= 1024 || taken == requests.count else { return }
        requests.removeFirst(taken)
        taken = 0
    }

    // MARK: Sequence numbers

    /// Of the requests taken lately, those that had no reply: as a rule the fewer.
    private var unansweredBefore: Set<Int> = []

    private func sequence(at position: Int) -> UInt16 { UInt16(truncatingIfNeeded: firstIndex + position - taken) }

    /// Where in `requests` the one with this number is; nil when it was taken or never sent.
    private func position(of sequence: UInt16) -> Int? {
        let ahead = Int(sequence &- UInt16(truncatingIfNeeded: firstIndex))
        return ahead < requests.count - taken ? taken + ahead : nil
    }

    private func wasRepliedTo(_ sequence: UInt16) -> Bool {
        let behind = Int(UInt16(truncatingIfNeeded: firstIndex) &- sequence)
        return (1...Self.mostUndecided).contains(behind) && behind <= firstIndex
            && !unansweredBefore.contains(firstIndex - behind)
    }
}

/// One echo request of which it is known what became of it.
package struct DecidedEcho: Hashable, Sendable {
    package let index: Int
    package let sentAt: Instant
    package let outcome: EchoFact.Outcome
    package let roundTrip: Duration?
    package let hopLimit: Int?
    package let duplicates: Int
    package let isLate: Bool
    package let isKernelStamped: Bool
    package let foreignReplies: Int
}
