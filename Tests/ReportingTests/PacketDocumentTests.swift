import JSON
import Observations
import Testing

@testable import Reporting

/// The members that users' scripts rest on: they may never go, and are there whatever the capture holds.
@Suite struct PacketDocumentTests {
    private static let document = [
        "schema", "files", "packets", "bytes", "firstAt", "lastAt", "linkTypes", "truncated", "drops", "tcp", "dns",
        "icmp", "arp", "tls", "http", "egress", "flows", "findings",
    ]
    private static let counters = [
        "retransmission", "fastRetransmission", "spuriousRetransmission", "outOfOrder", "duplicateAck", "lostSegment",
        "ackLostSegment", "zeroWindow", "zeroWindowProbe", "zeroWindowProbeAck", "windowFull", "windowUpdate",
        "keepAlive", "keepAliveAck", "reusedPorts",
    ]
    private static let flow = [
        "protocol", "a", "b", "packetsAtoB", "packetsBtoA", "bytesAtoB", "bytesBtoA", "firstAt", "lastAt",
        "initialRttMs", "tcp",
    ]
    private static let finding = [
        "id", "severity", "confidence", "subject", "checks", "summary", "evidence", "cause", "remedy", "causedBy",
        "explains",
    ]

    private func document(_ report: PacketReport) throws -> JSONValue {
        var text: [UInt8] = []
        report.write(as: PacketRendering(format: .json, style: TextStyle())) { text += $0 }
        return try JSONParser.parse(text)
    }

    private func missing(_ keys: [String], in value: JSONValue?) -> [String] {
        keys.filter { value?[$0] == nil }
    }

    @Test(arguments: SamplePackets.all.map(\.name))
    func everyBindingMember_isAlwaysThere(name: String) throws {
        let report = try #require(SamplePackets.all.first { $0.name == name }).report
        let json = try document(report)
        #expect(json["schema"]?.string == "leadsman/packets/v1")
        #expect(missing(Self.document, in: json).isEmpty)
        #expect(missing(["kernel", "interface"], in: json["drops"]).isEmpty)
        #expect(missing(["flows", "synWithoutAnswer", "resets"] + Self.counters, in: json["tcp"]).isEmpty)
        #expect(
            missing(["queries", "responses", "unanswered", "retransmitted", "rcodes"], in: json["dns"]).isEmpty)
        for flow in json["flows"]?.array ?? [] {
            #expect(missing(Self.flow, in: flow).isEmpty)
            if flow["tcp"] != .null { #expect(missing(Self.counters, in: flow["tcp"]).isEmpty) }
        }
        for finding in json["findings"]?.array ?? [] { #expect(missing(Self.finding, in: finding).isEmpty) }
    }

    @Test func values_areWhatWasSeen() throws {
        let json = try document(SamplePackets.busy)
        #expect(json["packets"]?.int == 12_345)
        #expect(json["firstAt"]?.string == "2026-01-31T12:00:00.123456789Z")
        #expect(json["linkTypes"] == ["ETHERNET", "LINUX_SLL2"])
        #expect(json["truncated"]?.bool == true)
        #expect(json["drops"]?["kernel"]?.int == 12)
        #expect(json["tcp"]?["retransmission"]?.int == 122)
        #expect(json["dns"]?["rcodes"]?["NXDOMAIN"]?.int == 28)
        let flow = json["flows"]?.array?.first
        #expect(flow?["protocol"]?.string == "tcp")
        #expect(flow?["a"]?.string == "198.18.0.1:40000" && flow?["b"]?.string == "198.18.0.2:443")
        #expect(flow?["bytesBtoA"]?.int == 9_300_000)
        #expect(flow?["initialRttMs"]?.number == 0.31)
        #expect(flow?["tcp"]?["fastRetransmission"]?.int == 100)
        #expect(json["findings"]?.array?.first?["id"]?.string == "tcp-filtered-drop")
    }

    @Test func whatIsUnknown_isNull() throws {
        let json = try document(SamplePackets.report(PacketSummary()))
        #expect(json["firstAt"] == .null && json["lastAt"] == .null)
        #expect(json["files"] == [] && json["flows"] == [])
        let flows = try document(SamplePackets.busy)["flows"]?.array ?? []
        #expect(flows.contains { $0["protocol"] == "icmp" && $0["tcp"] == .null && $0["a"] == "198.18.0.1" })
        #expect(flows.contains { $0["initialRttMs"] == .null && $0["tcp"] != .null })
    }

    @Test func whatAFlowHasNot_isLeftOut() throws {
        let flows = try document(SamplePackets.busy)["flows"]?.array ?? []
        #expect(flows.contains { $0["icmpErrors"] != nil } && flows.contains { $0["icmpErrors"] == nil })
        for name in ["application", "name", "tunnel", "vlan", "icmpErrors"] {
            #expect(!flows.contains { $0[name] == .null || $0[name] == [] })
        }
    }
}
