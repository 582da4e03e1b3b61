import Testing

@Suite struct ExitStatusTests {
    @Test("0 for what is well, 1 for findings at or above --fail-on")
    func threshold() async throws {
        let peer = try Peer(.accepting)
        let closed = "127.0.0.1:\(try Peer.closedPort())"
        #expect(try await Program.run("tcp", "127.0.0.1:\(peer.port)").status == 0)
        #expect(try await Program.run("tcp", closed).status == 1)
        #expect(try await Program.run("tcp", closed, "--fail-on", "warning").status == 1)
        #expect(try await Program.run("tcp", closed, "--fail-on", "critical").status == 0)
        #expect(try await Program.run("tcp", closed, "--fail-on", "never").status == 0)
    }

    @Test("--fail-on never hides neither bad usage nor what could not be measured")
    func never() async throws {
        #expect(try await Program.run("tcp", "nonsense", "--fail-on", "never").status == 2)
        #expect(try await Program.run("run", "/nonexistent.yaml", "--fail-on", "never").status == 2)
        #expect(try await Program.shell("exec $L tcp 127.0.0.1:1 --fail-on never > /dev/full").status == 3)
    }

    @Test("A warning is no failure unless it is asked for")
    func warning() async throws {
        let closed = "127.0.0.1:\(try Peer.closedPort())"
        let run = try await Program.run("tcp", closed, "--expect", "blocked", "--format", "json")
        #expect(run.status == 0 && run.json.text("verdict") == "degraded")
        #expect(run.json.list("checks").first?.text("status") == "warned")
        #expect(try await Program.run("tcp", closed, "--expect", "blocked", "--fail-on", "warning").status == 1)
        #expect(try await Program.run("tcp", closed, "--expect", "refused").status == 0)
    }

    @Test("An open port that should be blocked is a failure")
    func notBlocked() async throws {
        let peer = try Peer(.accepting)
        let run = try await Program.run(
            "check", "127.0.0.1:\(peer.port)", "--expect", "blocked", "--format", "json")
        #expect(run.status == 1)
        #expect(run.json.list("findings").first?.text("id") == "flow-not-blocked")
    }

    @Test(
        "A stored report that is none is bad input", arguments: ["", "{}", "[1,", "leadsman: 1", "{\"schema\":\"x\"}"])
    func badReport(_ text: String) async throws {
        let run = try await Program.run("report", "-", input: text)
        #expect(run.status == 2 && run.output.isEmpty)
        #expect(run.errors.hasPrefix("leadsman: -: "))
    }

    @Test("A small limit of open files costs time, and no check")
    func fewDescriptors() async throws {
        let peer = try Peer(.accepting)
        let scratch = try Scratch()
        let checks = (0..<500).map { "  - {name: c\($0), tcp: '127.0.0.1:\(peer.port)'}" }
        let plan = try scratch.file("plan.yaml", (["leadsman: 1", "checks:"] + checks).joined(separator: "\n"))
        let run = try await Program.shell("ulimit -n 64; exec $L run \(plan) --format json")
        #expect(run.status == 0 && run.json.text("verdict") == "healthy")
        #expect(run.json.list("checks").count == 500)
    }
}
