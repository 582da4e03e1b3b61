import ChildProcesses
import Foundation
import Testing

/// Live capture by the built program: what it says of itself without rights, and what it counts with them.
@Suite struct CaptureTests {
    private static let canConfine: Bool = {
        let process = ChildProcess()
        let line = "unshare -n bash -c 'ip link set lo up && exec tcpdump --version' && test -x \(Program.path)"
        guard (try? process.run("/bin/bash", ["-c", line])) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()
    private static let why: Comment = "not run: needs root, unshare and tcpdump"

    /// In a network of its own with nothing but a loopback, so that what is captured is what the line itself sends.
    private func alone(_ line: String) async throws -> Outcome {
        try await Program.shell("unshare -n bash -c 'ip link set lo up; \(line)'")
    }

    @Test(
        "Bad usage is told before anything starts",
        arguments: [
            "--for 0s", "--packets 0", "--snap-length 0", "--ring-size 1M", "-w f --ring-files 3",
            "-w - --ring-size 1M",
            "-w - --format json", "-w - --output -", "-i ''", "tcp prt 80", "host shop.example.com",
            "-w f --ring-size 1X",
        ])
    func usage(_ arguments: String) async throws {
        let run = try await Program.shell("cd /; $L capture \(arguments)")
        #expect(run.status == 2 && run.output.isEmpty, "\(run.status) \(run.output)\(run.errors)")
        #expect(run.errors.contains("Error: "))
    }

    @Test("Interfaces are listed without any right", .enabled(if: canConfine, why))
    func list() async throws {
        let run = try await alone("setpriv --reuid 65534 --regid 65534 --clear-groups $L capture --list")
        #expect(run.status == 0 && run.output.contains("lo ") && run.output.contains("127.0.0.1"), "\(run.errors)")
        #expect(run.output.contains("any") && run.output.contains("by default: there is no default route"))
    }

    @Test("Without the right: 3, with the exact fix", .enabled(if: canConfine, why))
    func rights() async throws {
        let run = try await alone("setpriv --reuid 65534 --regid 65534 --clear-groups $L capture -i lo --for 1s")
        #expect(run.status == 3 && run.output.isEmpty, "\(run.output)\(run.errors)")
        #expect(run.errors.contains("setcap cap_net_raw+ep /") && run.errors.contains("NET_RAW"))
    }

    @Test("No such interface: 2, with those that there are; one that is down: 3", .enabled(if: canConfine, why))
    func interfaces() async throws {
        let missing = try await alone("$L capture -i l0")
        #expect(missing.status == 2 && missing.errors.contains("no interface"), "\(missing.errors)")
        let down = try await alone("ip link add d0 type veth peer name d1; $L capture -i d0 --for 1s")
        #expect(down.status == 3 && down.errors.contains("is down"), "\(down.errors)")
    }

    @Test("As many packets as tcpdump, headers only, and tcpdump reads the file", .enabled(if: canConfine, why))
    func counts() async throws {
        let scratch = try Scratch()
        let run = try await alone(
            """
            cd \(scratch.path); tcpdump -i lo -U -Z root -w theirs.pcap 2>tcpdump.txt & \
            $L capture -i lo -w ours.pcap --for 15s --format json >ours.json 2>ours.txt & capture=$!; \
            until grep -q listening tcpdump.txt && grep -q capturing ours.txt; do sleep 0.05; done; \
            python3 -c "import socket; s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); \
            [s.sendto(b\\"secret\\"*20,(\\"127.0.0.1\\",9)) for _ in range(500)]"; \
            until [ $(tcpdump -nr theirs.pcap udp 2>/dev/null | wc -l) -ge 500 ]; do sleep 0.05; done; \
            kill -INT $capture; wait $capture; echo $?; kill -INT %1; wait %1; \
            tcpdump -nr theirs.pcap 2>/dev/null | wc -l; tcpdump -nr ours.pcap 2>/dev/null | wc -l; \
            grep -c secret ours.pcap
            """)
        let lines = run.output.split(separator: "\n")
        #expect(
            lines.count == 4 && lines[0] == "130" && lines[1] == lines[2] && lines[3] == "0",
            "\(run.output)\(run.errors)")
        let json = Outcome.object(scratch.read("ours.json") ?? "")
        #expect(json["packets"] as? Int == Int(lines.dropFirst().first ?? ""))
        #expect((json["drops"] as? [String: Any])?["kernel"] as? Int == 0)
    }

