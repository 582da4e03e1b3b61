import CaptureFiles
import Testing
import Wire

@Suite struct GzipTests {
    /// Three records of 60 bytes (1, 2, 3 as content), as two members that were compressed one after the other.
    private static let members: [[UInt8]] = [
        [
            31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 187, 114, 120, 211, 66, 38, 6, 22, 6, 4, 96, 97, 96, 4, 146, 140, 80, 158,
            13, 20, 51, 82, 0, 152, 208, 204, 98, 130, 2, 0, 242, 226, 27, 244, 124, 0, 0, 0,
        ],
        [
            31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 99, 98, 34, 29, 48, 51, 64, 128, 13, 20, 51, 83, 0, 0, 23, 210, 196, 255,
            128, 0, 0, 0,
        ],
    ]

    private func read(_ bytes: [UInt8], piece: Int = .max) throws -> (contents: [[UInt8]], reader: CaptureReader) {
        let reader = try CaptureReader(bytes: bytes, name: "f.gz", piece: piece)
        var contents: [[UInt8]] = []
        while reader.next() != nil { contents.append(reader.withBytes { $0.copied() }) }
        return (contents, reader)
    }

    private static let contents = (1...3).map { [UInt8](repeating: UInt8($0), count: 60) }

    @Test(arguments: [1, 7, 4096, Int.max])
    func severalMembers_areOneFile(_ piece: Int) throws {
        let (contents, reader) = try read(Self.members[0] + Self.members[1], piece: piece)
        #expect(contents == Self.contents)
        #expect(!reader.isTruncated)
        #expect(reader.formatName == "pcap, gzipped")
    }

    @Test(arguments: [1, 4096])
    func whatFollowsTheLastMember_isIgnored(_ piece: Int) throws {
        for waste: [UInt8] in [[0, 0, 0, 0], Array("waste".utf8)] {
            let (contents, reader) = try read(Self.members[0] + Self.members[1] + waste, piece: piece)
            #expect(contents == Self.contents)
            #expect(!reader.isTruncated)
        }
    }

    @Test func cutData_giveWhatCameBefore() throws {
        let (contents, reader) = try read(Self.members[0] + Self.members[1].dropLast(10))
        #expect(contents.count < 4)
        #expect(contents.first == Self.contents[0])
        #expect(reader.isTruncated)
        #expect(reader.problems.count == 1)
        #expect(reader.problems.first?.contains("its gzip data end early") == true)
    }

    @Test func damagedData_areTold() throws {
        var damaged = Self.members[1]
        damaged[14] ^= 0x55
        let reader = try read(Self.members[0] + damaged).reader
        #expect(reader.isTruncated)
        #expect(reader.problems.first?.contains("its gzip data are damaged") == true, "\(reader.problems)")
    }

    @Test func whatIsNoCapture_isTold() {
        for (bytes, found) in [
            ([0x1f, 0x8b, 8], "its gzip data end early"), ([0x1f, 0x8b, 1, 1, 1], "its gzip data are damaged"),
        ] {
            let problem = #expect(throws: CaptureFileProblem.self) { try read(bytes.map(UInt8.init)) }
            #expect(problem?.found.contains(found) == true, "\(problem?.description ?? "")")
        }
    }
}
