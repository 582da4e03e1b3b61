import Foundation
import Testing

/// The network is healthy, and this program does not get to run: that is named, and no network is blamed for it.
@Suite(.serialized) struct StarvationTests {
    /// A plan on loopback with limits that a starved program cannot see kept.
    private static func plan(_ scratch: borrowing Scratch, port: UInt16) throws -> String {
        try scratch.file(
            "plan.yml",
            """
            leadsman: 1
            defaults: {timeout: 1s, samples: 20, interval: 20ms}
            checks:
              - {name: port, tcp: "127.0.0.1:\(port)", expect: {latency: {p95: 20ms}}}
              - {name: again, tcp: "127.0.0.1:\(port)", expect: {latency: {p99: 20ms}}}
            """)
    }

    private func idsOfFindings(_ run: Outcome) -> [String] { run.json.list("findings").compactMap { $0.text("id") } }

    /// A new control group with a processor controller, of either version; nil when none can be made.
    private static let parent: String? = ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup"].first {
        let group = "\($0)/leadsman-try-\(getpid())"
        guard mkdir(group, 0o755) == 0 else { return false }
        defer { rmdir(group) }
        return ["cpu.cfs_quota_us", "cpu.max"].contains { access("\(group)/\($0)", W_OK) == 0 }
    }

    @Test(
        "A CPU quota that is used up is named, and nothing else",
        .enabled(if: parent != nil, "not run: no control group with a CPU quota can be made here"))
    func quota() async throws {
        let scratch = try Scratch()
        let peer = try Peer(.accepting)
        let group = "\(try #require(Self.parent))/leadsman-\(getpid())"
        let plan = try Self.plan(scratch, port: peer.port)
        let run = try await Program.shell(
            """
            mkdir \(group) && trap 'rmdir \(group)' EXIT
            if [ -e \(group)/cpu.max ]; then echo '1000 100000' >\(group)/cpu.max; else
                echo 100000 >\(group)/cpu.cfs_period_us; echo 1000 >\(group)/cpu.cfs_quota_us; fi
            bash -c 'echo $$ >\(group)/cgroup.procs; exec "$0" run \(plan) --format json' $L
            """)
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(run.json.text("verdict") == "degraded")
        #expect(idsOfFindings(run) == ["vantage-throttled"], "\(run.output)")
        let evidence = run.json.list("findings").first?["evidence"] as? [String] ?? []
        #expect(
            evidence.contains { $0.contains("CPU quota of 0.01 processors") && $0.contains("cpu.stat") }, "\(evidence)")
    }

    @Test("A program that is stopped in the middle says so, and blames no network")
    func stopped() async throws {
        let scratch = try Scratch()
        let peer = try Peer(.accepting)
        let plan = try Self.plan(scratch, port: peer.port)
        let program = try Program.start("run", plan, "--format", "json")
        for await _ in peer.visits { break }
        program.signal(SIGSTOP)
        _ = try await Program.shell("sleep 0.7")
        program.signal(SIGCONT)
        let run = try await program.outcome(seconds: 20)
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(idsOfFindings(run) == ["vantage-throttled"], "\(run.output)")
        let strain = (run.json["vantage"] as? [String: Any])?["strain"] as? [String: Any]
        #expect((strain?["longestStallMs"] as? Double ?? 0) >= 600)
    }

    @Test("Beside busy loops that have all rights, no network is blamed")
    func busyLoops() async throws {
        let scratch = try Scratch()
        let peer = try Peer(.silent)
        let plan = try Self.plan(scratch, port: peer.port)
        let run = try await Program.shell(
            """
            core=$(taskset -cp $$ | sed 's/.*[:, -]//')
            for _ in 1 2 3 4; do timeout 15 taskset -c $core bash -c 'while :; do :; done' & loops+=" $!"; done
            nice -n 19 taskset -c $core $L run \(plan) --format json; status=$?
            kill $loops; exit $status
            """)
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(Set(idsOfFindings(run)).isSubset(of: ["vantage-throttled"]), "\(run.output)")
    }

    @Test("Few descriptors slow a run down, and are told")
    func descriptors() async throws {
        let scratch = try Scratch()
        let peer = try Peer(.accepting)
        let checks = (0..<300).map { "  - {name: n\($0), tcp: \"127.0.0.1:\(peer.port)\"}" }
        let plan = try scratch.file("plan.yml", "leadsman: 1\nchecks:\n" + checks.joined(separator: "\n") + "\n")
        let run = try await Program.shell("ulimit -n 64; $L run \(plan) --format json")
        #expect(run.status == 0 && run.json.text("verdict") == "healthy", "\(run.output.suffix(2000))\(run.errors)")
        #expect(run.json.list("checks").count == 300)
        #expect(idsOfFindings(run) == ["vantage-throttled"])
        #expect(run.output.contains("RLIMIT_NOFILE) is 64"))
    }
}
