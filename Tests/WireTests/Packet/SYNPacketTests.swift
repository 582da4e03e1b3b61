import NetValues
import Testing
import Wire

@Suite struct SYNPacketTests {
    private static func packet(_ source: String, _ destination: String) throws -> SYNPacket {
        SYNPacket(
            source: Endpoint(try #require(IPAddress(source)), 40_000),
            destination: Endpoint(try #require(IPAddress(destination)), 443), hopLimit: 7, identification: 0x1234,
            flowLabel: 0xabcde, sequence: 0x0102_0304, timestamp: 0x5678_1234, segmentSize: 1460)
    }

    private static func check(_ segment: ArraySlice<UInt8>) throws {
        let start = try SegmentStart(decoding: segment)
        #expect(start.sourcePort == 40_000 && start.destinationPort == 443 && start.sequence == 0x0102_0304)
        #expect(start.flags == .syn && start.acknowledgement == 0)
        #expect(start.options.timestamp == 0x5678_1234 && start.options.timestampEcho == 0)
        #expect(start.options.mss == 1460 && start.options.isSACKPermitted && start.options.windowScale == 7)
    }

    @Test func anIPv4SYN_isAWholePacket() throws {
        let bytes = try Self.packet("198.18.0.1", "198.18.0.2").bytes
        #expect(bytes.count == 60 && bytes[2...3].elementsEqual([0, 60]) && bytes[6] == 0x40)
        #expect(internetChecksum(bytes[..<20]) == 0)
        let quoted = try QuotedPacket(decoding: bytes[...], .v4)
        #expect(quoted.hopLimit == 7 && quoted.identification == 0x1234 && quoted.protocolNumber == 6)
        #expect(quoted.source == IPAddress("198.18.0.1") && quoted.destination == IPAddress("198.18.0.2"))
        #expect(internetChecksum((bytes[12..<20] + [0, 6, 0, 40] + quoted.transport)[...]) == 0)
        try Self.check(quoted.transport)
    }

    @Test func anIPv6SYN_isAWholePacket() throws {
        let bytes = try Self.packet("fd00:18::1", "fd00:18::2").bytes
        #expect(bytes.count == 80 && bytes[..<8].elementsEqual([0x60, 0x0a, 0xbc, 0xde, 0, 40, 6, 7]))
        let quoted = try QuotedPacket(decoding: bytes[...], .v6)
        #expect(quoted.hopLimit == 7 && quoted.identification == nil && quoted.protocolNumber == 6)
        #expect(internetChecksum((bytes[8..<40] + [0, 0, 0, 40, 0, 0, 0, 6] + quoted.transport)[...]) == 0)
        try Self.check(quoted.transport)
    }
}

/// What routers quote, and what anybody may send.
@Suite struct SegmentStartTests {
    private static let whole: [UInt8] = [
        0x9c, 0x40, 0x01, 0xbb, 1, 2, 3, 4, 5, 6, 7, 8, 0x80, 0x12, 0, 0, 0, 0, 0, 0,
        1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 5,
    ]

    @Test func aWholeHeader_isRead() throws {
        let start = try SegmentStart(decoding: Self.whole[...])
        #expect(start.flags == [.syn, .ack] && start.acknowledgement == 0x0506_0708)
        #expect(start.options.timestamp == 9 && start.options.timestampEcho == 5)
    }

    @Test func eightBytes_areEnoughForPortsAndSequence() throws {
        for count in 8..<20 {
            let start = try SegmentStart(decoding: Self.whole.prefix(count))
            #expect(start.sequence == 0x0102_0304 && start.flags == nil && start.acknowledgement == nil)
        }
        #expect(throws: WireError.self) { try SegmentStart(decoding: Self.whole.prefix(7)) }
    }

    /// Eight bytes, and zeros up to the least length of RFC 4884.
    @Test func filling_isNoHeader() throws {
        let start = try SegmentStart(decoding: (Self.whole.prefix(8) + [UInt8](repeating: 0, count: 100))[...])
        #expect(start.sequence == 0x0102_0304 && start.flags == nil && start.options == TCPOptions())
    }

    /// Cut short, of no length, longer than the header, and behind its end.
    @Test func optionsThatAreNotWhole_areNone() throws {
        #expect(try SegmentStart(decoding: Self.whole.prefix(31)).options.timestamp == nil)
        for (place, value) in [(23, 0), (23, 1), (23, 255), (12, 0x60)] as [(Int, UInt8)] {
            var bytes = Self.whole
            bytes[place] = value
            #expect(try SegmentStart(decoding: bytes[...]).options.timestamp == nil)
        }
    }

    @Test func aSlice_countsFromItsOwnStart() throws {
        let start = try SegmentStart(decoding: ([1, 2, 3] + Self.whole).dropFirst(3))
        #expect(start.options.timestampEcho == 5)
    }
}
