import Foundation
import LinuxIO
import Planning
import Testing

@testable import PlanFile

/// Plans from the file system, alone and together.
@Suite final class PlanFilesTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("leadsman-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    private func write(_ text: String, _ name: String) throws -> String {
        let path = folder.appendingPathComponent(name).path
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        return path
    }

    private func mistakes(_ paths: [String]) -> [String] {
        do {
            _ = try Fixture.reader.read(paths: paths)
            return []
        } catch {
            return error.problems.map { $0.description.replacingOccurrences(of: folder.path + "/", with: "") }
        }
    }

    @Test func severalPlans_becomeOne() throws {
        let first = try write(
            "leadsman: 1\nvantage: {name: v}\nlimits: {inFlight: 9, rate: 5/s}\nchecks: [{name: a, icmp: 10.0.0.1, needs: [b]}]\n",
            "first.yaml")
        let second = try write(
            "leadsman: 1\ndefaults: {samples: 3}\nlimits: {inFlight: 4}\nchecks: [{name: b, http: 'http://a/', bearer: '${env:TOKEN}'}]\n",
            "second.yaml")
        let plan = try Fixture.reader.read(paths: [first, second])
        #expect(plan.checks.map(\.name) == ["a", "b"])
        #expect(plan.checks.map(\.samples) == [1, 3])
        #expect(plan.vantage?.name == "v")
        #expect(plan.limits == Limits(inFlight: 4, startsPerSecond: 5))
        #expect(plan.secrets.map(\.reference) == ["${env:TOKEN}"])
    }

    @Test func mistakesOfAllFiles_areToldTogether() throws {
        let first = try write("leadsman: 1\nvantage: {name: v}\nchecks:\n  - {name: a, icmp: 10.0.0.1}\n", "1.yaml")
        let second = try write(
            "leadsman: 1\nvantage: {name: w}\nchecks:\n  - {name: a, icmp: 10.0.0.1}\n  - {name: b, icmp: ''}\n",
            "2.yaml")
        #expect(
            mistakes([first, second]) == [
                "2.yaml:2:10: this vantage is not that of 1.yaml:2:10, but plans that run together have one",
                "2.yaml:4:12: the name `a` is taken already, at 1.yaml:4:12: names are unique in a plan",
                "2.yaml:5:21: expected a host name, an IPv4 or an IPv6 address, found ``: it is empty",
            ])
    }

    @Test func unreadablePlan_isToldBesideTheOthers() throws {
        let broken = try write("leadsman: 1\n", "broken.yaml")
        #expect(
            mistakes([folder.path + "/missing.yaml", broken]) == [
                "missing.yaml: the plan cannot be read: No such file or directory",
                "broken.yaml:1:1: the plan has no checks: list them under `checks`",
            ])
        #expect(mistakes([folder.path + "/../" + folder.lastPathComponent]).first?.hasSuffix("Is a directory") == true)
    }

    @Test func largeFile_isRefused() throws {
        let path = try write(String(repeating: "#", count: 5000), "large.yaml")
        let result = FileBytes.read(path, limit: 4999)
        #expect(result == .failure(UnreadableFile(reason: "larger than 4 KiB")))
        #expect((try? FileBytes.read(path, limit: 5000).get())?.count == 5000)
    }

    @Test func endlessFile_isRefused() {
        #expect(FileBytes.read("/dev/zero", limit: 1 << 20) == .failure(UnreadableFile(reason: "larger than 1 MiB")))
    }

    @Test func pipeThatNobodyWritesTo_isGivenUp() throws {
        let path = folder.appendingPathComponent("pipe").path
        try #require(mkfifo(path, 0o600) == 0)
        let result = FileBytes.read(path, limit: 100, patience: .zero)
        #expect(result == .failure(UnreadableFile(reason: "nothing could be read from it within 0 s")))
    }

    @Test func secretFile_isReadThroughTheDefaultReader() throws {
        let path = try write("hush\n", "secret")
        let plan = try write("leadsman: 1\nchecks: [{name: a, tcp: 'db:1', send: '${file:\(path)}'}]\n", "plan.yaml")
        let read = try PlanReader(probes: FakeCatalogue.probes).read(paths: [plan])
        #expect(read.checks[0].parameters.text("send") == "hush")
    }
}
