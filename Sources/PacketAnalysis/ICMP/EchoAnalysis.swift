import NetValues
import Observations
import Wire

/// Echo requests and their replies, matched by addresses, identifier and sequence number. As with tshark, a request with the same
/// numbers as an earlier one takes its place. What the capture saw of one packet at several places counts once.
struct EchoAnalysis {
    private var requests = 0
    private var replies = 0
    private var answered = 0
    private var unsolicited = 0
    private var latency = LatencyHistogram()
    private var pending = RecentMap<Key, Request>(capacity: 1 << 15)
    private var series: [Series] = []
    private var places: [SeriesKey: Int] = [:]
    /// Requests that belong to no series that is kept.
    private(set) var unlisted = 0

    private static let mostSeries = 1000

    private struct SeriesKey: Hashable {
        let source: PacketAddress
        let destination: PacketAddress
        let identifier: UInt16
    }

    private struct Key: Hashable {
        let series: SeriesKey
        let sequence: UInt16
    }

    private struct Request {
        let time: Int64
        let sighting: Sighting
        let series: Int?
        /// Of its series, from 1.
        let number: Int
        var reply: Sighting?
    }

    private struct Series {
        var record: EchoSeriesRecord
        /// The latest request that has a reply.
        var lastAnswered = 0

        mutating func answer(_ request: Request, nanoseconds: Int64) {
            record.replies += 1
            let latency = Duration.nanoseconds(nanoseconds)
            record.fastest = min(record.fastest ?? latency, latency)
            record.slowest = max(record.slowest ?? latency, latency)
            guard request.number > lastAnswered else {
                record.late += 1
                return
            }
            record.longestSilence = max(record.longestSilence, request.number - lastAnswered - 1)
            lastAnswered = request.number
        }

        var finished: EchoSeriesRecord {
            var record = record
            record.longestSilence = max(record.longestSilence, record.requests - lastAnswered)
            return record
        }
    }

    mutating func takeRequest(_ context: PayloadContext, _ message: Span<UInt8>) {
        guard let echo = EchoNumbers(message) else { return }
        let key = Key(
            series: SeriesKey(
                source: context.packet.source, destination: context.packet.destination, identifier: echo.identifier),
            sequence: echo.sequence)
        let sighting = Sighting(context.packet, in: context.frame, checksum: echo.checksum)
        if let earlier = pending.value(of: key), sighting.isCopy(of: earlier.sighting) { return }
        requests += 1
        let place = place(of: key.series)
        var number = 0
        if let place {
            series[place].record.requests += 1
            number = series[place].record.requests
        } else {
            unlisted += 1
        }
        pending.set(key, Request(time: context.frame.time, sighting: sighting, series: place, number: number))
    }

    mutating func takeReply(_ context: PayloadContext, _ message: Span<UInt8>) {
        guard let echo = EchoNumbers(message) else { return }
        let key = Key(
            series: SeriesKey(
                source: context.packet.destination, destination: context.packet.source, identifier: echo.identifier),
            sequence: echo.sequence)
        let sighting = Sighting(context.packet, in: context.frame, checksum: echo.checksum)
        guard var request = pending.value(of: key) else {
            replies += 1
            unsolicited += 1
            return
        }
        if let earlier = request.reply {
            guard !sighting.isCopy(of: earlier) else { return }
            replies += 1
            if let place = request.series { series[place].record.duplicates += 1 }
            return
        }
        replies += 1
        answered += 1
        request.reply = sighting
        pending.set(key, request)
        let time = context.frame.time &- request.time
        latency.add(nanoseconds: time)
        if let place = request.series { series[place].answer(request, nanoseconds: time) }
    }

    private mutating func place(of key: SeriesKey) -> Int? {
        if let place = places[key] { return place }
        guard series.count < Self.mostSeries else { return nil }
        places[key] = series.count
        series.append(
            Series(
                record: EchoSeriesRecord(
                    source: key.source, destination: key.destination, identifier: key.identifier)))
        return series.count - 1
    }

    func fill(_ tally: inout ICMPTally) {
        tally.echoRequests = requests
        tally.echoReplies = replies
        tally.unanswered = requests - answered
        tally.unsolicited = unsolicited
        tally.echoLatency = latency.spread
        tally.series = series.map(\.finished)
    }
}

/// The header of an echo or its reply (RFC 792 page 14).
private struct EchoNumbers {
    let checksum: UInt16
    let identifier: UInt16
    let sequence: UInt16

    init?(_ message: Span<UInt8>) {
        guard message.count >= 8 else { return nil }
        checksum = Self.word(message, 2)
        identifier = Self.word(message, 4)
        sequence = Self.word(message, 6)
    }

    private static func word(_ message: Span<UInt8>, _ at: Int) -> UInt16 {
        UInt16(message[at]) << 8 | UInt16(message[at + 1])
    }
}

/// A packet at a place of the capture. A capture on several interfaces (`any`, a bridge, a tunnel and what it carries) sees one packet
/// more than once; a packet that the network doubled looks the same in every field that its path leaves alone.
private struct Sighting {
    let identification: UInt32
    let checksum: UInt16
    let time: Int64
    private let hopLimit: UInt8
    private let depth: UInt8
    private let interface: Int
    private let link: LinkHeader
    /// Cooked frames of the first version come from all interfaces, and do not say from which.
    private let isBlind: Bool

    private static let longest: Int64 = 1_000_000_000

    init(_ packet: NetworkPacket, in frame: CapturedFrame, checksum: UInt16) {
        identification = packet.identification
        self.checksum = checksum
        time = frame.time
        hopLimit = packet.hopLimit
        depth = packet.depth
        interface = frame.interface
        link = packet.link
        isBlind = frame.linkType == .linuxCooked
    }

    /// The same packet, seen a little later at another place.
    func isCopy(of other: Sighting) -> Bool {
        guard identification == other.identification, checksum == other.checksum, time &- other.time < Self.longest
        else {
            return false
        }
        return isBlind || hopLimit != other.hopLimit || depth != other.depth || interface != other.interface
            || link != other.link
    }
}
