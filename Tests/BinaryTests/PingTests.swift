import Foundation
import Testing

/// `leadsman ping`: many targets, floods, and what a series is told by.
@Suite struct PingTests {
    @Test("Targets of standard input, with comments and a range, are summed up and complete as CSV")
    func targets() async throws {
        let list = "# of the lab\n127.0.0.1\n\n  127.0.0.2 # the second\n127.1.0.0/28\n::1\n"
        let page = try await Program.run(
            "ping", "--targets", "-", "--samples", "2", "--interval", "5ms", input: list)
        #expect(page.status == 0, "\(page.errors)")
        #expect(page.output.contains("icmp standard input: 17 answers"))
        let table = try await Program.run(
            "ping", "--targets", "-", "--samples", "2", "--interval", "5ms", "--format", "csv", input: list)
        #expect(table.output.split(separator: "\r\n").count == 18)
    }

    @Test("Many targets need few descriptors, with ping sockets and with raw ones")
    func fewDescriptors() async throws {
        let run = try await Program.shell(
            "ulimit -n 128; $L ping 127.1.0.0/23 --samples 1 --rate 5000 --format json")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.json.list("checks").allSatisfy { $0.text("status") == "passed" })
        #expect(!run.json.list("findings").contains { $0.text("subject")?.hasPrefix("open files") == true })
    }

    @Test("A wrong line of a list is named, and nothing is sent")
    func wrongTarget() async throws {
        let run = try await Program.run("ping", "--targets", "-", input: "127.0.0.1\nno such host\n")
        #expect(run.status == 2 && run.output.isEmpty && run.errors.contains("'no such host'"))
    }

    @Test("A flood says what it loads, sends what it was asked to, and tells its distribution")
    func flood() async throws {
        let run = try await Program.run(
            "ping", "--flood", "--rate", "2000", "--samples", "400", "--format", "json", "127.0.0.1")
        #expect(run.status == 0)
        #expect(run.errors.contains("flood: 400 requests of 84 bytes to 127.0.0.1, 2000 a second for 200 ms"))
        let check = try #require(run.json.list("checks").first)
        let series = try #require(check["series"] as? [String: Any])
        #expect(series["sent"] as? Int == 400)
        let distribution = try #require(series["distributionMs"] as? [[String: Any]])
        #expect(distribution.compactMap { $0["count"] as? Int }.reduce(0, +) == series["answered"] as? Int)
    }
}
