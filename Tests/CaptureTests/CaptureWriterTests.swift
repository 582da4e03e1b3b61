import CaptureFiles
import ChildProcesses
import Foundation
import NetValues
import Testing
import Wire

@Suite struct CaptureWriterTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func frame(_ time: Int64, length: Int, linkType: LinkType = .ethernet) -> CapturedFrame {
        CapturedFrame(number: 1, time: time, length: length, linkType: linkType)
    }

    private func read(_ path: String) throws -> [ReadFrame] {
        let reader = try CaptureReader(path)
        var frames: [ReadFrame] = []
        while let frame = reader.next() {
            frames.append(ReadFrame(frame: frame, bytes: reader.withBytes { $0.copied() }))
        }
        #expect(!reader.isTruncated)
        return frames
    }

    @Test func whatWasWritten_isReadAgain() throws {
        let path = "\(folder.path)/a.pcap"
        let writer = try CaptureWriter(path, linkType: .linuxCooked2, snapLength: 100)
        let large = [UInt8](repeating: 7, count: 200_000)
        let times: [Int64] = [0, 1_700_000_000_123_456_789, 4_294_967_295_999_999_999]
        for time in times { try writer.write(frame(time, length: 1500), [1, 2, 3].span) }
        try writer.write(frame(-5, length: 200_000), large.span)
        try writer.write(frame(5, length: 200_000), large.span, keeping: 20)
        try writer.close()
        let frames = try read(path)
        #expect(frames.map(\.frame.time) == times + [0, 5])
        #expect(frames.map(\.bytes.count) == [3, 3, 3, 100, 20])
        #expect(frames.map(\.frame.length) == [1500, 1500, 1500, 200_000, 200_000])
        #expect(Set(frames.map(\.frame.linkType)) == [.linuxCooked2])
        #expect(try folder.read("a.pcap").count == writer.bytesWritten)
        #expect(writer.frames == 5)
    }

    @Test func largerFramesThanTheBuffer_areWrittenWhole() throws {
        let path = "\(folder.path)/a.pcap"
        let writer = try CaptureWriter(path, linkType: .ethernet)
        for count in [10, 200_000, 20] {
            try writer.write(frame(1, length: count), [UInt8](repeating: 7, count: count).span)
        }
        try writer.close()
        #expect(try read(path).map(\.bytes.count) == [10, 200_000, 20])
    }

    @Test func onlyThisUser_mayReadIt() throws {
        try CaptureWriter("\(folder.path)/a", linkType: .raw).close()
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/a")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func fullDisk_isTold_withItsName() throws {
        let writer = try CaptureWriter("/dev/full", linkType: .raw)
        let problem = #expect(throws: CaptureFileProblem.self) { try writer.close() }
        #expect(problem?.file == "/dev/full")
        #expect(problem?.found == "write: No space left on device (ENOSPC)")
        let many = try CaptureWriter("/dev/full", linkType: .raw)
        let bytes = [UInt8](repeating: 1, count: 100_000)
        #expect(throws: CaptureFileProblem.self) {
            for _ in 1...3 { try many.write(frame(1, length: bytes.count), bytes.span) }
        }
    }

    @Test func placeThatIsNone_isToldBeforeAnythingIsWritten() {
        let missing = "\(folder.path)/none/a.pcap"
        let problem = #expect(throws: CaptureFileProblem.self) { try CaptureWriter(missing, linkType: .raw) }
        #expect(problem?.found == "open: No such file or directory (ENOENT)")
        #expect(problem?.fix == "make its folder first")
    }

    // MARK: rings

    @Test func ringBySize_staysWithinItsBound_andEachFileIsWhole() throws {
        let limits = RingLimits(bytesPerFile: 24 + 3 * 116, files: 3)
        let ring = try RingWriter("\(folder.path)/t.pcap", linkType: .ethernet, limits: limits)
        let bytes = [UInt8](repeating: 1, count: 100)
        for number in 1...20 {
            try ring.write(frame(Int64(number), length: 100), bytes.span)
            #expect(folder.names.count <= 3)
        }
        try ring.close()
        #expect(folder.names == ["t.00005.pcap", "t.00006.pcap", "t.00007.pcap"])
        #expect(ring.files == folder.names.map { "\(folder.path)/\($0)" })
        #expect(ring.filesRemoved == 4)
        #expect(ring.frames == 20)
        #expect(try ring.files.map { try read($0).map(\.frame.time) } == [[13, 14, 15], [16, 17, 18], [19, 20]])
    }

    @Test func ringByTime_goesByTheFrames() throws {
        let limits = RingLimits(timePerFile: .seconds(10))
        let ring = try RingWriter("\(folder.path)/t", linkType: .ethernet, limits: limits)
        for second: Int64 in [100, 105, 110, 111, 125] {
            try ring.write(frame(second * 1_000_000_000, length: 1), [1].span)
        }
        try ring.close()
        #expect(try ring.files.map { try read($0).count } == [2, 2, 1])
    }

    @Test func filesOfOthers_areNeitherOverwrittenNorRemoved() throws {
        for number in [1, 3] { _ = try folder.write("t.0000\(number).pcap", [9]) }
        let ring = try RingWriter(
            "\(folder.path)/t.pcap", linkType: .ethernet, limits: RingLimits(bytesPerFile: 1, files: 1))
        for number in 1...3 { try ring.write(frame(Int64(number), length: 1), [1].span) }
        try ring.close()
        #expect(folder.names == ["t.00001.pcap", "t.00003.pcap", "t.00005.pcap"])
        #expect(try folder.read("t.00001.pcap") == [9])
        #expect(try folder.read("t.00003.pcap") == [9])
    }

    @Test func withoutLimits_itIsOneFileOfThatName() throws {
        let ring = try RingWriter("\(folder.path)/t.cap", linkType: .ethernet)
        for number in 1...3 { try ring.write(frame(Int64(number), length: 1), [1].span) }
        try ring.close()
        #expect(folder.names == ["t.cap"])
    }

    @Test func ringOnStandardOutput_isRefused() {
        #expect(throws: CaptureFileProblem.self) {
            try RingWriter("-", linkType: .ethernet, limits: RingLimits(bytesPerFile: 1000))
        }
    }

    // MARK: others' readers

    private static func program(_ name: String) -> String? {
        ["/usr/bin/", "/usr/sbin/"].map { $0 + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    private func output(_ program: String, _ arguments: [String]) throws -> String {
        let path = try folder.write("output", [])
        let file = open(path, O_WRONLY)
        defer { close(file) }
        let process = ChildProcess()
        try process.run(program, arguments, output: file)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: try folder.read("output"), as: UTF8.self)
    }

    /// An ARP request, in nanoseconds.
    private func written() throws -> String {
        let path = "\(folder.path)/arp.pcap"
        let writer = try CaptureWriter(path, linkType: .ethernet, snapLength: 96)
        let request: [UInt8] =
            [UInt8](repeating: 0xff, count: 6) + [2, 0, 0, 0, 0, 1, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1]
            + [198, 18, 0, 1, 0, 0, 0, 0, 0, 0, 198, 18, 0, 2]
        try writer.write(frame(1_700_000_000_123_456_789, length: 60), request.span)
        try writer.close()
        return path
    }

    @Test(.enabled(if: program("tshark") != nil, "tshark is not installed"))
    func tshark_readsIt() throws {
        let tshark = try #require(Self.program("tshark"))
        let fields = ["frame.time_epoch", "frame.len", "frame.cap_len", "arp.dst.proto_ipv4"].flatMap { ["-e", $0] }
        let text = try output(tshark, ["-n", "-r", written(), "-T", "fields"] + fields)
        #expect(text == "1700000000.123456789\t60\t42\t198.18.0.2\n")
    }

    @Test(.enabled(if: program("tcpdump") != nil, "tcpdump is not installed"))
    func tcpdump_readsIt() throws {
        let tcpdump = try #require(Self.program("tcpdump"))
        let text = try output(tcpdump, ["-n", "-tt", "--nano", "-r", written()])
        #expect(text.hasPrefix("1700000000.123456789 ARP, Request who-has 198.18.0.2 tell 198.18.0.1"))
    }
}
