/// The byte order of the machine that wrote a file.
enum ByteOrder: Hashable, Sendable {
    case little, big

    /// The caller has made sure that the bytes are there.
    @inline(__always)
    func uint16(_ bytes: Span<UInt8>, _ at: Int) -> UInt16 {
        let value = UInt16(bytes[at]) | UInt16(bytes[at &+ 1]) << 8
        return self == .little ? value : value.byteSwapped
    }

    @inline(__always)
    func uint32(_ bytes: Span<UInt8>, _ at: Int) -> UInt32 {
        let low = UInt32(bytes[at]) | UInt32(bytes[at &+ 1]) << 8
        let value = low | UInt32(bytes[at &+ 2]) << 16 | UInt32(bytes[at &+ 3]) << 24
        return self == .little ? value : value.byteSwapped
    }

    @inline(__always)
    func uint64(_ bytes: Span<UInt8>, _ at: Int) -> UInt64 {
        let first = UInt64(uint32(bytes, at))
        let second = UInt64(uint32(bytes, at &+ 4))
        return self == .little ? first | second << 32 : first << 32 | second
    }
}
