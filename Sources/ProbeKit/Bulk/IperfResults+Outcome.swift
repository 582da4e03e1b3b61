import NetValues
import Observations
import Wire

extension IperfResults {
    /// What this side tells of a transfer.
    package init(_ outcome: BulkOutcome, isSender: Bool, transport: ThroughputFact.Transport) {
        self.init()
        let seconds = outcome.span.milliseconds / 1000
        func percent(_ span: Duration) -> Double { outcome.span > .zero ? span / outcome.span * 100 : 0 }
        processor = percent(outcome.userTime + outcome.systemTime)
        userProcessor = percent(outcome.userTime)
        systemProcessor = percent(outcome.systemTime)
        sendsRetransmits = isSender && transport == .tcp
        congestion = outcome.sender?.congestionControl
        isLeadsman = true
        streams = outcome.streams.enumerated().map { index, stream in
            var told = Stream(
                id: Self.id(ofStream: index), bytes: stream.bytes,
                retransmits: isSender && transport == .tcp ? stream.retransmits : nil, end: seconds)
            if transport == .udp {
                told.packets = isSender ? stream.tally.sent : stream.tally.expected
                told.errors = isSender ? 0 : stream.tally.lost
                told.jitter = isSender ? 0 : stream.tally.jitter.milliseconds / 1000
            }
            return told
        }
        var trace = SenderTrace()
        func microseconds(_ span: Duration?) -> Int { Int((span ?? .zero).nanoseconds / 1000) }
        if isSender, let sender = outcome.sender {
            trace.segments = sender.segments ?? 0
            trace.roundTrip = microseconds(sender.roundTrip)
            trace.leastRoundTrip = microseconds(sender.leastRoundTrip)
            trace.busy = microseconds(sender.busy)
            trace.windowLimited = microseconds(sender.windowLimited)
            trace.bufferLimited = microseconds(sender.bufferLimited)
            trace.segmentSize = sender.segmentSize ?? 0
        }
        if !isSender {
            trace.late = outcome.streams.reduce(0) { $0 + $1.tally.late }
            trace.copies = outcome.streams.reduce(0) { $0 + $1.tally.copies }
        }
        self.trace = trace
    }

    /// From and until when the streams ran, at this side.
    package var span: Duration? {
        guard let start = streams.map(\.start).min(), let end = streams.map(\.end).max(), end > start else {
            return nil
        }
        return .nanoseconds(Int64((end - start) * 1e9))
    }

    package var bytes: Int { streams.reduce(0) { $0.addingReportingOverflow($1.bytes).partialValue } }

    /// Of the peer that sends; nil where it does not tell.
    package var senderState: ThroughputFact.SenderState? {
        guard sendsRetransmits else { return nil }
        let known = streams.compactMap(\.retransmits)
        guard !known.isEmpty else { return nil }
        var state = ThroughputFact.SenderState(retransmits: known.reduce(0) { $0 &+ $1 })
        state.congestionControl = congestion
        guard let trace else { return state }
        func span(_ microseconds: Int) -> Duration? { microseconds > 0 ? .microseconds(Int64(microseconds)) : nil }
        state.segments = trace.segments > 0 ? trace.segments : nil
        state.roundTrip = span(trace.roundTrip)
        state.leastRoundTrip = span(trace.leastRoundTrip)
        state.busy = span(trace.busy)
        state.windowLimited = .microseconds(Int64(trace.windowLimited))
        state.bufferLimited = .microseconds(Int64(trace.bufferLimited))
        state.segmentSize = trace.segmentSize > 0 ? trace.segmentSize : nil
        return state
    }
}
