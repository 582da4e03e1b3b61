/// Numbers in network byte order. The caller has checked that they lie within; an offset that does not traps.
extension Span<UInt8> {
    @inline(__always)
    func uint16(at offset: Int) -> UInt16 {
        UInt16(self[offset]) << 8 | UInt16(self[offset &+ 1])
    }

    @inline(__always)
    func uint24(at offset: Int) -> UInt32 {
        UInt32(self[offset]) << 16 | UInt32(self[offset &+ 1]) << 8 | UInt32(self[offset &+ 2])
    }

    @inline(__always)
    func uint32(at offset: Int) -> UInt32 {
        UInt32(uint16(at: offset)) << 16 | UInt32(uint16(at: offset &+ 2))
    }

    @inline(__always)
    func uint64(at offset: Int) -> UInt64 {
        UInt64(uint32(at: offset)) << 32 | UInt64(uint32(at: offset &+ 4))
    }

    /// Six bytes.
    @inline(__always)
    func linkAddress(at offset: Int) -> LinkAddress {
        LinkAddress(bits: UInt64(uint16(at: offset)) << 32 | UInt64(uint32(at: offset &+ 2)))
    }

    /// Whether that many bytes from the offset on were captured, for offsets and counts that came from the wire.
    @inline(__always)
    func holds(_ count: Int, at offset: Int) -> Bool {
        offset >= 0 && offset <= self.count && count <= self.count &- offset
    }
}
