import Diagnosis
import NetValues
import Observations
import Planning
import Testing

@testable import Reporting

@MainActor @Suite struct RangeTableTests {
    private static func endpoint(_ text: String, _ state: EndpointState, kind: String = "tcp", range: String)
        -> CheckJudgement
    {
        let target: Target =
            kind == "icmp" ? .host(known(Host(text))) : .hostPort(known(HostPort(text)))
        let check = Check(name: "scan [\(text)]", kind: kind, target: target, range: range)
        return CheckJudgement(
            record: CheckRecord(check: check, samples: [], ending: .measured, startedAt: .zero),
            status: state == .open ? .passed : .failed, reason: state == .open ? nil : "tcp-refused", failures: 0,
            latency: nil, phases: Phases(), endpointState: state)
    }

    private static var scan: Report {
        let range = "198.18.0.0/28:22,80,443"
        let hosts = (1...14).flatMap { host in
            [
                endpoint("198.18.0.\(host):22", host < 3 ? .open : .silent, range: range),
                endpoint("198.18.0.\(host):80", host == 1 ? .open : .closed, range: range),
                endpoint("198.18.0.\(host):443", host == 9 ? .rejected : .closed, range: range),
            ]
        }
        let pings = [
            endpoint("198.18.0.1", .open, kind: "icmp", range: "198.18.0.0/30"),
            endpoint("198.18.0.2", .unreachable, kind: "icmp", range: "198.18.0.0/30"),
        ]
        return SampleReports.report(.failing, hosts + pings + [SampleReports.check("database")])
    }

    @Test func table_isAsRecorded() throws {
        try expectSnapshot(Self.scan.rendered(as: .text, style: TextStyle()), "scan.txt")
    }

    @Test func aStoredReport_hasTheSameTable() throws {
        let text = Self.scan.rendered(as: .json, style: TextStyle())
        let stored = try Report(json: Self.scan.json)
        #expect(stored.rendered(as: .text, style: TextStyle()) == Self.scan.rendered(as: .text, style: TextStyle()))
        #expect(text.contains("\"range\": \"198.18.0.0/28:22,80,443\""))
        #expect(text.contains("\"state\": \"open\""))
    }

    @Test func endpoints_areListedOnlyWhenVerbose() {
        #expect(!Self.scan.rendered(as: .text, style: TextStyle()).contains("scan [198.18.0.5:80]"))
        let style = TextStyle(width: 120, verbosity: .verbose)
        #expect(Self.scan.rendered(as: .text, style: style).contains("scan [198.18.0.5:80]"))
    }

    @Test(arguments: [40, 60, 120]) func table_keepsToTheWidth(width: Int) {
        let text = Self.scan.rendered(as: .text, style: TextStyle(width: width))
        #expect(text.split(separator: "\n").allSatisfy { String($0).displayWidth <= width })
    }
}
