import NetValues
import Observations
import ProbeKit
import Wire

/// The streams of a test on the server's side: those that the client fills, those that are filled for it, or both at once (--bidir).
struct IperfServerTransfer: Sendable {
    private let incoming: BulkSockets?
    private let outgoing: BulkSockets?
    private let parameters: IperfParameters
    private let limits: IperfServer.Limits
    /// The client ends it; a little later we do.
    let span: Duration

    struct Outcome: Sendable {
        var received: BulkOutcome?
        var sent: BulkOutcome?
    }

    /// - Parameter sockets: as the client opened them: of a test both ways it first fills as many as it is filled.
    init(_ sockets: [OwnedSocket], _ parameters: IperfParameters, _ limits: IperfServer.Limits) {
        let transport: ThroughputFact.Transport = parameters.isUDP ? .udp : .tcp
        let filled = parameters.isBothWays ? sockets.count / 2 : parameters.isReverse ? 0 : sockets.count
        incoming = filled > 0 ? BulkSockets(Array(sockets.prefix(filled)), transport) : nil
        outgoing = filled < sockets.count ? BulkSockets(Array(sockets.dropFirst(filled)), transport) : nil
        self.parameters = parameters
        self.limits = limits
        let asked = parameters.seconds > 0 ? Duration.seconds(parameters.seconds + parameters.omit + 5) : limits.span
        span = min(asked, limits.span + .seconds(2))
    }

    func run() async throws -> Outcome {
        async let sending = Self.run(outgoing, course(.send))
        let received = try await Self.run(incoming, course(.receive))
        // Beyond the limits, or without a client: the other way ends with it.
        if let received, received.end != .halted { outgoing?.halt() }
        return Outcome(received: received, sent: try await sending)
    }

    private static func run(
        _ sockets: BulkSockets?, _ course: BulkCourse
    ) async throws(ProbeInterruption) -> BulkOutcome? {
        try await sockets?.run(course)
    }

    private func course(_ role: BulkCourse.Role) -> BulkCourse {
        let isSender = role == .send
        // A client of UDP counts what came, and waits for more in place of what was lost.
        let isCounted = isSender && !parameters.isUDP && parameters.bytes > 0
        let wanted = isCounted ? parameters.bytes : limits.bytes
        return BulkCourse(
            role: role, span: span, bytes: min(wanted, limits.bytes),
            rate: isSender && parameters.rate > 0
                ? parameters.rate.multipliedReportingOverflow(by: parameters.streams).partialValue : nil,
            length: parameters.length, isWide: parameters.hasWideCounters)
    }

    func halt() {
        incoming?.halt()
        outgoing?.halt()
    }

    func close() {
        incoming?.close()
        outgoing?.close()
    }
}

extension IperfServerTransfer.Outcome {
    /// The client went on beyond what this server allows.
    var isBeyondLimits: Bool { received.map { $0.end == .bytes || $0.end == .span } ?? false }

    /// What is told to the client, the streams in its own order.
    func results(_ parameters: IperfParameters) -> IperfResults {
        let transport: ThroughputFact.Transport = parameters.isUDP ? .udp : .tcp
        let parts = [
            received.map { IperfResults($0, isSender: false, transport: transport) },
            sent.map { IperfResults($0, isSender: true, transport: transport) },
        ].compactMap(\.self)
        guard var results = parts.first else { return IperfResults() }
        for more in parts.dropFirst() {
            results.processor += more.processor
            results.userProcessor += more.userProcessor
            results.systemProcessor += more.systemProcessor
            results.sendsRetransmits = results.sendsRetransmits || more.sendsRetransmits
            results.congestion = results.congestion ?? more.congestion
            results.streams += more.streams
        }
        for index in results.streams.indices { results.streams[index].id = IperfResults.id(ofStream: index) }
        return results
    }
}
