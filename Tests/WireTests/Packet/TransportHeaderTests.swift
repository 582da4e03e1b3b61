import PacketBuilding
import Testing
import Wire

private let client: PacketEndpoint = "198.18.0.1:40000"
private let server: PacketEndpoint = "198.18.0.2:443"

private func packet(_ length: Int) -> NetworkPacket {
    NetworkPacket(
        source: client.address, destination: server.address, protocolNumber: 6, hopLimit: 64, totalLength: 20 + length,
        payloadOffset: 0, payloadLength: length)
}

private func segment(_ bytes: [UInt8], length: Int? = nil) throws(UndecodedFrame) -> TCPSegment {
    try TCPSegment(decoding: packet(length ?? bytes.count), bytes.span)
}

@Suite struct TCPSegmentDecodingTests {
    private static let syn = annotated(
        """
        9c 40 01 bb              // 40000 to 443
        01 02 03 04 00 00 00 00  // sequence, no acknowledgement
        a0 c2 fa f0              // ten words, SYN with ECE and CWR, window 64240
        00 00 00 07              // checksum, urgent pointer
        02 04 05 b4              // MSS 1460
        04 02                    // SACK permitted
        08 0a 00 00 00 64 00 00 00 65  // time stamps 100, 101
        01                       // no operation
        03 03 07                 // window scale 7
        """)

    @Test func readsEveryField() throws {
        let found = try segment(Self.syn)
        #expect(found.sourcePort == 40000)
        #expect(found.destinationPort == 443)
        #expect(found.sequence == 0x0102_0304)
        #expect(found.acknowledgement == 0)
        #expect(found.flags == [.syn, .ece, .cwr])
        #expect(found.window == 64240)
        #expect(found.urgent == 7)
        #expect(found.dataOffset == 10)
        #expect(found.payloadOffset == 40)
        #expect(found.payloadLength == 0)
        #expect(found.options.mss == 1460)
        #expect(found.options.isSACKPermitted)
        #expect(found.options.timestamp == 100)
        #expect(found.options.timestampEcho == 101)
        #expect(found.options.windowScale == 7)
        #expect(!found.areOptionsCut)
    }

    @Test(arguments: 1...4) func readsSACKBlocks(count: Int) throws {
        let all: [(left: UInt32, right: UInt32)] = [(1, 50), (101, 150), (201, 250), (301, 350)]
        let blocks = [(left: UInt32, right: UInt32)](all[..<count])
        let bytes = PacketBytes.tcp(client, server, .ack, options: [.noOperation, .noOperation, .sack(blocks)])
        let options = try segment([UInt8](bytes[20...])).options
        #expect(Int(options.sackCount) == count)
        let (a, b, c, d, e, f, g, h) = options.sackEdges
        var expected = blocks.flatMap { [$0.left, $0.right] }
        expected += [UInt32](repeating: 0, count: 8 - 2 * count)
        #expect([a, b, c, d, e, f, g, h] == expected)
    }

    @Test func readsWhatWasCaptured_whenTheOptionsAreCut() throws {
        let found = try segment([UInt8](Self.syn[..<29]), length: 40)
        #expect(found.areOptionsCut)
        #expect(found.options.mss == 1460)
        #expect(found.options.isSACKPermitted)
        #expect(found.options.timestamp == nil)
        #expect(found.payloadOffset == 40)
    }

    @Test func tellsCutFromWrong() {
        #expect(throws: UndecodedFrame.cutShort) { try segment([UInt8](Self.syn[..<19]), length: 40) }
        #expect(throws: UndecodedFrame.malformed) { try segment([UInt8](Self.syn[..<39])) }
        #expect(throws: UndecodedFrame.malformed) { try segment([UInt8](Self.syn[..<19])) }
    }

    @Test func letsAShortDataOffsetThrough() throws {
        var bytes = Self.syn
        bytes[12] = 0x40
        let found = try segment(bytes)
        #expect(found.dataOffset == 4)
        #expect(found.payloadLength == 24)
        #expect(found.options == TCPOptions())
    }

    @Test func countsAShiftAboveFourteenAsFourteen() throws {
        let bytes = PacketBytes.tcp(client, server, .syn, options: [.windowScale(200)])
        #expect(try segment([UInt8](bytes[20...])).options.windowScale == 14)
    }

    @Test(
        arguments: [
            [2, 3, 5, 0xb4], [2, 1, 5, 0xb4], [2, 0, 0, 0], [2, 40, 5, 0xb4], [5, 9, 0, 0], [5, 2, 0, 0], [0, 2, 4, 5],
            [1, 1, 1, 2], [8, 10, 0, 0], [254, 2, 253, 9],
        ] as [[UInt8]])
    func passesOverWrongOptions(options: [UInt8]) throws {
        let bytes = PacketBytes.tcp(client, server, .syn, options: [.raw(options)], payload: [1])
        let found = try segment([UInt8](bytes[20...]))
        #expect(found.options == TCPOptions())
        #expect(found.payloadLength == 1)
    }

    @Test func knowsMultipath() throws {
        let bytes = PacketBytes.tcp(client, server, .syn, options: [.raw([30, 4, 1, 0])])
        #expect(try segment([UInt8](bytes[20...])).options.hasMPTCP)
    }
}

@Suite struct UDPDatagramDecodingTests {
    private func datagram(_ stated: UInt8, captured: Int = 12, length: Int = 12) throws(UndecodedFrame) -> UDPDatagram {
        let bytes: [UInt8] = [0x9c, 0x40, 0, 53, 0, stated, 0xab, 0xcd, 1, 2, 3, 4]
        return try UDPDatagram(decoding: packet(length), bytes.span.extracting(..<captured))
    }

    @Test func takesTheSmallerLength() throws {
        #expect(try datagram(12).payloadLength == 4)
        #expect(try datagram(10).payloadLength == 2)
        #expect(try datagram(200).payloadLength == 4)
        #expect(try datagram(0).payloadLength == 4)
        #expect(try datagram(8).payloadLength == 0)
        #expect(try datagram(12).checksum == 0xabcd)
    }

    @Test func tellsCutFromWrong() {
        #expect(throws: UndecodedFrame.malformed) { try datagram(7) }
        #expect(throws: UndecodedFrame.malformed) { try datagram(12, length: 7) }
        #expect(throws: UndecodedFrame.cutShort) { try datagram(12, captured: 7) }
    }
}
