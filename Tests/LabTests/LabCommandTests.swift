import ChildProcesses
import Foundation
import Testing

@testable import LabKit

/// `Scripts/lab`, and what a lab leaves when it is killed.
@Suite(
    .serialized, .enabled(if: LeadsmanBinary.obstacle == nil, Comment(rawValue: LeadsmanBinary.obstacle ?? "")),
    .enabled(if: LabRights.obstacle(.root) == nil, Comment(rawValue: LabRights.obstacle(.root) ?? "")))
struct LabCommandTests {
    /// They are built together.
    private static let program =
        URL(fileURLWithPath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/")
        .deletingLastPathComponent().path + "/leadsman-lab"
    private static let shortScenario = "tcp-refused: nobody listens"

    private func run(_ arguments: [String], temporary: String = NSTemporaryDirectory()) throws -> (
        status: Int32, output: String
    ) {
        let scratch = try Scratch(for: .root)
        defer { scratch.remove() }
        let output = try scratch.descriptor(writing: "out")
        defer { close(output) }
        let process = ChildProcess()
        let environment = [
            "LEADSMAN_BINARY": LeadsmanBinary.path ?? "", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR": temporary,
        ]
        try process.run(
            "/usr/bin/timeout", ["60", Self.program] + arguments, environment: environment, output: output,
            errors: output)
        process.waitUntilExit()
        return (process.terminationStatus, scratch.text("out"))
    }

    @Test func list_namesEveryScenario() throws {
        let run = try run(["--list"])
        #expect(run.status == 0)
        #expect(run.output.split(separator: "\n").count == Scenario.all.count)
    }

    @Test func scenario_isShownWithItsNetworkItsFaultAndWhatLeadsmanSays() throws {
        let run = try run([Self.shortScenario])
        #expect(run.status == 0)
        for part in [
            "c (198.18.1.2/24", "s: web server on port 80", "{name: closed", "leadsman run", "REFUSED", "as expected",
        ] {
            #expect(run.output.localizedCaseInsensitiveContains(part), "\(part) is not in: \(run.output)")
        }
    }

    @Test(arguments: [["no such scenario"], ["tcp"], ["--unknown"], []])
    func wrongCall_isTold(_ arguments: [String]) throws {
        let run = try run(arguments)
        #expect(run.status == 2)
        #expect(!run.output.isEmpty)
    }

    @Test func keptLab_staysUpUntilItIsTakenDown() throws {
        // So that the labs that a person keeps stay.
        let temporary = try Scratch(for: .root)
        defer { temporary.remove() }
        let run = try run([Self.shortScenario, "--keep"], temporary: temporary.path)
        #expect(run.status == 0)
        let path = try #require(run.output.firstMatch(of: /cd (\S+) &&/)?.1)
        let scratch = Scratch(path: String(path))
        // Another run does not take it for an orphan.
        #expect(try self.run([Self.shortScenario], temporary: temporary.path).status == 0)
        let keeper = try #require(scratch.keeper)
        let way = try #require(run.output.firstMatch(of: /\n +(nsenter .*) bash'/)?.1)
        #expect(try Tool.run(["sh", "-c", way + " ip route get 198.18.2.2' | grep 'via 198.18.1.1'"]).status == 0)
        #expect(try self.run(["--clean"], temporary: temporary.path).status == 0)
        #expect(isGone(keeper))
        #expect(!FileManager.default.fileExists(atPath: scratch.path))
    }

    @Test func killedRun_leavesOnlyADirectory_whichTheNextRemoves() throws {
        let process = ChildProcess()
        let environment = ["LEADSMAN_BINARY": LeadsmanBinary.path ?? "", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
        // It takes some seconds, in which leadsman and a server run.
        try process.run(Self.program, [Scenario.filteredDrop.name], environment: environment)
        let own = "\(NSTemporaryDirectory())/leadsman-lab-\(process.processIdentifier)-"
        let isUp = try Tool.run(["sh", "-c", "until ls \(own)*/plan.yaml; do sleep 0.01; done"], seconds: 20)
        #expect(isUp.status == 0)
        let labs = Scratch.all().filter { $0.owner == process.processIdentifier }.map(\.scratch)
        let keeper = try #require(labs.lazy.compactMap(\.keeper).first)
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(isGone(keeper))
        #expect(commandLines().filter { $0.contains("leadsman-lab-\(process.processIdentifier)-") } == [])
        #expect(!labs.isEmpty && labs.allSatisfy { FileManager.default.fileExists(atPath: $0.path) })
        Scratch.removeOrphans()
        #expect(!labs.contains { FileManager.default.fileExists(atPath: $0.path) })
    }

    /// A process without a command line is one that has ended, though its parent may not have heard of it yet.
    private func isGone(_ process: Int32) -> Bool {
        let script = "while [ -n \"$(tr -d '\\0' </proc/\(process)/cmdline)\" ]; do sleep 0.01; done"
        return (try? Tool.run(["sh", "-c", script], seconds: 10).status) == 0
    }

    private func commandLines() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.filter { Int($0) != nil }.map { pid in
            let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
            return String(decoding: line, as: UTF8.self).replacingOccurrences(of: "\0", with: " ")
        }
    }
}
