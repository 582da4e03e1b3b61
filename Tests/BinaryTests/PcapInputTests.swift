import Foundation
import PacketBuilding
import Testing
import Wire

/// Files that are none, end early, or never end.
@Suite struct PcapInputTests {
    @Test("A file that is no capture exits 2, with place and fix", arguments: ["", "<html></html>", "leadsman: 1\n"])
    func foreign(_ text: String) async throws {
        let scratch = try Scratch()
        let path = try scratch.file("page", text)
        for line in ["$L pcap \(path)", "$L pcap - < \(path)"] {
            let run = try await Program.shell(line)
            #expect(run.status == 2 && run.output.isEmpty)
            #expect(run.errors.contains(line.contains("-") ? "standard input" : path) || run.errors.contains(path))
            #expect(run.errors.contains("to mend it: "))
        }
    }

    @Test("Neither is a missing file, a folder, or standard input twice")
    func unreadable() async throws {
        let scratch = try Scratch()
        for arguments in ["/nonexistent.pcap", scratch.path, "- -"] {
            let run = try await Program.shell("$L pcap \(arguments) --fail-on never < /dev/null")
            #expect(run.status == 2 && run.output.isEmpty && run.errors.contains("to mend it: "))
        }
    }

    @Test("A file that ends early counts as far as it goes")
    func truncated() async throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/cut.pcap"
        try Data(PcapTests.capture().bytes.dropLast(7)).write(to: URL(fileURLWithPath: path))
        let run = try await Program.run("pcap", path, "--format", "json")
        #expect(run.status == 0 && run.json["packets"] as? Int == 9 && run.json["truncated"] as? Bool == true)
        #expect((run.json["problems"] as? [String])?.first?.contains(path) == true)
        let page = try await Program.shell("cd \(scratch.path) && $L pcap cut.pcap")
        #expect(page.status == 0 && page.output.contains("\n  cut.pcap: "))
    }

    @Test("A capture without packets is told as such")
    func empty() async throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/empty.pcap"
        try Data(CaptureBytes().bytes).write(to: URL(fileURLWithPath: path))
        let run = try await Program.run("pcap", path, "--format", "json")
        #expect(run.status == 0 && run.json.text("verdict") == "inconclusive" && run.json["packets"] as? Int == 0)
    }

    @Test("The result is written whole or not at all, and an unwritable place is known at once")
    func output() async throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/a.pcap"
        try Data(PcapTests.capture().bytes).write(to: URL(fileURLWithPath: path))
        let run = try await Program.run("pcap", path, "--format", "json", "--output", "\(scratch.path)/out.json")
        #expect(run.status == 0 && run.output.isEmpty)
        #expect(Outcome.object(scratch.read("out.json") ?? "")["packets"] as? Int == 10)
        #expect(try await Program.shell("$L pcap \(path) > /dev/full").status == 3)
        #expect(try await Program.shell("$L pcap \(path) --output /nonexistent/x").status == 3)
    }

    @Test("A signal ends the reading with what was seen")
    func interrupted() async throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/fifo"
        #expect(mkfifo(path, 0o600) == 0)
        let descriptor = open(path, O_RDWR)
        defer { close(descriptor) }
        let run = try Program.start("pcap", path, "--format", "json")
        // More than a pipe holds: when it has been written the program has read much of it.
        var capture = CaptureBytes()
        let packet = PacketBytes.udp("198.18.0.1:1000", "198.18.0.2:2000", [UInt8](repeating: 0, count: 1000))
        for index in 0..<500 { capture.add(PacketBytes.frame(packet), at: Int64(index) * 1_000_000) }
        try FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(contentsOf: Data(capture.bytes))
        run.signal(SIGINT)
        let outcome = try await run.outcome(seconds: 20)
        #expect(outcome.status == 130 && outcome.json["interrupted"] as? Bool == true)
        #expect((outcome.json["packets"] as? Int ?? 0) > 100)
    }
}
