import ChildProcesses
import Foundation
import Testing

/// What can be seen without any right, and what is told where one is missing.
@Suite struct RightsTests {
    /// A network of its own, in which nobody may open a ping socket; then nobody's identity.
    private static let confined = """
        unshare -n bash -c 'ip link set lo up && sysctl -qw net.ipv4.ping_group_range="1 0" && \
        exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"' --
        """
    private static let canConfine: Bool = {
        let process = ChildProcess()
        // Nobody must be able to reach the program as well.
        guard (try? process.run("/bin/bash", ["-c", "\(confined) test -x \(Program.path)"])) != nil else {
            return false
        }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    private func asNobody(_ line: String) async throws -> Outcome {
        try await Program.shell("\(Self.confined) $L \(line)")
    }

    @Test(
        "Ping that was asked for and is not allowed: 3, with the exact fix",
        .enabled(if: canConfine, "not run: needs root, unshare, setpriv, and a binary that nobody can reach"),
        arguments: ["127.0.0.1", "::1", "127.0.0.1 --fail-on never"])
    func ping(_ target: String) async throws {
        let run = try await asNobody("ping \(target)")
        #expect(run.status == 3, "\(run.output)\(run.errors)")
        #expect(run.output.hasPrefix("INCONCLUSIVE"))
        #expect(run.output.contains("net.ipv4.ping_group_range=\"0") && run.output.contains("CAP_NET_RAW"))
    }

    @Test(
        "The path MTU is found without, and what was not tried is told",
        .enabled(if: canConfine, "not run: needs root, unshare, setpriv, and a binary that nobody can reach"))
    func mtu() async throws {
        let run = try await asNobody("mtu 127.0.0.1 --largest 1500")
        #expect(run.status == 0 && run.output.hasPrefix("HEALTHY"), "\(run.output)\(run.errors)")
        let words = run.output.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
        #expect(words.contains("packets of 1500 bytes, the most that was tried, get to 127.0.0.1"), "\(words)")
        #expect(words.contains("icmp to 127.0.0.1: not tried") && words.contains("CAP_NET_RAW"), "\(words)")
    }

    @Test(
        "A layer that check added by itself is told, and is no 3",
        .enabled(if: canConfine, "not run: needs root, unshare, setpriv, and a binary that nobody can reach"))
    func layer() async throws {
        let run = try await asNobody("check 127.0.0.1:9 --expect reachable --format json")
        #expect(run.status == 1)
        #expect(run.json.list("checks").map { $0.text("status") } == ["unmeasured", "failed"])
    }

    @Test(
        "The demo needs no right",
        .enabled(if: canConfine, "not run: needs root, unshare, setpriv, and a binary that nobody can reach"))
    func demo() async throws {
        let run = try await asNobody("demo --format json")
        #expect(run.status == 1 && run.json.list("findings").count >= 6)
    }

    @Test("A machine without /etc", .enabled(if: canConfine, "not run: needs root, unshare, setpriv"))
    func bare() async throws {
        let peer = try Peer(.accepting)
        let run = try await Program.shell(
            "unshare -m bash -c 'mount -t tmpfs none /etc && exec env -i $L check 127.0.0.1:\(peer.port) --format json'"
        )
        #expect(run.status == 0 && run.json.text("verdict") == "healthy", "\(run.output)\(run.errors)")
    }

    @Test("A machine without /proc: 3, with the fix", .enabled(if: canConfine, "not run: needs root, unshare, setpriv"))
    func withoutProc() async throws {
        let run = try await Program.shell("unshare -m bash -c 'umount -l /proc && exec $L tcp 127.0.0.1:9'")
        #expect(run.status == 3 && run.output.isEmpty, "\(run.output)\(run.errors)")
        #expect(run.errors.contains("mount -t proc proc /proc"))
    }
}
