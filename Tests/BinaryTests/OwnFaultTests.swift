import ChildProcesses
import Foundation
import Testing

/// What goes wrong on our own side: it is told as such, soon, and never as a fault of the network.
@Suite(.timeLimit(.minutes(2))) struct OwnFaultTests {
    private let peer: Peer

    init() throws {
        peer = try Peer(.accepting)
    }

    private func plan(of count: Int, in scratch: borrowing Scratch) throws -> String {
        let checks = (0..<count).map { "  - {name: c\($0), tcp: '127.0.0.1:\(peer.port)'}" }
        return try scratch.file("plan.yaml", (["leadsman: 1", "checks:"] + checks).joined(separator: "\n"))
    }

    // MARK: Where the result goes

    @Test("A reader that goes away, or never reads, ends it quietly", arguments: ["head -n 1", "head -c 1", "true"])
    func reader(_ command: String) async throws {
        let scratch = try Scratch()
        let plan = try plan(of: 2000, in: scratch)
        for format in ["text", "jsonl", "json"] {
            let run = try await Program.shell(
                "$L run \(plan) --verbose --format \(format) | \(command) >/dev/null; echo ${PIPESTATUS[0]}")
            #expect(run.errors.isEmpty)
            // What fits the pipe was written before the reader was seen to be gone.
            #expect(["141\n", "0\n"].contains(run.output), "\(format): \(run.output)")
        }
    }

    @Test(
        "Nobody to complain to: the result and the status are the same",
        arguments: ["2>&-", "2>/dev/full", "2>&- <&-", "<&-"])
    func silenced(_ redirection: String) async throws {
        let healthy = try await Program.shell("exec $L tcp 127.0.0.1:\(peer.port) --format json \(redirection)")
        #expect(healthy.status == 0 && healthy.json.text("verdict") == "healthy")
        let wrong = try await Program.shell("exec $L tcp nonsense: \(redirection)")
        #expect(wrong.status == 2 && wrong.output.isEmpty)
    }

    private static let canMount = confined("unshare -m mount -t tmpfs none /mnt")
    private static let canUnshare = confined("unshare -n true")

    private static func confined(_ line: String) -> Bool {
        let process = ChildProcess()
        guard (try? process.run("/bin/bash", ["-c", "exec \(line) 2>/dev/null"])) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    @Test(
        "A full disk leaves the old report, and nothing beside it",
        .enabled(if: canMount, "not run: needs the right to mount"), arguments: ["json", "jsonl", "text --verbose"])
    func fullDisk(_ format: String) async throws {
        let scratch = try Scratch()
        let plan = try plan(of: 200, in: scratch)
        let run = try await Program.shell(
            """
            exec unshare -m bash -c 'mount -t tmpfs -o size=8k none /mnt && echo old > /mnt/report && cd /mnt &&
            $L run \(plan) --format \(format) --output report; echo $?; cat report; ls -A'
            """)
        #expect(run.output == "3\nold\nreport\n")
        #expect(
            run.errors.hasPrefix("leadsman: cannot write report: write: No space left on device (ENOSPC)"),
            "\(run.errors)")
    }

    @Test("SIGKILL leaves the old report, and nothing beside it")
    func killed() async throws {
        let scratch = try Scratch()
        let path = try scratch.file("report", "old")
        let execution = try Program.start(
            "tcp", "127.0.0.1:\(peer.port)", "--samples", "1000", "--interval", "100ms", "--output", path)
        for await _ in peer.visits { break }
        execution.signal(SIGKILL)
        await #expect(throws: Hang.self) { try await execution.outcome(seconds: 5) }
        #expect(scratch.names == ["report"] && scratch.read("report") == "old")
    }

    // MARK: The clock

    @Test("No span is of the wall clock: it steps by hours, and nothing is seen of it")
    func steps() async throws {
        let scratch = try Scratch()
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Support/ClockStep/ClockStep.c").path
        let shim = "\(scratch.path)/step.so"
        let compiler = ["cc", "clang"].first { Self.confined("\($0) -shared -fPIC -o \(shim) \(source)") }
        try #require(compiler != nil, "not run: no C compiler")
        let web = try Peer(.saying(Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)))
        let plan = try scratch.file(
            "plan.yaml",
            """
            leadsman: 1
            defaults: {samples: 40, interval: 25ms}
            checks:
              - {name: port, tcp: "127.0.0.1:\(peer.port)"}
              - {name: echo, icmp: 127.0.0.1}
              - {name: page, http: "http://127.0.0.1:\(web.port)/"}
            """)
        let run = try await Program.run("run", plan, "--format", "json", environment: ["LD_PRELOAD": shim])
        #expect(run.status == 0 && Self.ofTheNetwork(run.json.list("findings")).isEmpty, "\(run.output)")
        let duration = run.json["durationMs"] as? Double ?? -1
        #expect(duration > 900 && duration < 15_000)
        var spans = 0
        for check in run.json.list("checks") {
            for fact in check.list("facts") {
                for (_, value) in fact.filter({ $0.key.hasSuffix("Ms") }) {
                    guard let span = value as? Double else { continue }
                    spans += 1
                    #expect(span >= 0 && span < 2000, "\(fact)")
                }
            }
        }
        #expect(spans > 100)
        // The kernel's stamps are true, and ours are not: where the two clocks disagree the kernel's was put aside.
        let echo = run.json.list("checks").first { $0.text("name") == "echo" } ?? [:]
        let stamps = echo.list("facts").compactMap { $0["kernelStamped"] as? Bool }
        #expect(stamps.contains(true) && stamps.contains(false))
    }

    // MARK: The network of our own

    /// A machine that is busy with other tests may well be told to be so.
    private static func ofTheNetwork(_ findings: [[String: Any]]) -> [String] {
        findings.compactMap { $0.text("id") }.filter { $0 != "vantage-throttled" }
    }

    /// A network of its own with one link, at whose far end a port answers; `$1` happens in the middle of the run.
    private static let shortLived = """
        ip link set lo up
        unshare -n sleep 60 & far=$!
        until [ "$(readlink /proc/$far/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do :; done
        ip link add near type veth peer name far
        ip link set far netns $far
        ip address add 198.18.1.2/24 dev near; ip link set near up
        nsenter -t $far -n bash -c 'ip link set lo up; ip address add 198.18.1.1/24 dev far; ip link set far up'
        $L run $PLAN --format jsonl > $OUT & run=$!
        until grep -q '"quick"' $OUT; do :; done
        eval "$CHANGE"
        wait $run; echo $?
        kill $far
        """

    @Test(
        "An interface that goes away in the middle of a run is our own change",
        .enabled(if: canUnshare, "not run: needs network namespaces"),
        arguments: ["ip link delete near", "ip link set near down", "ip address flush dev near"])
    func vanishes(_ change: String) async throws {
        let scratch = try Scratch()
        let plan = try scratch.file(
            "plan.yaml",
            """
            leadsman: 1
            defaults: {timeout: 1s, interval: 50ms}
            checks:
              - {name: quick, icmp: 198.18.1.1}
              - {name: port, tcp: "198.18.1.1:9", samples: 30, expect: refused}
              - {name: echo, icmp: 198.18.1.1, samples: 30}
            """)
        let run = try await Program.shell(
            "exec unshare -n bash -c '\(Self.shortLived.replacingOccurrences(of: "'", with: "'\\''"))'",
            environment: ["PLAN": plan, "OUT": "\(scratch.path)/lines", "CHANGE": change])
        #expect(run.output == "1\n", "\(run.output)\(run.errors)")
        let lines = (scratch.read("lines") ?? "").split(separator: "\n").map { Outcome.object(String($0)) }
        let findings = lines.compactMap { $0["finding"] as? [String: Any] }
        #expect(Self.ofTheNetwork(findings) == ["no-route-local"], "\(findings)")
        let route = findings.first { $0.text("id") == "no-route-local" }
        #expect(route?["checks"] as? [String] == ["port", "echo"])
    }

    @Test(
        "A network namespace in which nothing is up", .enabled(if: canUnshare, "not run: needs network namespaces"),
        arguments: [
            "tcp 127.0.0.1:80", "ping 127.0.0.1", "http http://127.0.0.1/", "tls 127.0.0.1:443", "check 127.0.0.1:80",
        ])
    func isolated(_ command: String) async throws {
        let run = try await Program.shell("exec unshare -n $L \(command) --format json")
        #expect(run.status == 1, "\(run.output)\(run.errors)")
        #expect(Self.ofTheNetwork(run.json.list("findings")) == ["no-route-local"])
    }

    // MARK: Limits

    @Test("Few descriptors: fewer checks at a time, and all of them")
    func descriptors() async throws {
        let scratch = try Scratch()
        let plan = try plan(of: 300, in: scratch)
        let run = try await Program.shell("ulimit -n 64; exec $L run \(plan) --format json")
        #expect(run.status == 0 && run.json.list("checks").count == 300, "\(run.errors)")
        #expect(run.json.list("checks").allSatisfy { $0.text("status") == "passed" })
    }

    @Test("Too few descriptors: 3, and what to do", arguments: 4...12)
    func fewDescriptors(_ count: Int) async throws {
        let run = try await Program.shell(
            "ulimit -n \(count); exec $L tcp 127.0.0.1:\(peer.port) --format json")
        guard run.status != 0 else { return #expect(run.json.text("verdict") == "healthy") }
        #expect(run.status == 3, "\(run.status) \(run.output)\(run.errors)")
        #expect(run.errors.contains("EMFILE") && run.errors.contains("to mend it:"), "\(run.errors)")
    }

    @Test("Too few descriptors for many connections: 3, unmeasured, and nothing said of the network")
    func manyWithoutDescriptors() async throws {
        let run = try await Program.shell(
            "ulimit -n 64; exec $L flows 127.0.0.1:\(peer.port) --count 200 --rate 10000 --format json")
        #expect(run.status == 3, "\(run.status) \(run.output)\(run.errors)")
        let check = try #require(run.json.list("checks").first)
        #expect(check.text("status") == "unmeasured" && check.text("fix")?.contains("lower count") == true)
        #expect(Self.ofTheNetwork(run.json.list("findings")) == ["probe-inconclusive"])
    }

    /// Megabytes of address space, from too few for a thread to enough for all. What cannot even load is the loader's to tell.
    @Test("Too little address space: 3, and what to do", arguments: [40, 50, 60, 70, 80, 100, 400])
    func littleMemory(_ size: Int) async throws {
        let run = try await Program.shell(
            "ulimit -v \(size << 10); exec $L tcp 127.0.0.1:\(peer.port) --format json")
        switch run.status {
        case 0: #expect(run.json.text("verdict") == "healthy")
        case 3: #expect(run.errors.contains("to mend it:"), "\(run.errors)")
        default:
            #expect(run.status == 127 && run.errors.contains("error while loading shared libraries"), "\(run.status)")
        }
    }

    private static let canBeNobody = confined(
        "setpriv --reuid 65534 --regid 65534 --clear-groups test -x \(Program.path)")

    @Test(
        "Too few processes: 3, and what to do",
        .enabled(if: canBeNobody, "not run: needs root, setpriv, and a binary that nobody can reach"), arguments: 1...8)
    func fewProcesses(_ count: Int) async throws {
        // Nobody's processes are counted over the whole machine, so that only few of these may succeed.
        let run = try await Program.shell(
            """
            exec setpriv --reuid 65534 --regid 65534 --clear-groups bash -c \
            'ulimit -u \(count); exec $L tcp 127.0.0.1:\(peer.port) --format json'
            """)
        guard run.status != 0 else { return #expect(run.json.text("verdict") == "healthy") }
        #expect(run.status == 3, "\(run.status) \(run.output)\(run.errors)")
        #expect(run.errors.contains("EAGAIN") && run.errors.contains("to mend it:"), "\(run.errors)")
    }
}
