import Foundation
import Testing

@Suite(.timeLimit(.minutes(1))) struct SignalTests {
    private let peer: Peer
    private let scratch: Directory

    /// Copyable, for the suite.
    private final class Directory: Sendable {
        let scratch: Scratch
        init() throws { scratch = try Scratch() }
    }

    init() throws {
        peer = try Peer(.accepting)
        scratch = try Directory()
    }

    /// A quick check, one that goes on for minutes, and one that needs it.
    private func plan(with extra: String = "") throws -> String {
        try scratch.scratch.file(
            "plan.yaml",
            """
            leadsman: 1
            checks:
              - {name: quick, tcp: "127.0.0.1:\(peer.port)"}
              - {name: long, tcp: "127.0.0.1:\(peer.port)", samples: 1000, interval: 500ms}
              - {name: later, tcp: "127.0.0.1:\(peer.port)", needs: [long]}
            \(extra)
            """)
    }

    @Test(
        "Once: the report of what was seen, 130 or 143", arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
    func once(_ signal: Int32, _ status: Int32) async throws {
        let execution = try Program.start("run", try plan(), "--format", "jsonl")
        try await execution.waitForOutput("\"quick\"")
        execution.signal(signal)
        let run = try await execution.outcome(seconds: 5)
        #expect(run.status == status)
        let ends = Dictionary(
            uniqueKeysWithValues: run.lines.compactMap { $0["check"] as? [String: Any] }.map {
                ($0.text("name") ?? "", $0.text("status") ?? "")
            })
        #expect(ends == ["quick": "passed", "long": "passed", "later": "skipped"])
        #expect(run.lines.last?["interrupted"] as? Bool == true)
        #expect(run.lines.last?.text("verdict") == "inconclusive")
    }

    @Test("Once, while connections are being opened or left idle: it is over soon", arguments: ["flows", "idle"])
    func load(_ kind: String) async throws {
        let words = kind == "flows" ? "count: 4000, rate: 1" : "longest: 1h, send: \"x\""
        let silent = try Peer(.silent)
        let load = "  - {name: load, \(kind): '127.0.0.1:\(silent.port)', \(words)}"
        let execution = try Program.start("run", try plan(with: load), "--format", "jsonl")
        try await execution.waitForOutput("\"quick\"")
        execution.signal(SIGTERM)
        let run = try await execution.outcome(seconds: 5)
        #expect(run.status == 143, "\(run.status) \(run.errors)")
    }

    @Test("Once, with a finding: 1")
    func finding() async throws {
        let closed = "  - {name: closed, tcp: '127.0.0.1:\(try Peer.closedPort())'}"
        let execution = try Program.start("run", try plan(with: closed), "--format", "jsonl")
        try await execution.waitForOutput("\"closed\"")
        execution.signal(SIGTERM)
        #expect(try await execution.outcome(seconds: 5).status == 1)
    }

    @Test("Once, with --output: the file is replaced by what was seen")
    func file() async throws {
        let report = try scratch.scratch.file("report", "old")
        let execution = try Program.start("run", try plan(), "--output", report, "--quiet")
        for await _ in peer.visits { break }
        execution.signal(SIGINT)
        #expect(try await execution.outcome(seconds: 5).status == 130)
        #expect(scratch.scratch.read("report")?.contains("interrupted") == true)
    }

    @Test("Twice: at once, and an existing file stays as it was, with nothing beside it")
    func twice() async throws {
        // A pipe that nobody reads keeps the report from being written, so that only the second signal can end it.
        let checks = (0..<2000).map { "  - {name: c\($0), tcp: '127.0.0.1:\(peer.port)'}" }
        let plan = try scratch.scratch.file("many", (["leadsman: 1", "checks:"] + checks).joined(separator: "\n"))
        let run = try await Program.shell(
            """
            sleep 5 < <($L run \(plan) -v & echo $! > \(scratch.scratch.path)/pid; wait $!; echo $? > \(scratch.scratch.path)/status) &
            until [ -s \(scratch.scratch.path)/pid ]; do :; done
            sleep 1
            kill -TERM $(cat \(scratch.scratch.path)/pid); sleep 0.2; kill -TERM $(cat \(scratch.scratch.path)/pid)
            for i in $(seq 40); do [ -s \(scratch.scratch.path)/status ] && break; sleep 0.05; done
            kill %1
            cat \(scratch.scratch.path)/status
            """)
        #expect(run.output == "143\n")
    }

    @Test("While a plan is read from a terminal or pipe, one signal ends it")
    func reading() async throws {
        let run = try await Program.shell(
            """
            sleep 5 | $L run - &
            # A job in the background ignores the signal until the program blocks it, which it does before its first thread.
            until [ $(sed -n 's/^Threads:[[:space:]]*//p' /proc/$!/status) -gt 1 ]; do :; done
            kill -INT $!; wait $!; echo $?; kill %1 2>/dev/null
            """)
        #expect(run.output == "130\n")
    }
}
