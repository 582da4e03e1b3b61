import NetValues
import Observations
import Planning

/// The limit for TCP's own packets, on the way out and, where the peer has something to say, on the way back.
package struct SegmentSearch: Sendable {
    private let context: ProbeContext
    private let endpoint: Endpoint
    private let hints: [Int]
    private let patience: Duration
    private let deadline: Instant

    /// Connections at once.
    private static let width = 4
    /// A size that every way takes (RFC 9293 section 3.7.1, RFC 8200 section 5): to hear how much the peer has to say.
    private var surePacket: Int { endpoint.address.family == .v4 ? 576 : 1280 }

    /// The smallest that Linux lets be announced (TCP_MIN_MSS).
    private static let leastSegment = 88

    package init(_ context: ProbeContext, to endpoint: Endpoint, hints: [Int], patience: Duration, deadline: Instant) {
        self.context = context
        self.endpoint = endpoint
        self.hints = hints
        self.patience = patience
        self.deadline = deadline
    }

    /// Our own segments.
    package func out(smallest: Int, largest: Int) async throws(ProbeInterruption) -> PathMTUFact {
        try await search(session(nil), .out, smallest, largest, patience: patience)
    }

    /// Those of which the peer makes its answer; nil where none comes.
    package func back(
        smallest: Int, largest: Int, _ speech: @escaping SegmentSession.Speech
    ) async throws(ProbeInterruption) -> PathMTUFact? {
        let start = context.time.now()
        // How long the peer thinks before it answers is not known yet.
        let end = min(deadline, start + max(patience, .nanoseconds((deadline - start).nanoseconds / 3)))
        let attempt = try await context.capabilities.segments.connect(
            to: endpoint, source: context.check.source, largestPacket: max(smallest, surePacket), deadline: end)
        guard let stream = attempt.stream, let tcp = attempt.fact.tcp else { return nil }
        let headers = tcp.packetSize(endpoint.address.family) - tcp.mss
        let answer: SegmentSession.Answer
        do throws(ProbeInterruption) {
            answer = try await speech(stream, largest - headers, end)
        } catch {
            await stream.close()
            throw error
        }
        await stream.close()
        // One that is shorter than asked for may be shorter still the next time.
        let count = answer.bytes >= largest - headers ? answer.bytes : answer.bytes - Self.variation
        let most = min(largest, count + headers)
        guard answer.isWhole, most > 0 else { return nil }
        if most <= Self.telling { return fact(mostThatCame: answer.bytes + headers, since: start) }
        return try await search(
            session(speech), .back, smallest, most, patience: max(patience, (context.time.now() - start) * 2))
    }

    /// Of an answer that fills no packet: that it came is all that is known of the way back.
    private func fact(mostThatCame size: Int, since start: Instant) -> PathMTUFact {
        PathMTUFact(
            destination: endpoint, carrier: .tcp, direction: .back, ending: .whole,
            trials: [PathMTUFact.Trial(size: size, outcome: .passed)], largestPassed: size, smallestLost: nil,
            elapsed: context.time.now() - start)
    }

    /// By which answers to the same question differ: signatures (ECDSA) and dates have no fixed length.
    private static let variation = 32
    /// An answer of no more fills no packet that is worth a word.
    private static let telling = 1152

    private func session(_ speech: SegmentSession.Speech?) -> SegmentSession {
        SegmentSession(
            context.capabilities.segments, to: endpoint, source: context.check.source, time: context.time,
            speech: speech)
    }

    private func search(
        _ session: SegmentSession, _ direction: PathMTUFact.Direction, _ smallest: Int, _ largest: Int,
        patience: Duration
    ) async throws(ProbeInterruption) -> PathMTUFact {
        let smallest = max(smallest, Self.leastSegment + (endpoint.address.family == .v4 ? 40 : 60))
        var search = PathMTUSearch(
            session, PathRequest(destination: endpoint, carrier: .tcp, source: context.check.source),
            PathMTUSearch.Settings(
                smallest: smallest, largest: largest, hints: hints, width: Self.width, patience: patience,
                locates: false, direction: direction),
            time: context.time, deadline: deadline)
        return try await search.run()
    }
}
