import ChildProcesses
import Foundation
import Testing

/// With the real iperf3, at both ends. Loopback only. One after the other: each takes all processors that it gets.
@Suite(.serialized) struct ThroughputTests {
    private static let iperf: String? = {
        let tools = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent(".build-tools/usr/bin/iperf3").path
        return [tools, "/usr/bin/iperf3"].first(where: FileManager.default.isExecutableFile(atPath:))
    }()

    private static let isMissing: Comment = "iperf3 is neither installed nor in .build-tools (Scripts/setup --tests)"
    /// Where the unpacked program finds its library.
    private static let library =
        "LD_LIBRARY_PATH=.build-tools/usr/lib/x86_64-linux-gnu:.build-tools/usr/lib/aarch64-linux-gnu"

    /// A server in the background at port `$P`; what it says comes behind the line's errors. Nothing outlives the shell, whatever the
    /// other end does.
    private static func shell(_ start: String, _ line: String) async throws -> Outcome {
        try await Program.shell(
            """
            T=$(mktemp -d) && mkfifo "$T/told" || exit 99
            trap 'rm -rf "$T"' EXIT
            \(start)
            timeout -k 1 40 \(line); status=$?
            [ -n "$server" ] && kill $server
            wait; cat "$T/log" >&2; exit $status
            """, seconds: 60)
    }

    /// iperf3 takes no port 0: ports are tried, below those that the kernel gives out, until it listens.
    private static func startIperf(_ iperf: String) -> String {
        """
        until [ -n "$heard" ]; do
            P=$((16384 + RANDOM % 16384))
            \(Self.library) timeout -k 1 45 \(iperf) -s -p $P --forceflush </dev/null >"$T/told" 2>&1 & server=$!
            exec 5<"$T/told"
            while read -r line <&5; do case $line in *"istening on"*) heard=1; break; esac; done
        done
        cat <&5 >"$T/log" 2>/dev/null &
        """
    }

    /// Ends after its only test.
    private static let startListening = """
        timeout -k 1 45 "$L" throughput --listen 127.0.0.1:0 --tests 1 </dev/null >"$T/told" 2>&1 &
        exec 5<"$T/told"
        read -r line <&5
        cat <&5 >"$T/log" 2>/dev/null &
        P=${line#*127.0.0.1:} P=${P%% *}
        """

    @Test(
        .enabled(if: iperf != nil, isMissing),
        arguments: [
            "", "-R", "-P 3", "-u -b 20Mbit", "-u -b 20Mbit -R -P 2",
        ])
    func anIperf3Server(options: String) async throws {
        let iperf = try #require(Self.iperf)
        let run = try await Self.shell(
            Self.startIperf(iperf), "\"$L\" throughput 127.0.0.1:$P -t 300ms --bytes 20MB --format json \(options)")
        #expect(run.status == 0, "\(run.output) \(run.errors)")
        let facts = run.json.list("checks").first?.list("facts") ?? []
        let fact = try #require(facts.first { $0.text("type") == "throughput" })
        #expect(fact.text("peer") == "iperf3" && (fact["bytes"] as? Int ?? 0) > 10_000)
    }

    @Test(
        .enabled(if: iperf != nil, isMissing),
        arguments: [
            "-n 5M", "-n 5M -R -P 2", "-n 131073 -R", "-n 100K -u -b 5M", "-n 100K -u -b 5M -R", "-n 5M --bidir -P 2",
            "-n 100K -u -b 5M --bidir",
        ])
    func iperf3Clients_ofTheListeningSide(options: String) async throws {
        let iperf = try #require(Self.iperf)
        let run = try await Self.shell(
            Self.startListening, "env \(Self.library) \(iperf) -c 127.0.0.1 -p $P \(options)")
        #expect(run.status == 0 && run.output.contains("receiver"), "\(run.output) \(run.errors)")
        let ways = ["→ here", "← here", "⇄ here"]
        #expect(ways.contains { run.errors.contains($0) } && !run.errors.contains("not completed"), "\(run.errors)")
    }

    /// Nothing was measured, and nobody is blamed: 3, and what to do.
    @Test(.enabled(if: iperf != nil, isMissing)) func aBusyServer_isToldApart() async throws {
        let iperf = try #require(Self.iperf)
        let run = try await Self.shell(
            Self.startIperf(iperf) + """

                exec 6< <(\(Self.library) timeout -k 1 40 \(iperf) -c 127.0.0.1 -p $P -t 30 -b 1M -i 0.1 --forceflush)
                while read -r line <&6; do case $line in *sec*) break; esac; done

                """, "\"$L\" throughput 127.0.0.1:$P -t 300ms")
        #expect(run.status == 3, "\(run.output) \(run.errors)")
        #expect(run.output.contains("INCONCLUSIVE") && run.output.contains("--listen :5202"), "\(run.output)")
    }

    /// More connections than it may have descriptors, others that speak another protocol or nonsense: the next test is served.
    @Test func aCrowdOfClients_doesNotEndTheListeningSide() async throws {
        let run = try await Self.shell(
            """
            ulimit -S -n 60
            \(Self.startListening)
            ulimit -S -n 400
            printf 'GET / HTTP/1.1\\r\\nHost: example.test\\r\\n\\r\\n' | cat >/dev/tcp/127.0.0.1/$P
            for body in '\\xff\\xff\\xff\\xff' '\\x00\\x00\\x00\\x02{}' '\\x00\\x00\\x00\\x04[[[['; do
                exec 6<>/dev/tcp/127.0.0.1/$P
                printf "abcdefghijklmnopqrstuvwxyz2345671234\\\\0$body" >&6
                cat <&6 >/dev/null
                exec 6<&-
            done
            for i in $(seq 150); do exec {mute}<>/dev/tcp/127.0.0.1/$P; done
            """, "\"$L\" throughput 127.0.0.1:$P -t 200ms --bytes 1MB --server leadsman")
        #expect(run.status == 0, "\(run.output) \(run.errors)")
        #expect(run.errors.contains("1 MB in"), "\(run.errors)")
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
