import Diagnosis
import JSON
import NetValues
import Observations
import Planning
import Testing

@testable import Reporting

@Suite struct VantageTextTests {
    private var observation: VantageObservation {
        var state = VantageState()
        var card = NetworkInterfaceState(
            index: 2, name: "eth0", isUp: true, hasCarrier: true, isLoopback: false, mtu: 1450, kind: "veth")
        card.assignments = [AddressAssignment(.v4(IPv4Address(bits: 0xc612_0102)), prefixLength: 24)]
        state.interfaces = [card]
        let gateway = IPAddress.v4(IPv4Address(bits: 0xc612_0101))
        let everything = AddressRange(around: gateway, length: 0)
        state.routes = [
            RouteState(kind: .unicast, family: .v4, destination: everything, gateway: gateway, interface: "eth0"),
            RouteState(
                kind: .prohibit, family: .v4, destination: AddressRange(around: gateway, length: 32), table: 100),
        ]
        state.rules = [RoutingRuleState(family: .v4, preference: 90, action: .table(100))]
        state.neighbours = [
            NeighbourState(address: gateway, interface: "eth0", hardwareAddress: nil, reachability: .failed)
        ]
        state.limits.localPorts = 32768...60999
        state.limits.trackedConnections = 95
        state.limits.mostTrackedConnections = 100
        state.rights.pingSocket = .denied("EACCES")
        state.clock = ClockState(isSynchronized: false, estimatedError: .seconds(16), mostError: .seconds(16))
        state.unread = ["/proc/net/snmp: not there"]
        return VantageObservation(
            start: state, growth: KernelCounters(["Tcp.RetransSegs": 3, "Ip.InReceives": 99]))
    }

    @Test func eachLine_saysWhyItMatters() throws {
        let lines = observation.lines
        #expect(lines.allSatisfy { !$0.why.isEmpty && !$0.text.isEmpty })
        func line(_ subject: String) throws -> VantageLine {
            try #require(lines.first { $0.subject == subject }, "\(subject)")
        }
        #expect(try line("eth0").text == "veth, up, MTU 1450, 198.18.1.2/24")
        #expect(try line("IPv4 default route").text.contains("198.18.1.1 is failed"))
        #expect(try line("barred").text == "prohibit 198.18.1.1/32 table 100")
        #expect(try line("connection tracking").isRemarkable && line("neighbours").isRemarkable)
        #expect(try line("Tcp.RetransSegs").text.contains("3"))
        #expect(!lines.contains { $0.subject == "Ip.InReceives" })
    }

    @Test func thePage_hasEverythingOnItsLines() {
        let text = VantageSection.text(observation.lines, style: TextStyle(width: 100))
        #expect(text.contains("ping socket: no (EACCES)") && text.contains("/proc/net/snmp: not there"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }

    @Test func aReport_hasItsState_andShowsItWhenVerbose() throws {
        let judgement = Judgement(verdict: .healthy, checks: [], findings: [], isIncomplete: false)
        let report = Report(
            judgement: judgement, vantage: VantageName(name: "here"), observation: observation,
            startedAt: WallTime(seconds: 0), duration: .zero, toolVersion: "0", redact: { $0 })
        let state = try #require(report.json["vantage"]?["state"])
        #expect(state["grown"]?["Tcp.RetransSegs"]?.int == 3)
        #expect(state["limits"]?["conntrackCount"]?.int == 95)
        #expect(state["routes"]?.array?.first?["gateway"]?.string == "198.18.1.1")
        let again = try Report(json: report.json)
        #expect(again == report)
        let verbose = again.rendered(as: .text, style: TextStyle(verbosity: .verbose))
        #expect(
            verbose.contains("neighbours that do not answer: 198.18.1.1") && verbose.contains("Tcp.RetransSegs: +3"))
        #expect(!again.rendered(as: .text, style: TextStyle()).contains("Vantage"))
    }

    /// A stored report may hold anything in its place.
    @Test(arguments: [
        JSONValue.string("x"), .array([.null]), ["interfaces": [.null, ["addresses": "x"]], "grown": 5],
    ])
    func aForeignState_isNoObstacle(_ state: JSONValue) throws {
        var document = try #require(SampleReports.failing.json.object)
        var vantage = document["vantage"]?.object
        vantage?["state"] = state
        document["vantage"] = vantage.map { .object($0) }
        let report = try Report(json: .object(document))
        #expect(!report.rendered(as: .text, style: TextStyle(verbosity: .verbose)).isEmpty)
    }

    @Test func longLists_areCutAndCounted() throws {
        var state = VantageState()
        let address = IPAddress.v4(IPv4Address(bits: 0xc612_0000))
        state.routes = Array(
            repeating: RouteState(
                kind: .unicast, family: .v4, destination: AddressRange(around: address, length: 32)), count: 1000)
        state.omitted.routes = 50
        #expect(state.json["routes"]?.array?.count == 256 && state.json["routesOmitted"]?.int == 794)
    }
}
