/// One frame as a capture file holds it.
package struct CaptureRecord: Hashable, Sendable {
    /// Nanoseconds since 1970. A simple packet block of pcapng has no time: it gets that of the record before it.
    package var time: Int64
    /// On the wire; never fewer than were captured.
    package var length: Int
    package var linkType: LinkType
    /// From 0 over all sections of the file.
    package var interface: Int
    /// Where the frame lies in the bytes that the parser was given.
    package var dataOffset: Int
    package var dataLength: Int
    /// Where the parser is to go on.
    package var end: Int
}

/// What a parser found at the place where it looked.
package enum CaptureStep: Hashable, Sendable {
    /// Nothing yet: this many bytes must be there from that place on.
    case more(Int)
    /// Nothing to hand out: go on this many bytes further, which may be more than are at hand.
    case skip(Int)
    case record(CaptureRecord)
}

/// Why the bytes of a capture file cannot be read on.
package struct CaptureFault: Error, Hashable, Sendable {
    /// As the end of "NAME: …".
    package let text: String
    /// The file does not begin as any capture file does.
    package var isForeign = false

    init(_ text: String) {
        self.text = text
    }

    static var foreign: CaptureFault {
        var fault = CaptureFault("no capture file")
        fault.isForeign = true
        return fault
    }
}

/// What is refused in a capture file, since no real one has it.
enum CaptureLimits {
    /// What libpcap admits for a frame whatever the snapshot length says (MAXIMUM_SNAPLEN).
    static let usualRecord = 256 << 10
    /// Where the file itself announces larger frames.
    static let largestRecord = 16 << 20
    /// A block of pcapng that describes a section or an interface, with all its comments.
    static let largestDescription = 1 << 20
    static let mostInterfaces = 65536

    /// The largest record of a file with this snapshot length, where 0 and 2³¹-1 stand for no limit.
    static func record(snapLength: UInt32) -> Int {
        snapLength == 0 ? largestRecord : max(usualRecord, min(Int(snapLength), largestRecord))
    }
}
