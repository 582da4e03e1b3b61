import CaptureFiles
import Observations
import Testing
import Wire

@Suite struct CaptureReaderTests {
    private func read(_ bytes: [UInt8], piece: Int = .max) throws -> (frames: [ReadFrame], reader: CaptureReader) {
        let reader = try CaptureReader(bytes: bytes, name: "f.pcap", piece: piece)
        var frames: [ReadFrame] = []
        while let frame = reader.next() {
            frames.append(ReadFrame(frame: frame, bytes: reader.withBytes { $0.copied() }))
        }
        return (frames, reader)
    }

    @Test(arguments: [false, true])
    func pcap_inEitherByteOrder_microseconds(_ isBig: Bool) throws {
        var file = CaptureFileBytes(isBig: isBig)
        file.addPcapHeader(linkType: 113)
        file.addRecord(seconds: 1_700_000_000, ticks: 123_456, length: 1514, [1, 2, 3])
        file.addRecord(seconds: 1_700_000_001, ticks: 0, [4])
        let (frames, reader) = try read(file.bytes)
        #expect(
            frames == [
                ReadFrame(
                    frame: CapturedFrame(
                        number: 1, time: 1_700_000_000_123_456_000, length: 1514, linkType: .linuxCooked),
                    bytes: [1, 2, 3]),
                ReadFrame(
                    frame: CapturedFrame(number: 2, time: 1_700_000_001_000_000_000, length: 1, linkType: .linuxCooked),
                    bytes: [4]),
            ])
        #expect(!reader.isTruncated)
        #expect(reader.problems.isEmpty)
        #expect(reader.drops == CaptureDrops())
        #expect(reader.formatName == "pcap")
    }

    @Test(arguments: [false, true])
    func pcap_nanoseconds(_ isBig: Bool) throws {
        var file = CaptureFileBytes(isBig: isBig)
        file.addPcapHeader(magic: 0xa1b2_3c4d)
        file.addRecord(seconds: 4_294_967_295, ticks: 999_999_999, [1])
        #expect(try read(file.bytes).frames.map(\.frame.time) == [4_294_967_295_999_999_999])
    }

    @Test func pcap_modified_hasLongerRecordHeaders() throws {
        var file = CaptureFileBytes()
        file.addPcapHeader(magic: 0xa1b2_cd34)
        file.addRecord(seconds: 1, ticks: 2, captured: 3, length: 3, [0, 0, 0, 0, 0, 0, 0, 0] + [7, 8, 9])
        #expect(try read(file.bytes).frames.map(\.bytes) == [[7, 8, 9]])
    }

    @Test func pcap_beforeVersion2_3_hasItsLengthsTheOtherWayRound() throws {
        var file = CaptureFileBytes()
        file.addPcapHeader(minor: 2)
        file.addRecord(seconds: 1, ticks: 2, captured: 60, length: 2, [7, 8])
        let frame = try #require(try read(file.bytes).frames.first)
        #expect(frame.bytes == [7, 8])
        #expect(frame.frame.length == 60)
    }

    @Test func pcap_rawIP_underEveryNumberThatIsInUse() throws {
        for number: UInt32 in [12, 14, 101] {
            var file = CaptureFileBytes()
            file.addPcapHeader(linkType: number | 0x1400_0000)
            file.addRecord(seconds: 1, ticks: 2, [1])
            #expect(try read(file.bytes).frames.map(\.frame.linkType) == [.raw])
        }
    }

    @Test func pcap_withoutRecords_isAnEmptyCapture() throws {
        var file = CaptureFileBytes()
        file.addPcapHeader()
        let (frames, reader) = try read(file.bytes)
        #expect(frames.isEmpty)
        #expect(!reader.isTruncated)
    }

    @Test func pcap_cutAnywhere_givesWhatCameBefore() throws {
        var file = CaptureFileBytes()
        file.addPcapHeader()
        for number: UInt8 in 1...3 { file.addRecord(seconds: UInt32(number), ticks: 0, [number, 0]) }
        for length in 24..<file.bytes.count {
            let (frames, reader) = try read(Array(file.bytes[..<length]))
            #expect(frames.count == (length - 24) / 18)
            let isCut = (length - 24) % 18 != 0
            #expect(reader.isTruncated == isCut)
            #expect(reader.problems.count == (isCut ? 1 : 0))
        }
        let cut = try read(Array(file.bytes.dropLast())).reader
        #expect(cut.problems == ["f.pcap: ends within a record: 17 of 18 bytes or more, at byte 60"])
    }

    @Test func pcap_recordOfGiantLength_endsThere() throws {
        var file = CaptureFileBytes()
        file.addPcapHeader()
        file.addRecord(seconds: 1, ticks: 0, [1])
        file.addRecord(seconds: 1, ticks: 0, captured: 0xffff_ffff, [1])
        let (frames, reader) = try read(file.bytes)
        #expect(frames.count == 1)
        #expect(
            reader.problems == [
                "f.pcap: a record that claims to hold 4294967295 bytes (at most 262144), at byte 41"
            ])
    }

    @Test func pcap_largerRecords_whereTheSnapshotLengthAnnouncesThem() throws {
        var file = CaptureFileBytes()
        file.addPcapHeader(snapLength: 0x7fff_ffff)
        let data = [UInt8](repeating: 5, count: 1 << 20)
        file.addRecord(seconds: 1, ticks: 0, data)
        file.addRecord(seconds: 2, ticks: 0, [1])
        #expect(try read(file.bytes).frames.map(\.bytes.count) == [1 << 20, 1])
        #expect(try read(file.bytes, piece: 4096).frames.map(\.bytes.count) == [1 << 20, 1])
    }

    @Test func pcap_lengthOnTheWire_isNeverLessThanWhatWasCaptured() throws {
        var file = CaptureFileBytes()
        file.addPcapHeader()
        file.addRecord(seconds: 1, ticks: 0, length: 0, [1, 2])
        #expect(try read(file.bytes).frames.map(\.frame.length) == [2])
    }

    @Test func backwardSteps_areCounted() throws {
        var file = CaptureFileBytes()
        file.addPcapHeader()
        for seconds: UInt32 in [5, 4, 4, 9, 8] { file.addRecord(seconds: seconds, ticks: 0, [1]) }
        #expect(try read(file.bytes).reader.backwardSteps == 2)
    }

    @Test(arguments: [1, 7, 64, 4096])
    func pieces_giveTheSameFrames(_ piece: Int) throws {
        var file = CaptureFileBytes()
        file.addPcapHeader()
        for number in 0..<200 {
            file.addRecord(seconds: UInt32(number), ticks: 0, [UInt8](repeating: UInt8(number), count: number))
        }
        #expect(try read(file.bytes, piece: piece).frames == read(file.bytes).frames)
    }

    static let foreign: [([UInt8], String)] = [
        ([], "empty"), (Array("hello, world".utf8), "text, no capture file (it begins with \"hello, world\")"),
        (Array("<!DOCTYPE html><html>".utf8), "a web page (HTML)"), (Array("{\"a\": 1}".utf8), "JSON text"),
        ([0x28, 0xb5, 0x2f, 0xfd, 1, 2], "compressed with zstd"), ([4, 0x22, 0x4d, 0x18], "compressed with lz4"),
        (Array("snoop\0\0\0\0\0\0\u{2}".utf8), "a snoop capture"),
        ([0, 1, 2, 3], "no capture file (it begins with \\x00\\x01\\x02\\x03)"),
        ([0xd4, 0xc3, 0xb2, 0xa1, 2, 0], "6 bytes, fewer than the header of a capture file"),
        ([0x0a, 0x0d, 0x0d, 0x0a] + [UInt8](repeating: 0, count: 60), "no capture file"),
    ]

    @Test(arguments: foreign)
    func whatIsNoCapture_isNamed(_ bytes: [UInt8], _ found: String) {
        let problem = #expect(throws: CaptureFileProblem.self) { try CaptureReader(bytes: bytes, name: "x") }
        #expect(problem?.found.hasPrefix(found) == true, "\(problem?.found ?? "")")
        #expect(problem?.file == "x")
        #expect(problem?.fix.isEmpty == false)
    }

    @Test func pcap_ofAnotherVersion_isRefused() {
        var file = CaptureFileBytes()
        file.addPcapHeader(version: 3)
        let problem = #expect(throws: CaptureFileProblem.self) { try CaptureReader(bytes: file.bytes, name: "x") }
        #expect(problem?.found == "pcap of version 3, and only version 2 is known")
    }
}
