import CaptureFiles
import NetValues
import Observations
import Testing
import Wire

@Suite struct CaptureFileSetTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func file(_ name: String, _ seconds: [UInt32], linkType: UInt32 = 1) throws -> String {
        var file = CaptureFileBytes()
        file.addPcapHeader(linkType: linkType)
        for second in seconds { file.addRecord(seconds: second, ticks: 0, [UInt8(second)]) }
        return try folder.write(name, file.bytes)
    }

    private func read(_ set: CaptureFileSet) -> [ReadFrame] {
        var frames: [ReadFrame] = []
        while set.read(most: 2, { frames.append(ReadFrame(frame: $0, bytes: $1.copied())) }) {}
        return frames
    }

    @Test func severalFiles_comeInTheOrderOfTime() throws {
        let set = try CaptureFileSet([
            file("a", [1, 4, 9]), file("b", [2, 3, 10, 11], linkType: 113), file("c", []), file("d", [4, 5]),
        ])
        let frames = read(set)
        #expect(frames.map { $0.bytes[0] } == [1, 2, 3, 4, 4, 5, 9, 10, 11])
        #expect(frames.map(\.frame.number) == Array(1...9))
        // Of equal times the file given first goes first.
        #expect(frames.map(\.frame.interface) == [0, 1, 1, 0, 3, 3, 0, 1, 1])
        #expect(frames[1].frame.linkType == .linuxCooked)
        #expect(set.frames == 9)
        #expect(set.names.map { $0.split(separator: "/").last ?? "" } == ["a", "b", "c", "d"])
        #expect(set.backwardSteps == 0)
    }

    @Test func fileWithBackwardTimes_keepsItsOwnOrder() throws {
        let set = try CaptureFileSet([file("a", [5, 1, 6]), file("b", [2, 7])])
        #expect(read(set).map { $0.bytes[0] } == [2, 5, 1, 6, 7])
        #expect(set.backwardSteps == 1)
    }

    /// More than are open at once.
    @Test func manyFiles_asOfARing() throws {
        let paths = try (0..<50).map { number in try file("f\(number)", [UInt32(50 - number), UInt32(51 - number)]) }
        let set = try CaptureFileSet(paths)
        let contents = read(set).map { $0.bytes[0] }
        #expect(contents == contents.sorted())
        #expect(contents.count == 100)
        #expect(!set.isTruncated)
    }

    @Test func span_ofWallTimes_bothEndsBelongToIt() throws {
        let span = CaptureTimeSpan(from: .at(WallTime(seconds: 3)), to: .at(WallTime(seconds: 5)))
        let set = try CaptureFileSet([file("a", [1, 2, 3, 4, 5, 6])], span: span)
        let frames = read(set)
        #expect(frames.map { $0.bytes[0] } == [3, 4, 5])
        // As in the whole file, so that it can be found there.
        #expect(frames.map(\.frame.number) == [3, 4, 5])
        #expect(set.frames == 6)
    }

    @Test func span_afterTheFirstFrame() throws {
        let span = CaptureTimeSpan(from: .afterFirst(.seconds(2)), to: .afterFirst(.milliseconds(3500)))
        let set = try CaptureFileSet([file("a", [14, 15]), file("b", [12, 13, 16])], span: span)
        #expect(read(set).map { $0.bytes[0] } == [14, 15])
    }

    @Test func span_thatEndsBeforeItBegins_isEmpty() throws {
        let span = CaptureTimeSpan(from: .at(WallTime(seconds: 5)), to: .at(WallTime(seconds: 3)))
        #expect(try read(CaptureFileSet([file("a", [1, 4, 6])], span: span)).isEmpty)
    }

    @Test func cutFile_doesNotEndTheOthers() throws {
        let whole = try file("a", [1, 3, 5])
        let cut = try folder.write("b", folder.read("a").dropLast())
        let set = try CaptureFileSet([cut, whole])
        #expect(read(set).map { $0.bytes[0] } == [1, 1, 3, 3, 5])
        #expect(set.isTruncated)
        #expect(set.problems == ["\(cut): ends within a record: 16 of 17 bytes or more, at byte 58"])
    }

    @Test func drops_addUp() throws {
        var bytes = CaptureFileBytes()
        bytes.addSection()
        bytes.addInterface()
        bytes.addPacket(ticks: 1, [1])
        bytes.addStatistics(interfaceDrops: 2, kernelDrops: 3)
        let path = try folder.write("a", bytes.bytes)
        let set = try CaptureFileSet([path, path, file("b", [1])])
        #expect(read(set).count == 3)
        #expect(set.drops == CaptureDrops(kernel: 6, interface: 4, isKnown: true))
        #expect(set.formatNames == ["pcapng", "pcapng", "pcap"])
    }

    @Test func whatCannotBeRead_isNamed() throws {
        let good = try file("a", [1])
        for (path, found) in [
            (folder.path, "a directory"), ("\(folder.path)/none", "open: No such file or directory (ENOENT)"),
            ("/dev/null", "empty"),
        ] {
            let problem = #expect(throws: CaptureFileProblem.self) { try CaptureFileSet([good, path]) }
            #expect(problem?.found == found)
            #expect(problem?.file == path)
        }
        let twice = #expect(throws: CaptureFileProblem.self) { try CaptureFileSet(["-", "-"]) }
        #expect(twice?.found == "standard input is given twice")
    }
}
