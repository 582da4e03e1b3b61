import NetValues

/// The header of NTP version 3 and 4 (RFC 5905 section 7.3), without extensions and authentication.
package struct NTPMessage: Hashable, Sendable {
    /// Two bits: 3 is a clock that is not synchronised.
    package let leap: UInt8
    package let version: UInt8
    /// 3 is a client, 4 a server.
    package let mode: UInt8
    /// 1 has a clock of its own, 0 is a kiss-o'-death, 16 is not synchronised.
    package let stratum: UInt8
    package let referenceID: [UInt8]
    /// Stamps of 64 bits: seconds since 1900 and their fraction.
    package let origin: UInt64
    package let receive: UInt64
    package let transmit: UInt64

    package static let length = 48

    package init(decoding bytes: [UInt8]) throws(WireError) {
        var reader = ByteReader(bytes)
        let first = try reader.uint8("leap, version and mode")
        leap = first >> 6
        version = first >> 3 & 7
        mode = first & 7
        stratum = try reader.uint8("stratum")
        _ = try reader.take(10, "poll, precision, root delay and dispersion")
        referenceID = Array(try reader.take(4, "reference id"))
        _ = try Self.stamp(&reader, "reference time")
        origin = try Self.stamp(&reader, "origin time")
        receive = try Self.stamp(&reader, "receive time")
        transmit = try Self.stamp(&reader, "transmit time")
        guard (1...4).contains(version) else { throw WireError(field: "version", problem: .invalid) }
    }

    private static func stamp(_ reader: inout ByteReader, _ field: StaticString) throws(WireError) -> UInt64 {
        UInt64(try reader.uint32(field)) << 32 | UInt64(try reader.uint32(field))
    }

    /// A client's request of version 4. It tells nothing of our own clock: the stamp is any number, which comes back as `origin`.
    package static func request(nonce: UInt64) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: length)
        bytes[0] = 4 << 3 | 3
        for index in 0..<8 { bytes[40 + index] = UInt8(truncatingIfNeeded: nonce >> (56 - 8 * UInt64(index))) }
        return bytes
    }

    /// The server's no, in four letters (RFC 5905 section 7.4): DENY, RSTR, RATE.
    package var kissCode: String? {
        guard stratum == 0, referenceID.allSatisfy({ (0x41...0x5a).contains($0) }) else { return nil }
        return String(decoding: referenceID, as: UTF8.self)
    }

    package var isSynchronised: Bool { leap != 3 && (1...15).contains(stratum) }

    /// How far the server's clock is ahead of ours (RFC 5905 section 8); nil for stamps outside of 1970 to 2106, which no clock has.
    package func offset(sentAt: WallTime, receivedAt: WallTime) -> Duration? {
        guard let came = Self.wallTime(receive), let went = Self.wallTime(transmit) else { return nil }
        let there = (came - sentAt).nanoseconds / 2
        let back = (went - receivedAt).nanoseconds / 2
        let (sum, isTooLarge) = there.addingReportingOverflow(back)
        return isTooLarge ? nil : .nanoseconds(sum)
    }

    /// Stamps whose first bit is clear are of the era that begins in 2036.
    private static func wallTime(_ stamp: UInt64) -> WallTime? {
        guard stamp != 0 else { return nil }
        let era: Int64 = stamp >> 63 == 1 ? 0 : 1 << 32
        let seconds = Int64(stamp >> 32) + era - 2_208_988_800
        guard (0..<4_294_967_296).contains(seconds) else { return nil }
        let fraction = Int64(((stamp & 0xffff_ffff) * 1_000_000_000) >> 32)
        return WallTime(nanoseconds: seconds * 1_000_000_000 + fraction)
    }
}
