import NetValues
import Observations
import Wire

/// ICMP and ICMPv6: echoes with their replies, and errors with the packets that they are about.
struct ICMPAnalysis {
    private var echoes = EchoAnalysis()
    /// By family, type and code.
    private var errors: [ErrorKind: Int] = [:]
    private var quotes: [ICMPErrorRecord] = []
    private var unlisted = 0
    private let listed: Int

    private struct ErrorKind: Hashable {
        let type: UInt8
        let code: UInt8
        let isV6: Bool

        var name: String { icmpErrorWords(type: type, code: code, isV6: isV6) }
    }

    /// Of an error, as much is looked at: RFC 4443 section 2.4 (c) lets it be 1280 bytes, of which headers alone matter.
    private static let mostBytes = 256

    init(_ settings: AnalysisSettings) {
        listed = settings.mostTransactions
    }

    /// - Parameter message: as captured, from its type on.
    /// - Returns: Of an error that quotes enough of a packet, what it says of which flow.
    mutating func take(_ context: PayloadContext, _ message: Span<UInt8>) -> ICMPErrorRecord? {
        guard message.count >= 4 else { return nil }
        let isV6 = context.packet.source.isIPv6
        switch (isV6, message[0]) {
        case (false, ICMPType.echoRequest), (true, ICMPv6Type.echoRequest):
            echoes.takeRequest(context, message)
            return nil
        case (false, ICMPType.echoReply), (true, ICMPv6Type.echoReply):
            echoes.takeReply(context, message)
            return nil
        case (false, ICMPType.redirect), (false, ICMPType.sourceQuench), (true, ICMPv6Type.redirect): break
        case (_, let type):
            guard ICMPError.isError(type: type, isV6 ? .v6 : .v4) else { return nil }
        }
        return takeError(context, message, isV6: isV6)
    }

    private mutating func takeError(
        _ context: PayloadContext, _ message: Span<UInt8>, isV6: Bool
    ) -> ICMPErrorRecord? {
        let kind = ErrorKind(type: message[0], code: message[1], isV6: isV6)
        errors[kind, default: 0] += 1
        var copy: [UInt8] = []
        copy.reserveCapacity(Self.mostBytes)
        for index in 0..<min(message.count, Self.mostBytes) { copy.append(message[index]) }
        let family: IPAddress.Family = isV6 ? .v6 : .v4
        guard let quoted = ICMPQuote(copy, family) else { return nil }
        let error = QuotedError(
            frame: context.frame.number, at: context.frame.wallTime, sender: context.packet.source, type: kind.type,
            code: kind.code,
            mtu: quoted.mtu, hopLimit: context.packet.hopLimit)
        let record = ICMPErrorRecord(
            error: error, name: kind.name, protocolNumber: quoted.protocolNumber, source: quoted.source,
            destination: quoted.destination, gateway: quoted.gateway)
        if quotes.count < listed { quotes.append(record) } else { unlisted += 1 }
        return record
    }

    func fill(_ summary: inout PacketSummary) {
        var tally = ICMPTally()
        echoes.fill(&tally)
        for (kind, count) in errors { tally.errors[kind.name, default: 0] += count }
        tally.quotes = quotes
        summary.icmp = tally
        summary.limits.unlistedTransactions += unlisted + echoes.unlisted
    }
}

/// The packet that an error or a redirect brings back.
private struct ICMPQuote {
    let protocolNumber: UInt8
    let source: PacketEndpoint
    let destination: PacketEndpoint
    let mtu: Int?
    let gateway: PacketAddress?

    /// Nil when addresses and protocol did not come back whole.
    init?(_ message: [UInt8], _ family: IPAddress.Family) {
        let type = message[0]
        var quote = 8
        switch (family, type) {
        case (.v4, ICMPType.redirect):
            gateway = IPAddress(bytes: message.dropFirst(4).prefix(4)).map(PacketAddress.init)
        case (.v6, ICMPv6Type.redirect):
            guard let offset = Self.redirectedHeader(message) else { return nil }
            quote = offset
            gateway = IPAddress(bytes: message.dropFirst(8).prefix(16)).map(PacketAddress.init)
        default: gateway = nil
        }
        if case .error(let error) = try? ICMPMessage(decoding: message[...], family) {
            mtu = error.mtu
        } else {
            mtu = nil
        }
        guard let packet = try? QuotedPacket(decoding: message.dropFirst(quote), family) else { return nil }
        protocolNumber = packet.protocolNumber
        let ports = Self.ports(packet)
        source = PacketEndpoint(PacketAddress(packet.source), ports.0)
        destination = PacketEndpoint(PacketAddress(packet.destination), ports.1)
    }

    /// TCP, UDP, DCCP, SCTP and UDP-Lite begin with their ports.
    private static func ports(_ packet: QuotedPacket) -> (UInt16, UInt16) {
        var reader = ByteReader(packet.transport)
        guard [6, 17, 33, 132, 136].contains(packet.protocolNumber), let source = try? reader.uint16("quoted port"),
            let destination = try? reader.uint16("quoted port")
        else { return (0, 0) }
        return (source, destination)
    }

    /// Where the packet stands in an option of its own (RFC 4861 section 4.6.3).
    private static func redirectedHeader(_ message: [UInt8]) -> Int? {
        var offset = 40
        while offset + 8 <= message.count {
            let length = Int(message[offset + 1]) * 8
            if message[offset] == 4 { return offset + 8 }
            guard length > 0 else { return nil }
            offset += length
        }
        return nil
    }
}
