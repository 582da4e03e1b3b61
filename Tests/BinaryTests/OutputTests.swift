import Foundation
import Testing

@Suite struct OutputTests {
    private let peer: Peer
    private var target: String { "127.0.0.1:\(peer.port)" }

    init() throws {
        peer = try Peer(.accepting)
    }

    @Test("A file is replaced whole, keeps its mode, and leaves nothing beside it")
    func replaces() async throws {
        let scratch = try Scratch()
        let path = try scratch.file("report", String(repeating: "old\n", count: 10_000))
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        let run = try await Program.run("tcp", target, "--format", "json", "--output", path)
        #expect(run.status == 0 && run.output.isEmpty && run.errors.isEmpty)
        #expect(Outcome.object(scratch.read("report") ?? "").text("schema") == "leadsman/report/v1")
        #expect(scratch.names == ["report"])
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o640)
    }

    @Test("A link stays a link, also one that leads to no file yet", arguments: [true, false])
    func links(exists: Bool) async throws {
        let scratch = try Scratch()
        if exists { _ = try scratch.file("real", "old") }
        try FileManager.default.createSymbolicLink(
            atPath: "\(scratch.path)/link", withDestinationPath: "real")
        #expect(try await Program.run("tcp", target, "--output", "\(scratch.path)/link").status == 0)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(scratch.path)/link") == "real")
        #expect(scratch.read("real")?.hasPrefix("HEALTHY") == true)
        #expect(scratch.names == ["link", "real"])
    }

    @Test("A place that cannot be written to is 3, before anything is probed", arguments: ["/nonexistent/r", "/tmp"])
    func unwritable(_ path: String) async throws {
        let run = try await Program.run("tcp", target, "--output", path)
        #expect(run.status == 3 && run.output.isEmpty)
        #expect(run.errors.hasPrefix("leadsman: cannot write \(path)") && run.errors.contains("to mend it:"))
        let early = try await Program.run("ping", "127.0.0.1", "--samples", "1000", "--output", path, seconds: 5)
        #expect(early.status == 3)
    }

    @Test("--output without a name is bad usage")
    func empty() async throws {
        #expect(try await Program.run("tcp", target, "--output", "").status == 2)
    }

    @Test(
        "A result that cannot be written is 3",
        arguments: [
            "tcp $T > /dev/full", "tcp $T --output /dev/full", "tcp $T >&-", "findings > /dev/full", "--help >&-",
        ])
    func lost(_ line: String) async throws {
        let run = try await Program.shell("exec $L \(line)", environment: ["T": target])
        #expect(run.status == 3)
        #expect(run.errors.hasPrefix("leadsman: cannot write "))
    }

    @Test("A closed standard output is nobody's business when the report goes to a file")
    func closedButFile() async throws {
        let scratch = try Scratch()
        let run = try await Program.shell(
            "exec $L tcp $T --format json --output \(scratch.path)/r >&- <&- 2>&-", environment: ["T": target])
        #expect(run.status == 0)
        #expect(Outcome.object(scratch.read("r") ?? "").text("verdict") == "healthy")
    }

    @Test("Devices and pipes are written through", arguments: ["cat $D/p & exec $L tcp $T --output $D/p"])
    func pipe(_ line: String) async throws {
        let scratch = try Scratch()
        let run = try await Program.shell(
            "mkfifo $D/p; \(line); wait", environment: ["T": target, "D": scratch.path])
        #expect(run.status == 0)
        #expect(scratch.names == ["p"])
        #expect(try await Program.run("tcp", target, "--output", "/dev/null").status == 0)
    }

    @Test("A reader that goes away ends it quietly")
    func head() async throws {
        let scratch = try Scratch()
        let checks = (0..<3000).map { "  - {name: c\($0), tcp: '\(target)'}" }
        let plan = try scratch.file("plan.yaml", (["leadsman: 1", "checks:"] + checks).joined(separator: "\n"))
        let run = try await Program.shell("$L run \(plan) --format jsonl | head -n 1; echo ${PIPESTATUS[0]}")
        #expect(run.errors.isEmpty)
        #expect(run.output.hasPrefix(#"{"type":"check""#) && run.output.hasSuffix("\n141\n"))
    }

    @Test("Pipes get neither colour nor progress; a terminal gets colour, unless told not to")
    func colour() async throws {
        let piped = try await Program.run("tcp", target)
        #expect(!piped.output.contains("\u{1b}") && piped.errors.isEmpty)
        let terminal = "script -qec \"$L tcp $T\" /dev/null"
        let coloured = try await Program.shell(terminal, environment: ["T": target, "TERM": "xterm"])
        try #require(coloured.status == 0, "not run: script(1) gives no terminal here")
        #expect(coloured.output.contains("\u{1b}["))
        for plain in [["NO_COLOR": "1", "TERM": "xterm"], ["TERM": "dumb"]] {
            let run = try await Program.shell(terminal, environment: plain.merging(["T": target]) { $1 })
            #expect(!run.output.contains("\u{1b}") && run.output.contains("HEALTHY"))
        }
    }

    @Test("Every line of a report fits 80 columns")
    func width() async throws {
        let run = try await Program.run("demo", "--verbose", environment: ["COLUMNS": "200"])
        #expect(run.status == 1)
        #expect(run.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }
}
