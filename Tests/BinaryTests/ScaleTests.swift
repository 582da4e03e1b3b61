import Foundation
import Testing

/// Many checks: nothing is lost, and memory and descriptors stay bounded.
@Suite(.serialized) struct ScaleTests {
    /// Mixed checks of loopback, all healthy.
    private func checks(_ count: Int, port: UInt16, closed: UInt16) -> [String] {
        (0..<count).map { number in
            switch number % 4 {
            case 0: "  - {name: \"port \(number)\", tcp: \"127.0.0.1:\(port)\"}"
            case 1: "  - {name: \"page \(number)\", http: \"http://127.0.0.1:\(port)/\"}"
            case 2: "  - {name: \"echo \(number)\", icmp: 127.1.\(number / 250 % 250).\(1 + number % 250)}"
            default: "  - {name: \"shut \(number)\", tcp: \"127.0.0.1:\(closed)\", expect: refused}"
            }
        }
    }

    private func plan(_ checks: [String], rate: Int = 4000) -> String {
        "leadsman: 1\nlimits: {rate: \(rate)/s}\ndefaults: {timeout: 5s}\nchecks:\n" + checks.joined(separator: "\n")
            + "\n"
    }

    private static let page = Array("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n".utf8)

    @Test("10,000 mixed checks: every one is told, and the broken three are the headline")
    func tenThousand() async throws {
        let scratch = try Scratch()
        let peer = try Peer(.saying(Self.page))
        let closed = try Peer.closedPort()
        var checks = checks(9997, port: peer.port, closed: closed)
        let broken = [
            "  - {name: \"broken port\", tcp: \"127.0.0.1:\(closed)\"}",
            "  - {name: \"broken page\", http: \"http://127.0.0.1:\(peer.port)/\", expect: {status: 204}}",
            "  - {name: \"broken promise\", tcp: \"127.0.0.1:\(peer.port)\", expect: refused}",
        ]
        for (number, check) in broken.enumerated() { checks.insert(check, at: 1000 + 3000 * number) }
        let path = try scratch.file("plan.yml", plan(checks))
        // Descriptors for some 200 checks at once.
        let run = try await Execution(
            "/bin/bash", ["-c", "ulimit -n 1024; exec \(Program.path) run \(path) --format jsonl"], environment: [:],
            input: ""
        ).outcome(seconds: 120)
        #expect(run.status == 1, "\(run.errors)")
        let lines = run.lines
        let told = lines.compactMap { $0["check"] as? [String: Any] }
        #expect(told.count == 10_000 && Set(told.compactMap { $0.text("name") }).count == 10_000)
        let failed = told.filter { $0.text("status") != "passed" }.compactMap { $0.text("name") }
        #expect(Set(failed) == ["broken port", "broken page", "broken promise"])
        let findings = lines.compactMap { $0["finding"] as? [String: Any] }
            .filter { $0.text("id") != "vantage-throttled" }
        let named = findings.flatMap { $0["checks"] as? [String] ?? [] }
        #expect(Set(named) == Set(failed) && findings.count == 3, "\(findings)")
        #expect(lines.last?.text("verdict") == "failing")
    }

    /// Peak resident memory in KiB of the program as the child of a small one: the child of a large one begins with its peak.
    private func peak(_ arguments: [String]) async throws -> Int {
        let measure =
            "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL); "
            + "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        let run = try await Execution(
            "/usr/bin/python3", ["-c", measure, Program.path] + arguments, environment: [:], input: ""
        ).outcome(seconds: 120)
        return try #require(Int(run.output.trimmingCharacters(in: .whitespacesAndNewlines)), "\(run.errors)")
    }

    /// What grows is the plan itself, and no more than a few words for each address; not what the checks have seen.
    @Test("A stream's memory does not hold what the checks have seen")
    func stream() async throws {
        let scratch = try Scratch()
        let peer = try Peer(.saying(Self.page))
        let closed = try Peer.closedPort()
        let few = try scratch.file("few.yml", plan(checks(1000, port: peer.port, closed: closed)))
        let many = try scratch.file("many.yml", plan(checks(13_000, port: peer.port, closed: closed)))
        // Read to its end, and refused.
        let refused = [few, many].map { $0 + ".refused" }
        for (path, other) in zip([few, many], refused) {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try (text + "unknown: key\n").write(toFile: other, atomically: true, encoding: .utf8)
        }
        let grown = try await peak(["run", many, "--format", "jsonl"]) - peak(["run", few, "--format", "jsonl"])
        let read = try await peak(["run", refused[1]]) - peak(["run", refused[0]])
        #expect(grown < read + 8 * 1024, "\(grown) KiB for 12,000 more checks, of which reading the plan takes \(read)")
    }
}
