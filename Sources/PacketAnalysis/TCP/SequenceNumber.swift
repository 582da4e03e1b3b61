/// Comparisons of sequence numbers, modulo 2^32 (RFC 9293 section 3.4). At a distance of exactly 2^31 all four of tshark's say yes.
extension UInt32 {
    @inline(__always)
    func isAfter(_ other: UInt32) -> Bool { Int32(bitPattern: other &- self) < 0 }

    @inline(__always)
    func isBefore(_ other: UInt32) -> Bool { Int32(bitPattern: self &- other) < 0 }

    @inline(__always)
    func isAtMost(_ other: UInt32) -> Bool { Int32(bitPattern: self &- other) <= 0 }
}
