import CLinux
import Glibc
import NetValues
import Observations
import ProbeKit

/// What a transfer came to, interval by interval. Of the transfer's own thread.
struct BulkLedger {
    private let sockets: [OwnedSocket]
    private let course: BulkCourse
    private let isStream: Bool
    /// The first byte, from which the course counts; nil as long as a receiver waits for it.
    private(set) var begin: Instant?
    private var intervalStart: Instant?
    private var intervals: [ThroughputFact.Interval] = []
    private var counted = 0
    private var retransmitted = 0
    private let start = OwnThread.processorTime
    private let waitAtStart = OwnThread.processorWait
    var streams: [BulkOutcome.Stream]
    var total = 0

    private static let mostIntervals = 100_000

    init(_ sockets: [OwnedSocket], _ course: BulkCourse, isStream: Bool) {
        self.sockets = sockets
        self.course = course
        self.isStream = isStream
        streams = Array(repeating: BulkOutcome.Stream(), count: sockets.count)
    }

    mutating func begin(at now: Instant) {
        guard begin == nil else { return }
        begin = now
        intervalStart = now
    }

    var end: Instant? { begin.map { $0 + course.span } }

    /// When something is to be written down, be it that nothing happens.
    var nextTick: Instant? { intervalStart.map { $0 + course.interval } }

    private var isSender: Bool { course.role == .send && isStream }

    mutating func tick(at now: Instant) {
        guard let nextTick, now >= nextTick, intervals.count < Self.mostIntervals else { return }
        note(until: now)
    }

    private mutating func note(until now: Instant) {
        guard let begin, let intervalStart, now > intervalStart else { return }
        let states = isSender ? sockets.compactMap(\.transferState) : []
        let bytes = isSender ? states.reduce(0) { $0 + $1.acknowledged } : total
        let retransmits = states.reduce(0) { $0 + $1.retransmits }
        let trips = states.compactMap(\.roundTrip)
        let interval = ThroughputFact.Interval(
            start: intervalStart - begin, span: now - intervalStart, bytes: max(0, bytes - counted),
            retransmits: isSender ? max(0, retransmits - retransmitted) : nil,
            roundTrip: trips.isEmpty ? nil : trips.reduce(.zero, +) / trips.count)
        intervals.append(interval)
        counted = bytes
        retransmitted = retransmits
        self.intervalStart = now
        course.told(interval)
    }

    /// Of streams: nothing that was written is on its way any more.
    var isAllAcknowledged: Bool { sockets.allSatisfy { $0.isAcknowledged ?? true } }

    mutating func outcome(_ end: BulkOutcome.End, at now: Instant) -> BulkOutcome {
        // A rest of less than half an interval says little of its rate.
        if let intervalStart, intervals.isEmpty || now - intervalStart >= course.interval / 2 { note(until: now) }
        let used = OwnThread.processorTime
        let wait = waitAtStart.flatMap { start in OwnThread.processorWait.map { max(.zero, $0 - start) } }
        let states = isSender ? sockets.map(\.transferState) : []
        for (index, state) in states.enumerated() {
            streams[index].retransmits = state?.retransmits
            // The peer ended it: what still waits in the send queue was not sent in time.
            if end == .halted, let state, state.info.has_bytes != 0 {
                streams[index].bytes = min(streams[index].bytes, state.acknowledged)
            }
        }
        let known = states.compactMap(\.self)
        return BulkOutcome(
            end: end, span: begin.map { now - $0 } ?? .zero, streams: streams, intervals: intervals,
            acknowledged: known.isEmpty ? nil : known.reduce(0) { $0 + $1.acknowledged },
            sender: known.isEmpty ? nil : ThroughputFact.SenderState(known, control: sockets.first?.congestionControl),
            userTime: used.user - start.user, systemTime: used.system - start.system, processorWait: wait)
    }
}

/// TCP_INFO of one sending stream.
private struct TransferState {
    let info: leadsman_tcp_info

    var acknowledged: Int { info.has_bytes != 0 ? max(0, Int(clamping: info.bytes_acked) - 1) : 0 }
    var retransmits: Int { Int(info.total_retrans) }
    var roundTrip: Duration? { info.rtt_us > 0 ? .microseconds(Int64(info.rtt_us)) : nil }
    var leastRoundTrip: Duration? {
        info.has_min_rtt != 0 && info.min_rtt_us > 0 && info.min_rtt_us < .max
            ? .microseconds(Int64(info.min_rtt_us)) : nil
    }
}

extension OwnedSocket {
    fileprivate var transferState: TransferState? {
        var info = leadsman_tcp_info()
        return leadsman_tcp_info(descriptor, &info) == 0 ? TransferState(info: info) : nil
    }

    /// TCP_CONGESTION (tcp(7)): its name has at most 15 characters.
    private static let congestion: Int32 = 13

    var congestionControl: String? {
        var name = [UInt8](repeating: 0, count: 16)
        var length = socklen_t(name.count)
        guard getsockopt(descriptor, Int32(IPPROTO_TCP), Self.congestion, &name, &length) == 0 else { return nil }
        let text = String(decoding: name.prefix(Int(length)).prefix { $0 != 0 }, as: UTF8.self)
        return text.isEmpty ? nil : text
    }

    package func setCongestionControl(_ name: String) throws(SystemCallFailure) {
        let bytes = Array(name.utf8)
        guard setsockopt(descriptor, Int32(IPPROTO_TCP), Self.congestion, bytes, socklen_t(bytes.count)) == 0 else {
            throw SystemCallFailure("setsockopt(TCP_CONGESTION)")
        }
    }
}

extension ThroughputFact.SenderState {
    fileprivate init(_ states: [TransferState], control: String?) {
        self.init(retransmits: states.reduce(0) { $0 + $1.retransmits })
        let segments = states.reduce(0) { $0 + Int($1.info.data_segs_out) }
        self.segments = segments > 0 ? segments : nil
        roundTrip = states.compactMap(\.roundTrip).max()
        leastRoundTrip = states.compactMap(\.leastRoundTrip).min()
        congestionWindow = states.reduce(0) { $0 + Int($1.info.snd_cwnd) }
        segmentSize = states.first.map { Int($0.info.snd_mss) }
        let rate = states.reduce(0.0) { $0 + Double($1.info.delivery_rate) * 8 }
        deliveryRate = rate > 0 ? Int(min(rate, 1e15)) : nil
        congestionControl = control
        guard states.allSatisfy({ $0.info.has_times != 0 }) else { return }
        func sum(_ pick: (leadsman_tcp_info) -> UInt64) -> Duration {
            .microseconds(Int64(clamping: states.reduce(0) { $0 &+ pick($1.info) }))
        }
        busy = sum(\.busy_us)
        windowLimited = sum(\.rwnd_limited_us)
        bufferLimited = sum(\.sndbuf_limited_us)
    }
}
