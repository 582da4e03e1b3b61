import NetValues
import Observations
import Wire

/// What the packets of one flow carry, so that those that come back are told to be ours, and which they are.
///
/// UDP: the number, the cookie, then filling. Echo: the number is the sequence number; behind the header the cookie, two bytes that
/// keep the checksum constant (Augustin et al. 2006), then filling.
struct PathPattern: Sendable {
    let carrier: SoundingFact.Carrier
    let family: IPAddress.Family
    /// Never with a zero byte: zeros are what routers fill up with (RFC 4884 section 5).
    let cookie: [UInt8]
    /// Echo only.
    let identifier: UInt16

    /// Number and cookie, or cookie and compensation.
    private static let least = 6

    init(carrier: SoundingFact.Carrier, family: IPAddress.Family, identifier: UInt16 = 0) {
        self.carrier = carrier
        self.family = family
        self.identifier = identifier
        cookie = (0..<4).map { _ in UInt8.random(in: 1...255) }
    }

    /// Of the IP header and the eight bytes behind it.
    private var headers: Int { (family == .v4 ? 20 : 40) + 8 }

    /// What of our headers an error queue does not give: the IP header, and the UDP header.
    var headersBeforeQuote: Int { carrier == .udp ? headers : headers - 8 }

    /// Bytes of the largest packet there is (RFC 791, RFC 8200 section 3).
    private var largest: Int { family == .v4 ? 65_535 : 65_575 }

    /// As the socket sends it.
    /// - Parameter size: bytes of the whole IP packet; nil for a small one whose length tells it from its neighbours, since a router may
    ///   quote no more than the UDP header (RFC 792).
    func packet(_ number: UInt16, size: Int?) -> [UInt8] {
        let room = size.map { max(Self.least, min($0, largest) - headers) } ?? Self.least + 2 + Int(number & 63)
        switch carrier {
        case .icmp: return echo(number, room)
        case .udp, .tcp: return [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)] + cookie + filling(room)
        }
    }

    private func filling(_ room: Int) -> [UInt8] {
        (Self.least..<max(Self.least, room)).map { UInt8(truncatingIfNeeded: $0) }
    }

    private func echo(_ number: UInt16, _ room: Int) -> [UInt8] {
        let filling = filling(room)
        var sum: [UInt8] = [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)]
        sum += cookie
        sum += filling
        // One's complement: what is missing to a constant sum is that constant plus the complement of the rest.
        let lacking = UInt32(internetChecksum(sum[...])) + UInt32(Self.constantSum)
        let compensation = UInt16(truncatingIfNeeded: lacking & 0xffff + lacking >> 16)
        let payload = cookie + [UInt8(compensation >> 8), UInt8(truncatingIfNeeded: compensation)] + filling
        return ICMPEcho(identifier: identifier, sequence: number, payload: payload[...]).request(family)
    }

    private static let constantSum: UInt16 = 0x4c4d

    // MARK: What comes back

    enum Match: Hashable {
        case packet(UInt16)
        /// Of this flow, as far as the few bytes go that came back: they do not say which.
        case unnumbered
        case foreign
    }

    /// - Parameter quoted: what the socket's error queue gives: of what is behind the UDP header, or of the ICMP header on.
    func match(quoted: ArraySlice<UInt8>) -> Match {
        switch carrier {
        case .icmp:
            guard let echo = QuotedEcho(decoding: quoted, family), echo.identifier == identifier,
                Self.mayBegin(quoted.dropFirst(8).prefix(4), cookie)
            else { return .foreign }
            return .packet(echo.sequence)
        case .udp, .tcp:
            let start = Array(quoted.prefix(Self.least))
            if start.count == Self.least, start[2...].elementsEqual(cookie) {
                return .packet(UInt16(start[0]) << 8 | UInt16(start[1]))
            }
            return Self.mayBegin(start.dropFirst(2), cookie) ? .unnumbered : .foreign
        }
    }

    /// Whether as much of it as came back, and is no filling, is so.
    private static func mayBegin(_ bytes: ArraySlice<UInt8>, _ own: [UInt8]) -> Bool {
        let shared = zip(bytes, own).prefix { $0 == $1 }.count
        return bytes.dropFirst(shared).allSatisfy { $0 == 0 }
    }

    /// What the target itself answers: an echo reply, or a service's datagram, of which many begin with the request's first bytes (the
    /// identifier of a DNS message; the whole of it from an echo service).
    func match(answer: ArraySlice<UInt8>) -> Match {
        switch carrier {
        case .icmp:
            guard case .echoReply(let echo) = try? ICMPMessage(decoding: answer, family), echo.identifier == identifier,
                echo.payload.prefix(4).elementsEqual(cookie)
            else { return .foreign }
            return .packet(echo.sequence)
        case .udp, .tcp:
            guard answer.count >= 2 else { return .unnumbered }
            let start = Array(answer.prefix(2))
            return .packet(UInt16(start[0]) << 8 | UInt16(start[1]))
        }
    }
}
