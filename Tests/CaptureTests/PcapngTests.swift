import CaptureFiles
import Observations
import Testing
import Wire

@Suite struct PcapngTests {
    private func read(_ bytes: [UInt8], piece: Int = .max) throws -> (frames: [ReadFrame], reader: CaptureReader) {
        let reader = try CaptureReader(bytes: bytes, name: "f", piece: piece)
        var frames: [ReadFrame] = []
        while let frame = reader.next() {
            frames.append(ReadFrame(frame: frame, bytes: reader.withBytes { $0.copied() }))
        }
        return (frames, reader)
    }

    @Test(arguments: [false, true])
    func interfacesOfDifferentKinds_inOneSection(_ isBig: Bool) throws {
        var file = CaptureFileBytes(isBig: isBig)
        file.addSection()
        file.addInterface(linkType: 1)
        file.addInterface(linkType: 113, snapLength: 96, resolution: 9)
        file.addPacket(interface: 1, ticks: 1_700_000_000_123_456_789, length: 1500, [1, 2, 3, 4, 5])
        file.addPacket(interface: 0, ticks: 1_700_000_000_123_457, [6])
        let (frames, reader) = try read(file.bytes)
        #expect(
            frames == [
                ReadFrame(
                    frame: CapturedFrame(
                        number: 1, time: 1_700_000_000_123_456_789, length: 1500, linkType: .linuxCooked, interface: 1),
                    bytes: [1, 2, 3, 4, 5]),
                ReadFrame(
                    frame: CapturedFrame(
                        number: 2, time: 1_700_000_000_123_457_000, length: 1, linkType: .ethernet, interface: 0),
                    bytes: [6]),
            ])
        #expect(!reader.isTruncated)
        #expect(reader.backwardSteps == 0)
        #expect(reader.formatName == "pcapng")
    }

    @Test func sectionsOfDifferentByteOrder_haveInterfacesOfTheirOwn() throws {
        var file = CaptureFileBytes()
        file.addSection()
        file.addInterface()
        file.addInterface()
        file.addPacket(interface: 1, ticks: 1, [1])
        file.isBig = true
        file.addSection()
        file.addInterface(linkType: 101)
        file.addPacket(ticks: 2, [2])
        let frames = try read(file.bytes).frames
        #expect(frames.map(\.frame.interface) == [1, 2])
        #expect(frames.map(\.frame.linkType) == [.ethernet, .raw])
        #expect(frames.map(\.frame.time) == [1000, 2000])
    }

    static let clocks: [(UInt8?, UInt64?, UInt64, Int64)] = [
        (nil, nil, 5, 5000), (0, nil, 5, 5_000_000_000), (3, nil, 5, 5_000_000), (9, nil, 5, 5), (12, nil, 5500, 5),
        (0x80, nil, 3, 3_000_000_000), (0x81, nil, 3, 1_500_000_000), (0x94, nil, 1 << 20, 1_000_000_000),
        (0xc0, nil, 1 << 63, 500_000_000), (0xff, nil, .max, 0), (0x7f, nil, .max, 1), (0, nil, .max, .max),
        (9, 10, 5, 10_000_000_005), (9, UInt64(bitPattern: -1), 5, -999_999_995), (9, .max >> 1, 5, .max),
        (6, UInt64(1) << 63, 5, .min + 5000),
    ]

    @Test(arguments: clocks)
    func clockOfAnInterface(_ resolution: UInt8?, _ offset: UInt64?, _ ticks: UInt64, _ time: Int64) throws {
        var file = CaptureFileBytes()
        file.addSection()
        file.addInterface(resolution: resolution, offset: offset)
        file.addPacket(ticks: ticks, [1])
        #expect(try read(file.bytes).frames.map(\.frame.time) == [time])
    }

    @Test func simpleAndObsoletePackets() throws {
        var file = CaptureFileBytes()
        file.addSection()
        file.addInterface(snapLength: 3)
        file.addPacket(ticks: 7, [9])
        file.addBlock(3) { body in
            body.add32(1000)
            body.add([1, 2, 3])
        }
        file.addBlock(2) { body in
            body.add16(0)
            body.add16(0)
            body.add64(8 << 32)
            body.add32(2)
            body.add32(60)
            body.add([4, 5])
        }
        let frames = try read(file.bytes).frames
        #expect(frames.map(\.bytes) == [[9], [1, 2, 3], [4, 5]])
        #expect(frames.map(\.frame.length) == [1, 1000, 60])
        // A simple packet has no time of its own.
        #expect(frames.map(\.frame.time) == [7000, 7000, 8000])
    }

    @Test func drops_areTheLastOfEachInterface_andAddUpOverSections() throws {
        var file = CaptureFileBytes()
        for _ in 1...2 {
            file.addSection()
            file.addInterface()
            file.addInterface()
            file.addStatistics(interfaceDrops: 1, kernelDrops: 2)
            file.addStatistics(interfaceDrops: 10, kernelDrops: 20)
            file.addStatistics(interface: 1, interfaceDrops: 3, kernelDrops: 4)
        }
        let (frames, reader) = try read(file.bytes)
        #expect(frames.isEmpty)
        #expect(reader.drops == CaptureDrops(kernel: 48, interface: 26, isKnown: true))
    }

    @Test(arguments: [1, 13, 4096, Int.max])
    func unknownBlocks_areSkipped_howeverLarge(_ piece: Int) throws {
        var file = CaptureFileBytes()
        file.addSection()
        file.addInterface()
        file.addBlock(0x0bad) { $0.add([UInt8](repeating: 6, count: 40_000)) }
        file.addPacket(ticks: 1, [1])
        file.addBlock(0x8000_0001) { _ in }
        let (frames, reader) = try read(file.bytes, piece: piece)
        #expect(frames.map(\.bytes) == [[1]])
        #expect(!reader.isTruncated)
    }

    @Test func unknownBlockThatNeverEnds_isACutFile() throws {
        var file = CaptureFileBytes()
        file.addSection()
        file.addInterface()
        file.add32(0x0bad)
        file.add32(0xffff_fffc)
        file.add32(1)
        let reader = try read(file.bytes).reader
        #expect(reader.problems == ["f: ends within a block that begins at byte 52"])
        #expect(reader.isTruncated)
    }

    private func problem(_ change: (inout CaptureFileBytes) -> Void) throws -> String? {
        var file = CaptureFileBytes()
        file.addSection()
        file.addInterface()
        file.addPacket(ticks: 1, [1])
        change(&file)
        file.addPacket(ticks: 2, [2])
        let (frames, reader) = try read(file.bytes)
        #expect(frames.map(\.bytes) == [[1]])
        #expect(reader.isTruncated)
        return reader.problems.first
    }

    @Test func damage_endsTheFileThere() throws {
        let zero = try problem { file in
            file.add32(6)
            file.add32(0)
            file.add32(0)
        }
        #expect(zero == "f: a block of 0 bytes, which no block has, at byte 88")
        let odd = try problem { file in
            file.add32(6)
            file.add32(33)
            file.add32(0)
        }
        #expect(odd == "f: a block of 33 bytes, which no block has, at byte 88")
        let giant = try problem { file in
            file.add32(6)
            file.add32(0xffff_fff0)
            file.add32(0)
        }
        #expect(giant == "f: a block of type 6 that claims 4294967280 bytes (at most 17825792), at byte 88")
        let foreign = try problem { $0.addPacket(interface: 7, ticks: 1, [1]) }
        #expect(foreign == "f: a packet of interface 7, which nothing describes, at byte 88")
        let beyond = try problem { file in
            file.addBlock(6) { body in
                body.add32(0)
                body.add64(0)
                body.add32(5)
                body.add32(5)
                body.add([1, 2, 3, 4])
            }
        }
        #expect(beyond == "f: a packet of 5 bytes in a block of 36, at byte 88")
    }

    @Test func otherVersion_isRefused() {
        var file = CaptureFileBytes()
        file.addSection(version: 2)
        let problem = #expect(throws: CaptureFileProblem.self) { try CaptureReader(bytes: file.bytes, name: "x") }
        #expect(problem?.found == "pcapng of version 2, and only version 1 is known")
    }
}
