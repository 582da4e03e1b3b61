import Diagnosis
import NetValues
import Observations
import Planning
import Testing

@Suite struct CIDROverlapTests {
    private let healthy = tcp(.connected)
    private let lost = tcp(
        "db", to: Endpoint(address("198.19.5.9"), 5432), .timedOut, elapsed: .seconds(1), retransmits: 1)

    private func docker(_ network: String = "198.19.0.1/16", carrier: Bool = true) -> NetworkInterfaceState {
        interface("docker0", network, kind: "bridge", carrier: carrier)
    }

    @Test func aBridgeWithinTheNetworkOfACard_isAWarning() throws {
        let state = vantage(interfaces: [interface("eth0", "198.18.1.2/15", kind: nil), docker()])
        let judgement = judge(healthy, at: state)
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["cidr-overlap"] && finding.severity == .warning)
        #expect(finding.subject == "198.19.0.0/16 and 198.18.0.0/15")
        #expect(judgement.status("db") == .passed)
    }

    @Test func theSameRangeOnABridgeAndACard_isAWarning() {
        let state = vantage(interfaces: [interface("eth0", "198.19.0.7/16", kind: nil), docker()])
        #expect(judge(healthy, at: state).ids == ["cidr-overlap"])
    }

    @Test func aTargetWithin_makesItAnError() throws {
        let state = vantage(
            interfaces: [interface("eth0", "198.18.1.2/15", kind: nil), docker()],
            routes: [route("198.18.0.0/15", dev: "eth0"), route("198.19.0.0/16", dev: "docker0")],
            neighbours: [neighbour("198.19.5.9", on: "docker0", .failed)])
        let judgement = judge(lost, at: state)
        #expect(judgement.ids == ["cidr-overlap"])
        #expect(judgement.findings.first?.severity == .error)
        #expect(judgement.status("db") == .failed)
    }

    @Test func aRouteThatABridgeHides_isNamed() throws {
        let state = vantage(
            interfaces: [interface("eth0", "198.18.1.2/24"), docker()],
            routes: vantage().routes + [
                route("198.18.0.0/15", via: "198.18.1.254", dev: "eth0"), route("198.19.0.0/16", dev: "docker0"),
            ], neighbours: [neighbour("198.19.5.9", on: "docker0", .failed)])
        let judgement = judge(lost, at: state)
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["cidr-overlap"] && finding.confidence == .likely)
        #expect(finding.evidence.contains { $0.contains("198.18.0.0/15 via 198.18.1.254") })
    }

    /// Behind every bridge there is a default route: a container that is not there is just that.
    @Test func behindTheDefaultRouteAlone_itIsTheContainerThatIsMissing() throws {
        let routes = vantage().routes + [route("198.19.0.0/16", dev: "docker0")]
        let missing = [neighbour("198.19.5.9", on: "docker0", .failed)]
        var pod = interface("pod0")
        pod.master = "docker0"
        let state = vantage(
            interfaces: [interface("eth0", "198.18.1.2/24"), docker(), pod], routes: routes, neighbours: missing)
        let judgement = judge(lost, at: state)
        #expect(judgement.ids == ["next-hop-unresolved"])
        #expect(judgement.findings.first?.cause.contains("the ranges overlap") == true)
        let empty = vantage(
            interfaces: [interface("eth0", "198.18.1.2/24"), docker(carrier: false)], routes: routes,
            neighbours: missing)
        #expect(judge(lost, at: empty).ids == ["cidr-overlap"])
        #expect(judge(lost, at: empty).findings.first?.confidence == .possible)
    }

    /// A container that is there, and drops this port.
    @Test func aContainerThatIsThere_isNotHidden() {
        let state = vantage(
            interfaces: [interface("eth0", "198.18.1.2/24"), docker()],
            routes: vantage().routes + [
                route("198.18.0.0/15", via: "198.18.1.254", dev: "eth0"), route("198.19.0.0/16", dev: "docker0"),
            ], neighbours: [neighbour("198.19.5.9", on: "docker0", .reachable)])
        #expect(judge(lost, at: state).ids == ["tcp-filtered-drop"])
    }

    @Test(
        arguments: [
            // Two cards on one network; a card and its macvlan.
            [interface("eth0", "198.19.0.7/24", kind: nil), interface("wlan0", "198.19.0.8/24", kind: nil)],
            [interface("eth0", "198.19.0.7/24", kind: nil), interface("mv0", "198.19.0.8/24", kind: "macvlan")],
            // The same card twice, single addresses, disjoint networks.
            [interface("eth0", "198.19.0.7/24", "198.19.0.8/16", kind: nil)],
            [interface("eth0", "198.19.0.7/24"), interface("dummy0", "198.19.0.9/32", kind: "dummy")],
            [interface("eth0", "198.19.0.7/24"), interface("docker0", "198.19.1.1/24", kind: "bridge")],
            // The overlay of flannel and this host's part of it.
            [interface("flannel0", "198.19.3.0/16", kind: "tun"), interface("cni0", "198.19.3.1/24", kind: "bridge")],
            // Down.
            [interface("eth0", "198.19.0.7/16"), interface("br1", "198.19.1.1/24", kind: "bridge", up: false)],
            // Link-local ranges are on every link.
            [interface("eth0", "fe80::1/64"), interface("br1", "fe80::2/64", kind: "bridge")],
        ])
    func whatIsMeantSo_isSilent(_ interfaces: [NetworkInterfaceState]) {
        #expect(judge(healthy, at: vantage(interfaces: interfaces)).ids == [])
    }

    @Test func aWideRouteOverNarrowNetworks_isNoOverlap() {
        let state = vantage(routes: vantage().routes + [route("198.18.0.0/15", via: "198.18.1.9", dev: "eth0")])
        #expect(judge(healthy, at: state).ids == [])
    }
}
