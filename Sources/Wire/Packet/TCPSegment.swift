/// A TCP header (RFC 9293 section 3.1) and where its payload lies.
package struct TCPSegment: Hashable, Sendable {
    package var sourcePort: UInt16
    package var destinationPort: UInt16
    package var sequence: UInt32
    package var acknowledgement: UInt32
    package var flags: TCPFlags
    /// As in the header, unscaled.
    package var window: UInt16
    package var urgent: UInt16
    /// Below 5 it is wrong: tshark then sets no flag of analysis.
    package var dataOffset: UInt8
    /// In the bytes; may lie behind what was captured.
    package var payloadOffset: Int
    /// By the length fields: what the sender sent.
    package var payloadLength: Int
    package var options: TCPOptions
    /// The capture ends within the options: those behind are unknown.
    package var areOptionsCut = false

    package init(
        sourcePort: UInt16, destinationPort: UInt16, sequence: UInt32, acknowledgement: UInt32, flags: TCPFlags,
        window: UInt16, urgent: UInt16 = 0, dataOffset: UInt8 = 5, payloadOffset: Int = 0, payloadLength: Int = 0,
        options: TCPOptions = TCPOptions()
    ) {
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.sequence = sequence
        self.acknowledgement = acknowledgement
        self.flags = flags
        self.window = window
        self.urgent = urgent
        self.dataOffset = dataOffset
        self.payloadOffset = payloadOffset
        self.payloadLength = payloadLength
        self.options = options
    }
}

/// The set's own operations are written out, to be inlined in other modules: those of the standard library are called there for
/// each packet as generic code, and cost more than all the rest of an analysis.
@usableFromInline
package struct TCPFlags: OptionSet, Hashable, Sendable {
    @usableFromInline package let rawValue: UInt8

    @inlinable
    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    @inlinable
    package init(arrayLiteral elements: TCPFlags...) {
        var bits: UInt8 = 0
        for element in elements { bits |= element.rawValue }
        rawValue = bits
    }

    @inlinable package static var fin: TCPFlags { TCPFlags(rawValue: 0x01) }
    @inlinable package static var syn: TCPFlags { TCPFlags(rawValue: 0x02) }
    @inlinable package static var rst: TCPFlags { TCPFlags(rawValue: 0x04) }
    @inlinable package static var psh: TCPFlags { TCPFlags(rawValue: 0x08) }
    @inlinable package static var ack: TCPFlags { TCPFlags(rawValue: 0x10) }
    @inlinable package static var urg: TCPFlags { TCPFlags(rawValue: 0x20) }
    @inlinable package static var ece: TCPFlags { TCPFlags(rawValue: 0x40) }
    @inlinable package static var cwr: TCPFlags { TCPFlags(rawValue: 0x80) }

    @inlinable package var isEmpty: Bool { rawValue == 0 }

    @inlinable
    package func contains(_ other: TCPFlags) -> Bool {
        rawValue & other.rawValue == other.rawValue
    }

    @inlinable
    package func isDisjoint(with other: TCPFlags) -> Bool {
        rawValue & other.rawValue == 0
    }

    @inlinable
    package func intersection(_ other: TCPFlags) -> TCPFlags {
        TCPFlags(rawValue: rawValue & other.rawValue)
    }

    @inlinable
    package static func == (left: TCPFlags, right: TCPFlags) -> Bool {
        left.rawValue == right.rawValue
    }
}

/// The options that a diagnosis needs (RFC 9293, 7323, 2018).
package struct TCPOptions: Hashable, Sendable {
    package var mss: UInt16?
    /// As offered; shifts above 14 count as 14 (RFC 7323 section 2.3).
    package var windowScale: UInt8?
    package var isSACKPermitted = false
    package var timestamp: UInt32?
    package var timestampEcho: UInt32?
    /// Of up to four SACK blocks: count, and left and right edges in the order of the option.
    package var sackCount: UInt8 = 0
    package var sackEdges: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0, 0, 0, 0, 0)
    package var hasMPTCP = false

    package init() {}

    package static func == (left: TCPOptions, right: TCPOptions) -> Bool {
        left.mss == right.mss && left.windowScale == right.windowScale
            && left.isSACKPermitted == right.isSACKPermitted && left.timestamp == right.timestamp
            && left.timestampEcho == right.timestampEcho && left.sackCount == right.sackCount
            && left.hasMPTCP == right.hasMPTCP && left.edges == right.edges
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(mss)
        hasher.combine(windowScale)
        hasher.combine(timestamp)
        hasher.combine(edges)
    }

    private var edges: [UInt32] {
        let (a, b, c, d, e, f, g, h) = sackEdges
        return [a, b, c, d, e, f, g, h]
    }
}
