import Glibc
import NetValues
import Observations
import Wire

/// An ICMP error as a raw socket sees it: with all of what its sender quotes of our packet, of which an error queue gives only what
/// stands behind the headers.
struct PathQuote: Sendable {
    let sender: IPAddress
    let error: ICMPError
    let packet: QuotedPacket
    /// As much of the TCP header as came back.
    let segment: SegmentStart?
    private let message: ArraySlice<UInt8>
    let hopLimit: Int?
    /// The kernel's, in nanoseconds of CLOCK_REALTIME; 0 when there is none.
    let stamp: Int64
    let read: EchoStamp

    /// Nil for what is no error, or quotes too little to be read.
    init?(_ datagram: EchoDatagram, _ family: IPAddress.Family, read: EchoStamp) {
        guard let sender = datagram.sender,
            case .error(let error) = try? ICMPMessage(decoding: datagram.message, family),
            let packet = error.quoted
        else { return nil }
        self.sender = sender
        self.error = error
        self.packet = packet
        self.read = read
        let isTCP = packet.protocolNumber == IPProtocol.tcp
        segment = isTCP ? try? SegmentStart(decoding: packet.transport) : nil
        message = datagram.message
        hopLimit = datagram.hopLimit
        stamp = datagram.stamp
    }

    /// By which flows are told apart: the source port, or the identifier of an echo request.
    var key: QuoteKey? {
        let transport = packet.transport
        if let echo = packet.echo { return QuoteKey(protocolNumber: packet.protocolNumber, number: echo.identifier) }
        guard let port = Self.number(transport, at: 0) else { return nil }
        return QuoteKey(protocolNumber: packet.protocolNumber, number: port)
    }

    /// Bytes of the UDP payload by the quoted header, and as much of it as came back.
    var datagram: (length: Int, payload: ArraySlice<UInt8>)? {
        guard packet.protocolNumber == 17, let length = Self.number(packet.transport, at: 4) else { return nil }
        return (Int(length) - 8, packet.transport.dropFirst(8))
    }

    /// Under which the packet had come to who sent the error (RFC 4950).
    var labels: [MPLSLabel] {
        ICMPExtensions(ofError: message, packet.source.family)?.labels.map { MPLSLabel($0) } ?? []
    }

    var header: QuotedHeader {
        let hasPorts = packet.echo == nil
        let source = hasPorts ? Self.number(packet.transport, at: 0) : nil
        let destination = hasPorts ? Self.number(packet.transport, at: 2) : nil
        return QuotedHeader(
            hopLimit: Int(packet.hopLimit), trafficClass: packet.trafficClass,
            source: Endpoint(packet.source, source ?? 0), destination: Endpoint(packet.destination, destination ?? 0))
    }

    var outcome: SoundingFact.Hop.Outcome {
        let family = packet.source.family
        let report = ICMPErrorReport(
            origin: family == .v4 ? .icmp : .icmpv6, type: error.type, code: error.code, offender: sender,
            mtu: error.mtu, hopLimit: hopLimit)
        let code = report.isPortUnreachable ? ECONNREFUSED : EHOSTUNREACH
        return .init(SocketFailure(code: code, name: errnoName(code), icmp: report))
    }

    private static func number(_ bytes: ArraySlice<UInt8>, at offset: Int) -> UInt16? {
        let pair = Array(bytes.dropFirst(offset).prefix(2))
        return pair.count == 2 ? UInt16(pair[0]) << 8 | UInt16(pair[1]) : nil
    }
}

struct QuoteKey: Hashable, Sendable {
    let protocolNumber: UInt8
    let number: UInt16
}
