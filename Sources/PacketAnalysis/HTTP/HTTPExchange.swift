import NetValues
import Observations
import Wire

/// The requests and responses of one HTTP/1 connection.
struct HTTPExchange: StreamExchange {
    static let stage = ApplicationMark.Stage.http

    private struct Outstanding {
        /// In the list of exchanges, when it is listed.
        let record: Int?
        let method: String
        /// When its last byte so far was sent.
        var sentAt: Int64
    }

    private static let mostOutstanding = 64

    private let a: PacketEndpoint
    private let b: PacketEndpoint
    /// Of the first request, without a port.
    private(set) var name: String?
    private(set) var isClientA: Bool?
    /// In order: responses come in the order of the requests (RFC 9112 section 9.3.2).
    private var outstanding: [Outstanding] = []
    /// What follows is no HTTP/1: a tunnel, another protocol, or we lost it.
    private(set) var isOver = false

    init(a: PacketEndpoint, b: PacketEndpoint) {
        self.a = a
        self.b = b
    }

    mutating func take(
        _ event: HTTPStreamReader.Event, from reader: inout HTTPStreamReader, isFromA: Bool, at moment: PacketMoment,
        _ books: inout HTTPBooks
    ) {
        switch event {
        case .request(let request):
            guard isClientA ?? isFromA == isFromA else { return end(&books) }
            isClientA = isFromA
            begin(request, moment, &books)
        case .response(let response):
            guard isClientA ?? !isFromA != isFromA else { return end(&books) }
            isClientA = !isFromA
            answer(response, &reader, moment, &books)
        case .end: end(&books)
        }
    }

    private mutating func begin(_ request: HTTPRequestStart, _ moment: PacketMoment, _ books: inout HTTPBooks) {
        let client = isClientA == true ? a : b
        let record = books.begin(request, client: client, server: isClientA == true ? b : a, moment)
        if name == nil { name = request.host.map(Self.withoutPort) }
        outstanding.append(Outstanding(record: record, method: request.method, sentAt: moment.time))
        if outstanding.count > Self.mostOutstanding { end(&books) }
    }

    private mutating func answer(
        _ response: HTTPResponseStart, _ reader: inout HTTPStreamReader, _ moment: PacketMoment,
        _ books: inout HTTPBooks
    ) {
        books.count(response.status)
        let isInterim = response.status < 200 && response.status != 101
        guard !isInterim, !outstanding.isEmpty else {
            if !reader.answer(to: nil) { end(&books) }
            return
        }
        let request = outstanding.removeFirst()
        books.answer(request.record, response.status, latency: moment.time &- request.sentAt)
        if !reader.answer(to: request.method) { end(&books) }
    }

    /// More of the request's body was sent: its latency counts from there.
    mutating func noteNewBytes(isFromA: Bool, at time: Int64) {
        guard isFromA == isClientA, !outstanding.isEmpty else { return }
        outstanding[outstanding.count - 1].sentAt = time
    }

    /// What answers what is in doubt from here on.
    mutating func lose(isFromA: Bool, _ books: inout HTTPBooks) {
        if isFromA != isClientA { abandon(&books) }
    }

    /// Bodies may hold start lines: a request is believed when none waits for its answer, and a response when one does.
    func mayResume(isFromA: Bool) -> Bool {
        guard let isClientA else { return true }
        return isFromA == isClientA ? outstanding.isEmpty : !outstanding.isEmpty
    }

    mutating func abandon(_ books: inout HTTPBooks) {
        books.settle(outstanding.count)
        outstanding = []
    }

    private mutating func end(_ books: inout HTTPBooks) {
        isOver = true
        abandon(&books)
    }

    private static func withoutPort(_ host: String) -> String {
        guard let colon = host.utf8.lastIndex(of: 0x3a),
            host.utf8[colon...].dropFirst().allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
        else { return host }
        return String(host[..<colon])
    }
}

/// What is counted over all connections.
struct HTTPBooks {
    private var tally = HTTPTally()
    private(set) var unlisted = 0
    /// Requests that were answered, and those of which it cannot be known.
    private var settled = 0
    private var latencies = LatencyHistogram()
    private let mostListed: Int

    init(_ settings: AnalysisSettings) {
        mostListed = settings.mostTransactions
    }

    mutating func begin(
        _ request: HTTPRequestStart, client: PacketEndpoint, server: PacketEndpoint, _ moment: PacketMoment
    ) -> Int? {
        tally.requests += 1
        guard tally.exchanges.count < mostListed else {
            unlisted += 1
            return nil
        }
        tally.exchanges.append(
            HTTPTransaction(
                frame: moment.frame, at: WallTime(nanoseconds: moment.time), client: client, server: server,
                method: request.method, host: request.host, path: request.path,
                carriesCredentials: request.carriesCredentials))
        return tally.exchanges.count - 1
    }

    mutating func count(_ status: Int) {
        tally.responses += 1
        tally.statuses[status, default: 0] += 1
    }

    /// - Parameter latency: in nanoseconds; negative where the capture's clock was set back, and then left out.
    mutating func answer(_ record: Int?, _ status: Int, latency: Int64) {
        settled += 1
        if latency >= 0 { latencies.add(nanoseconds: latency) }
        guard let record else { return }
        tally.exchanges[record].status = status
        if latency >= 0 { tally.exchanges[record].latency = .nanoseconds(latency) }
    }

    mutating func settle(_ count: Int) { settled += count }

    var summary: HTTPTally {
        var summary = tally
        summary.unanswered = max(0, tally.requests - settled)
        summary.latency = latencies.spread
        return summary
    }
}
