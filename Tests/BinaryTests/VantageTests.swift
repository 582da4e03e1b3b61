import Foundation
import Testing

/// Every run reads its vantage.
@Suite struct VantageTests {
    private let peer: Peer

    init() throws {
        peer = try Peer(.accepting)
    }

    @Test("A report has the vantage's state: as JSON whole, as a stream with its last line")
    func state() async throws {
        let run = try await Program.run("tcp", "127.0.0.1:\(peer.port)", "--format", "json")
        let state = try #require(run.json.object("vantage")?["state"] as? [String: Any])
        #expect((state["interfaces"] as? [[String: Any]])?.contains { $0["name"] as? String == "lo" } == true)
        #expect((state["limits"] as? [String: Any])?["localPorts"] != nil)
        #expect((state["grown"] as? [String: Any])?["Tcp.ActiveOpens"] != nil)
        let stream = try await Program.run("tcp", "127.0.0.1:\(peer.port)", "--format", "jsonl")
        let lines = stream.output.split(separator: "\n").map { Outcome.object(String($0)) }
        #expect(lines.first?.object("check")?["state"] == nil)
        #expect(lines.last?.object("vantage")?["state"] != nil)
    }

    @Test("With /proc/sys masked a run is as good as ever", .enabled(if: geteuid() == 0, "not run: needs root"))
    func masked() async throws {
        let run = try await Program.shell(
            "unshare -m bash -c 'mount -t tmpfs none /proc/sys && exec $L tcp 127.0.0.1:\(peer.port) --format json'")
        #expect(run.status == 0 && run.json.text("verdict") == "healthy", "\(run.output)\(run.errors)")
        let state = run.json.object("vantage")?["state"] as? [String: Any]
        #expect((state?["unread"] as? [String])?.contains { $0.hasPrefix("/proc/sys/net/") } == true)
        #expect((state?["interfaces"] as? [Any])?.isEmpty == false)
    }
}

extension [String: Any] {
    fileprivate func object(_ key: String) -> [String: Any]? { self[key] as? [String: Any] }
}
