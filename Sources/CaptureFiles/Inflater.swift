import CZlib

/// Undoes gzip (RFC 1952), one member after the other.
final class Inflater {
    // zlib remembers where its stream stands, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    /// At the start, or behind a whole member: the data may end here.
    private(set) var isBetweenMembers = true
    private var members = 0
    private var isPastEnd = false

    struct Result {
        var consumed = 0
        var produced = 0
        var fault: String?
    }

    static func isMagic(_ first: UInt8, _ second: UInt8) -> Bool { first == 0x1f && second == 0x8b }

    /// Nil without memory.
    init?() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // The largest window, and a gzip header only.
        let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// With no input left and nothing produced, more input is needed.
    func inflate(_ input: Slice<UnsafeMutableRawBufferPointer>, into space: UnsafeMutableRawBufferPointer) -> Result {
        var result = Result()
        guard !input.isEmpty, !isPastEnd else {
            // zlib may hold back output for which there was no room, also without further input.
            if !isPastEnd, !isBetweenMembers { step(input, space, &result) }
            if isPastEnd { result.consumed = input.count }
            return result
        }
        if isBetweenMembers, members > 0, !continues(input, &result) { return result }
        step(input, space, &result)
        return result
    }

    /// Behind a member stands another one, or what is no gzip: zeros that fill up a tape, or waste, which gzip(1) ignores too.
    private func continues(_ input: Slice<UnsafeMutableRawBufferPointer>, _ result: inout Result) -> Bool {
        guard input.first == 0x1f else {
            isPastEnd = true
            result.consumed = input.count
            return false
        }
        inflateReset(stream)
        return true
    }

    private func step(
        _ input: Slice<UnsafeMutableRawBufferPointer>, _ space: UnsafeMutableRawBufferPointer, _ result: inout Result
    ) {
        let from = UnsafeMutableRawBufferPointer(rebasing: input)
        stream.pointee.next_in = from.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = uInt(clamping: from.count)
        stream.pointee.next_out = space.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = uInt(clamping: space.count)
        // SAFETY: zlib reads `avail_in` and writes `avail_out` bytes at most, and keeps neither pointer.
        let status = CZlib.inflate(stream, Z_NO_FLUSH)
        result.consumed = from.count - Int(stream.pointee.avail_in)
        result.produced = space.count - Int(stream.pointee.avail_out)
        isBetweenMembers = status == Z_STREAM_END
        switch status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: members += 1
        case Z_MEM_ERROR: result.fault = "there is no memory to decompress it"
        default: result.fault = "its gzip data are damaged (\(Self.words(stream.pointee.msg) ?? "zlib \(status)"))"
        }
    }

    private static func words(_ text: UnsafeMutablePointer<CChar>?) -> String? {
        // SAFETY: zlib's messages are constant texts.
        text.map { String(cString: $0) }
    }
}
