import ChildProcesses
import Foundation
import Testing

/// With the real iperf3, at both ends. Loopback only.
@Suite struct ThroughputTests {
    private static let iperf: String? = {
        let tools = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent(".build-tools/usr/bin/iperf3").path
        return [tools, "/usr/bin/iperf3"].first(where: FileManager.default.isExecutableFile(atPath:))
    }()

    private static let isMissing: Comment = "iperf3 is neither installed nor in .build-tools (Scripts/setup --tests)"
    /// Where the unpacked program finds its library.
    private static let library =
        "LD_LIBRARY_PATH=.build-tools/usr/lib/x86_64-linux-gnu:.build-tools/usr/lib/aarch64-linux-gnu"

    private static func port() throws -> Int {
        let peer = try Peer(.silent)
        return Int(peer.port)
    }

    /// A server in the background, until the shell's line is over.
    private static func shell(_ server: String, _ line: String) async throws -> Outcome {
        try await Program.shell(
            """
            \(server) >"$T/log" 2>&1 & server=$!
            for try in $(seq 100); do grep -qi listening "$T/log" && break; sleep 0.05; done
            \(line); status=$?
            kill $server; wait $server 2>/dev/null; cat "$T/log" >&2; rm -rf "$T"; exit $status
            """,
            environment: [
                "T": FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path,
                "BASH_ENV": "",
            ])
    }

    private static func withFolder(_ server: String, _ line: String) async throws -> Outcome {
        try await shell("mkdir -p \"$T\"; \(server)", line)
    }

    @Test(
        .enabled(if: iperf != nil, isMissing),
        arguments: [
            "", "-R", "-P 3", "-u -b 20Mbit", "-u -b 20Mbit -R -P 2",
        ])
    func anIperf3Server(options: String) async throws {
        let iperf = try #require(Self.iperf)
        let port = try Self.port()
        let run = try await Self.withFolder(
            "\(Self.library) \(iperf) -s -p \(port) --forceflush",
            "$L throughput 127.0.0.1:\(port) -t 300ms --bytes 50MB --format json \(options)")
        #expect(run.status == 0, "\(run.output) \(run.errors)")
        let facts = run.json.list("checks").first?.list("facts") ?? []
        let fact = try #require(facts.first { $0.text("type") == "throughput" })
        #expect(fact.text("peer") == "iperf3" && (fact["bytes"] as? Int ?? 0) > 10_000)
    }

    @Test(
        .enabled(if: iperf != nil, isMissing),
        arguments: [
            "-n 5M", "-t 1 -R -P 2", "-t 1 -u -b 5M", "-t 1 -u -b 5M -R",
        ])
    func iperf3Clients_ofTheListeningSide(options: String) async throws {
        let iperf = try #require(Self.iperf)
        let port = try Self.port()
        let run = try await Self.withFolder(
            "$L throughput --listen 127.0.0.1:\(port) --tests 1",
            "\(Self.library) \(iperf) -c 127.0.0.1 -p \(port) \(options)")
        #expect(run.status == 0 && run.output.contains("receiver"), "\(run.output) \(run.errors)")
        #expect(run.errors.contains("→ here") || run.errors.contains("← here"), "\(run.errors)")
    }

    @Test func mistakes_ofTheCommandLine() async throws {
        for words in [
            ["throughput"], ["throughput", "127.0.0.1", "--min", "fast"], ["throughput", "127.0.0.1", "--tests", "1"],
            ["throughput", "127.0.0.1", "-t", "1h"], ["throughput", "--listen", "example.test"],
        ] {
            let run = try await Execution(Program.path, words, environment: [:], input: "").outcome(seconds: 20)
            #expect(run.status == 2 && run.output.isEmpty, "\(words): \(run.errors)")
        }
    }
}
