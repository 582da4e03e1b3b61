import NetValues
import Observations
import Wire

/// DNS in a capture, counted by the rules of tshark 4.0 (epan/dissectors/packet-dns.c): conversation and id make a transaction; a question
/// within five seconds of an unanswered one is that one again; an answer whose question was not seen is unsolicited. Unlike
/// tshark, it counts by the header alone what the capture cut.
struct DNSAnalysis {
    private var table: DNSTransactionTable
    private var streams = RecentMap<StreamKey, DNSStream>(capacity: 1024)
    private var servers = DNSServers()
    private(set) var names = NamesByAddress()
    private var tally = DNSTally()
    private var latency = LatencyHistogram()
    private var rcodes: [DNSRcode: Int] = [:]
    private var answered = 0
    private var lastTime: Int64 = .min

    private struct StreamKey: Hashable {
        let flow: Int
        let isFromA: Bool
    }

    /// tshark's preference `dns.retransmission_timer`, in nanoseconds.
    private static let retransmissionTime: Int64 = 5_000_000_000

    /// No resolver asks again as soon as this: packets without identification are not known as copies otherwise.
    private static let copyTime: Int64 = 10_000_000

    init(_ settings: AnalysisSettings) {
        table = DNSTransactionTable(listed: settings.mostTransactions)
    }

    /// A UDP datagram, whatever its ports.
    /// - Parameter payload: as captured.
    /// - Returns: What it is, when it is DNS.
    mutating func takeDatagram(_ context: PayloadContext, _ payload: Span<UInt8>) -> FlowRecord.Application? {
        switch DNSPort(context) {
        case .dns:
            take(context, payload, isWhole: payload.count >= context.length, .udp)
            return .dns
        case .multicast:
            countApart(payload, \.multicastQueries, \.multicastResponses)
            return .mdns
        case .multicastPortAlone:
            // OpenShift's DNS pods answer on this port; so do responders to questions of old, which went to the group (RFC 6762 section 6.7).
            guard let header = DNSHeader(payload), !header.isResponse || isAsked(context, header) else {
                countApart(payload, \.multicastQueries, \.multicastResponses)
                return .mdns
            }
            take(context, payload, isWhole: payload.count >= context.length, .udp)
            return .dns
        case .linkLocal:
            countApart(payload, \.linkLocalQueries, \.linkLocalResponses)
            return nil
        case .netBIOS: return nil
        case .other: return takeElsewhere(context, payload)
        }
    }

    /// Whether a segment may carry DNS (RFC 7766).
    static func isOnPort(_ source: UInt16, _ destination: UInt16) -> Bool { source == 53 || destination == 53 }

    /// A segment of a TCP connection, with payload.
    ///
    /// - Returns: What it is, when it is DNS.
    mutating func takeSegment(_ context: PayloadContext, _ payload: Span<UInt8>) -> FlowRecord.Application? {
        guard let position = context.stream, Self.isOnPort(context.source.port, context.destination.port) else {
            return nil
        }
        let key = StreamKey(flow: context.flow, isFromA: context.isFromA)
        var stream = streams.remove(key) ?? DNSStream()
        let malformed = stream.malformed
        let messages = stream.take(sequence: position.offset, payload, length: context.length)
        tally.malformed += stream.malformed - malformed
        streams.set(key, stream)
        for message in messages { take(context, message.bytes.span, isWhole: message.isWhole, .tcp) }
        return .dns
    }

    /// A resolver on another port: only what is surely a question, and answers to those.
    private mutating func takeElsewhere(
        _ context: PayloadContext, _ payload: Span<UInt8>
    ) -> FlowRecord.Application? {
        guard let header = DNSHeader(payload) else { return nil }
        if header.isResponse {
            guard header.opcode == 0, header.questions <= 1, isAsked(context, header) else { return nil }
        } else {
            guard header.looksLikeQuery, let outline = DNSOutline(payload, readsAnswers: false),
                outline.completeness == .whole, [1, 3, 255].contains(outline.recordClass), outline.name != "."
            else { return nil }
        }
        take(context, payload, isWhole: payload.count >= context.length, .udp)
        return .dns
    }

    private func isAsked(_ context: PayloadContext, _ header: DNSHeader) -> Bool {
        table.find(.init(flow: context.flow, id: header.id)) != nil
    }

    private mutating func countApart(
        _ payload: Span<UInt8>, _ queries: WritableKeyPath<DNSTally, Int>, _ responses: WritableKeyPath<DNSTally, Int>
    ) {
        guard let header = DNSHeader(payload) else { return }
        tally[keyPath: header.isResponse ? responses : queries] += 1
    }