    @Test("Packets on standard output, what they show on standard error", .enabled(if: canConfine, why))
    func pipe() async throws {
        let run = try await alone(
            "ping -q -c 300 -i 0.01 127.0.0.1 >/dev/null & $L capture -i lo -w - --packets 2 --for 10s | tcpdump -nr - | wc -l"
        )
        #expect(run.output.trimmingCharacters(in: .whitespacesAndNewlines) == "2", "\(run.output)\(run.errors)")
        #expect(run.errors.contains("2 packets"))
    }

    @Test("A ring that is given no number of files keeps ten", .enabled(if: canConfine, why))
    func ringByDefault() async throws {
        let scratch = try Scratch()
        let run = try await alone(
            """
            ping -q -c 2000 -i 0.001 127.0.0.1 >/dev/null & \
            $L capture -i lo -w \(scratch.path)/r.pcap --ring-size 4K --packets 2000 --for 15s --quiet >/dev/null
            """)
        #expect(run.status == 0 && scratch.names.count == 10, "\(scratch.names) \(run.errors)")
    }

    @Test("A ring keeps as many files as it may", .enabled(if: canConfine, why))
    func ring() async throws {
        let scratch = try Scratch()
        let run = try await alone(
            """
            ping -q -c 2000 -i 0.002 127.0.0.1 >/dev/null & \
            $L capture -i lo -w \(scratch.path)/r.pcap --ring-size 4K --ring-files 3 --packets 500 --for 15s --quiet >/dev/null
            """)
        #expect(run.status == 0 && scratch.names.count == 3, "\(scratch.names) \(run.errors)")
    }

    @Test(
        "A run without the right goes on without evidence, says so once, and ends with 3", .enabled(if: canConfine, why)
    )
    func evidenceWithoutRights() async throws {
        let peer = try Peer(.accepting)
        let run = try await Program.shell(
            "setpriv --reuid 65534 --regid 65534 --clear-groups $L check 127.0.0.1:\(peer.port) --evidence --format json"
        )
        #expect(run.status == 3 && run.json.text("verdict") == "inconclusive", "\(run.status)\(run.errors)")
        #expect(run.errors.components(separatedBy: "no packets as evidence").count == 2)
        #expect(run.json.list("checks").contains { $0.text("status") == "passed" })
    }

    @Test("A capture beside checks sees them, and names that no check has are a mistake", .enabled(if: canConfine, why))
    func beside() async throws {
        let peer = try Peer(.accepting)
        let scratch = try Scratch()
        let check = "{name: port, tcp: \"127.0.0.1:\(peer.port)\"}"
        let plan = try scratch.file(
            "plan.yaml",
            "leadsman: 1\nchecks:\n  - {name: wire, capture: lo, filter: tcp port \(peer.port), during: [port]}\n  - \(check)\n"
        )
        let run = try await Program.run("run", plan, "--format", "json")
        let wire = run.json.list("checks").first { $0.text("name") == "wire" }
        #expect(run.status == 0 && wire?.text("status") == "passed", "\(run.output)\(run.errors)")
        #expect((wire?.list("facts").first?["packets"] as? Int ?? 0) >= 3)
        let odd = try scratch.file(
            "odd.yaml", "leadsman: 1\nchecks:\n  - {name: wire, capture: lo, during: [prt]}\n  - \(check)\n")
        let mistaken = try await Program.run("run", odd)
        #expect(mistaken.status == 2 && mistaken.errors.contains("did you mean `port`?"), "\(mistaken.errors)")
    }
}
