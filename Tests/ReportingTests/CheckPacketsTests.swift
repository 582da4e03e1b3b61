import Diagnosis
import JSON
import NetValues
import Observations
import Planning
import Testing
import Wire

@testable import Reporting

/// What a report says of the packets that were captured beside a check.
@Suite struct CheckPacketsTests {
    private static var report: Report {
        var check = SampleReports.check("orders", status: .failed, reason: "tcp-filtered-drop", latencies: [])
        var flow = SampleFlows.silent
        flow.events = (0..<2).map { index in
            PacketEvent(
                at: SamplePackets.start + .seconds(index), isFromA: index == 0, hopLimit: 64, payloadLength: index * 10,
                flags: index == 0 ? .syn : [.psh, .ack], window: 64_240, sequence: 0, direction: .outgoing)
        }
        flow.name = "secret.example.com"
        check.record.packets = CheckPackets(
            flows: [flow], drops: CaptureDrops(kernel: 1, isKnown: true), place: "eth0", file: "/tmp/orders.pcap")
        return Report(
            judgement: Judgement(verdict: .failing, checks: [check], findings: [], isIncomplete: false),
            vantage: VantageName(name: "here"), startedAt: SamplePackets.start, duration: .seconds(1),
            toolVersion: "0.1.0", redact: { $0.replacing("secret", with: "${env:NAME}") })
    }

    @Test func flows_areInTheDocument_withoutSecrets_andSurviveReading() throws {
        let json = Self.report.json
        let packets = json["checks"]?.array?.first?["packets"]
        #expect(packets?["place"] == "eth0" && packets?["complete"] == false && packets?["file"] == "/tmp/orders.pcap")
        let flow = packets?["flows"]?.array?.first
        #expect(flow?["b"] == "198.18.0.9:5432" && flow?["packetsAtoB"] == 3 && flow?["packetsBtoA"] == 0)
        #expect(flow?["name"] == "${env:NAME}.example.com")
        let events = flow?["events"]?.array ?? []
        #expect(events.map { $0["from"] } == ["a", "b"])
        #expect(events.first?["flags"] == ["SYN"] && events.first?["at"] == "2026-01-31T12:00:00.123456789Z")
        #expect(try Report(json: json).json == json)
    }

    @Test func verbosePage_tellsThem_alsoOfAStoredReport() throws {
        let stored = try Report(json: Self.report.json)
        for report in [Self.report, stored] {
            let text = report.rendered(as: .text, style: TextStyle(width: 120, verbosity: .verbose))
            #expect(
                text.contains(
                    "packets tcp 198.18.0.1:40001 to 198.18.0.9:5432: 3 out, 0 back: → SYN, ← PSH+ACK 10 B after 1.0 s")
            )
            #expect(text.contains("the capture lost packets: not all is here"))
            #expect(text.contains("packets kept in /tmp/orders.pcap"))
        }
        #expect(!Self.report.rendered(as: .text, style: TextStyle()).contains("packets tcp"))
    }

    @Test func readingLine_tellsHowFarItIs() {
        let line = ReadingLine(packets: 1_200_000, elapsed: .milliseconds(2500), bytes: (500_000_000, 2_000_000_000))
        #expect(line.text(width: 80) == "1,200,000 packets read · 25 % of 2.0 GB · 2.5 s")
        #expect(ReadingLine(packets: 7, elapsed: .seconds(3)).text(width: 80) == "7 packets read · 3.0 s")
        #expect(line.text(width: 20).displayWidth == 19)
    }
}