    private mutating func take(
        _ context: PayloadContext, _ message: Span<UInt8>, isWhole: Bool, _ transport: DNSTransaction.Transport
    ) {
        lastTime = max(lastTime, context.frame.time)
        guard let header = DNSHeader(message) else {
            if isWhole { tally.malformed += 1 }
            return
        }
        let number = table.find(.init(flow: context.flow, id: header.id))
        if header.isResponse {
            takeResponse(context, header, message, isWhole: isWhole, number)
        } else {
            takeQuery(context, header, message, isWhole: isWhole, transport, number)
        }
    }

    private mutating func takeQuery(
        _ context: PayloadContext, _ header: DNSHeader, _ message: Span<UInt8>, isWhole: Bool,
        _ transport: DNSTransaction.Transport, _ number: Int?
    ) {
        if let number, !table[number].isAnswered,
            context.frame.time &- table[number].time < Self.retransmissionTime
        {
            countAgain(number, context)
            return
        }
        tally.queries += 1
        let outline = outline(message, isWhole: isWhole, readsAnswers: false)
        table.add(
            .init(
                key: .init(flow: context.flow, id: header.id), frame: context.frame.number, time: context.frame.time,
                lastTime: context.frame.time, client: context.source, server: context.destination, transport: transport,
                name: outline?.name ?? "",
                type: outline?.type ?? DNSType(rawValue: 0), serverIndex: servers.countQuery(context.destination)))
    }

    private mutating func countAgain(_ number: Int, _ context: PayloadContext) {
        tally.retransmitted += 1
        if context.isCopy || context.frame.time &- table[number].lastTime < Self.copyTime {
            tally.copies += 1
        } else {
            table[number].repeats += 1
        }
        table[number].lastTime = context.frame.time
    }

    private mutating func takeResponse(
        _ context: PayloadContext, _ header: DNSHeader, _ message: Span<UInt8>, isWhole: Bool, _ number: Int?
    ) {
        guard let number else {
            tally.unsolicited += 1
            return
        }
        guard !table[number].isAnswered else {
            if table[number].hasManyAnswers { tally.responses += 1 } else { tally.repeatedResponses += 1 }
            return
        }
        let outline = outline(message, isWhole: isWhole, readsAnswers: true)
        let rcode = outline?.rcode ?? header.rcode
        let time = context.frame.time &- table[number].time
        table[number].isAnswered = true
        table[number].rcode = rcode
        table[number].latency = time
        table[number].isTruncated = header.isTruncated
        table.keep(answers: outline?.answers ?? [], of: number)
        tally.responses += 1
        answered += 1
        rcodes[rcode, default: 0] += 1
        if header.isTruncated { tally.truncated += 1 }
        latency.add(nanoseconds: time)
        servers.countAnswer(table[number].serverIndex, rcode, nanoseconds: time)
        for address in outline?.addresses ?? [] { names.learn(PacketAddress(address), outline?.name ?? "") }
    }

    private mutating func outline(_ message: Span<UInt8>, isWhole: Bool, readsAnswers: Bool) -> DNSOutline? {
        let outline = DNSOutline(message, readsAnswers: readsAnswers)
        if let outline, outline.completeness != .whole {
            // A truncated answer may end anywhere; a cut message is not its sender's fault.
            let mayEnd = outline.completeness == .cutShort && (!isWhole || outline.header.isTruncated)
            if !mayEnd { tally.malformed += 1 }
        }
        return outline
    }

    func fill(_ summary: inout PacketSummary) {
        var tally = tally
        tally.unanswered = tally.queries - answered
        let end = max(lastTime, summary.lastAt?.nanoseconds ?? .min)
        tally.unansweredAtEnd = table.unanswered(within: Self.retransmissionTime, of: end)
        for (rcode, count) in rcodes { tally.rcodes[rcode.description, default: 0] += count }
        tally.latency = latency.spread
        tally.servers = servers.tallies()
        tally.transactions = table.transactions()
        summary.dns = tally
        summary.limits.unlistedTransactions += table.count - tally.transactions.count
    }
}

/// What the ports of a datagram say.
private enum DNSPort {
    case dns, multicast, multicastPortAlone, linkLocal, netBIOS, other

    init(_ context: PayloadContext) {
        let (source, destination) = (context.source.port, context.destination.port)
        switch (source, destination) {
        case (53, _), (_, 53): self = .dns
        case (5353, 5353): self = .multicast
        case (_, 5353): self = context.destination.address.isMulticast ? .multicast : .multicastPortAlone
        case (5353, _): self = .multicastPortAlone
        case (5355, _), (_, 5355): self = .linkLocal
        // NetBIOS names (RFC 1002 section 4.2) look the same and are not.
        case (137, _), (_, 137): self = .netBIOS
        default: self = .other
        }
    }
}
