import NetValues
import Observations
import Testing

@testable import VantageState

@Suite struct VantageReaderTests {
    /// Whatever machine this is, it has a loopback interface, ports and a process.
    @Test func theOwnNamespace_isRead_withoutAnyRight() throws {
        let state = VantageReader().read()
        let loopback = try #require(state.interfaces.first { $0.isLoopback })
        #expect(loopback.name == "lo" && loopback.mtu > 1280)
        #expect(state.familiesRouted.contains(.v4))
        #expect(state.rules.contains { $0.isStandard })
        #expect(state.limits.localPorts != nil && (state.limits.openDescriptors ?? 0) > 0)
        #expect((state.limits.threads ?? 0) > 0 && state.rights.effective != nil && state.rights.packetSocket != nil)
        #expect(state.counters["Tcp.OutSegs"] != nil && state.counters["TcpExt.IPReversePathFilter"] != nil)
        #expect(state.counters["Tcp.CurrEstab"] == nil)
        #expect(state.sockets["TCP.inuse"] != nil && state.clock != nil)
    }

    @Test func aMaskedProc_isToldAndNoObstacle() {
        let state = VantageReader(proc: "/nowhere", sys: "/nowhere").read()
        #expect(state.interfaces.contains { $0.isLoopback })
        #expect(state.counters.values.isEmpty && state.limits.localPorts == nil && state.cgroup == nil)
        #expect(state.unread.contains { $0.contains("/nowhere/net/snmp") && $0.contains("not there") })
    }

    @Test func aRun_isToldByWhatGrew() {
        let start = VantageReader().read()
        let observation = VantageReader().observe(since: start)
        #expect(observation.end != nil)
        #expect(observation.growth.values.allSatisfy { $0.value > 0 })
    }

    /// Documentation/networking: a few milliseconds. Generous, since tests share the machine.
    @Test func aReading_isQuick() {
        let clock = ContinuousClock()
        let best = (0..<5).map { _ in clock.measure { _ = VantageReader().read() } }.min()
        #expect(best.map { $0 < .milliseconds(250) } == true)
    }
}

@Suite struct CounterFileTests {
    private func read(_ text: String, by read: (String, inout [String: UInt64]) -> Void) -> [String: UInt64] {
        var values: [String: UInt64] = [:]
        read(text, &values)
        return values
    }

    @Test func tables_arePairsOfLines() {
        let values = read(
            """
            Ip: Forwarding DefaultTTL InReceives OutNoRoutes
            Ip: 1 64 1000 2
            IcmpMsg: InType3 OutType8
            IcmpMsg: 7 9
            Tcp: RtoAlgorithm MaxConn CurrEstab RetransSegs
            Tcp: 1 -1 5 42
            """, by: CounterFiles.table)
        #expect(
            values == [
                "Ip.InReceives": 1000, "Ip.OutNoRoutes": 2, "Icmp.InType3": 7, "Icmp.OutType8": 9,
                "Tcp.RetransSegs": 42,
            ])
    }

    @Test func countersOfIPv6_areLines() {
        let values = read(
            "Ip6InReceives \t5\nIcmp6InDestUnreachs 2\nUdpLite6NoPorts 1\nUdp6NoPorts 3\n", by: CounterFiles.lines)
        #expect(
            values == [
                "Ip6.InReceives": 5, "Icmp6.InDestUnreachs": 2, "UdpLite6.NoPorts": 1, "Udp6.NoPorts": 3,
            ])
    }

    @Test func typesOfICMP_areZeroUntilTheFirst() {
        var values: [String: UInt64] = ["Icmp.InMsgs": 5, "Icmp.InType8": 5]
        CounterFiles.fillTypes(into: &values)
        #expect(values["Icmp.InType8"] == 5 && values["Icmp.InType3"] == 0 && values["Icmp6.InType1"] == nil)
    }

    @Test func interfaces_haveTheirDrops() {
        let values = read(
            """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
            eth0.5:  100 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16
            """, by: CounterFiles.interfaces)
        #expect(values["interface.eth0.5.rx_dropped"] == 4 && values["interface.eth0.5.rx_errors"] == 3)
        #expect(values["interface.eth0.5.tx_dropped"] == 12 && values["interface.eth0.5.tx_carrier"] == 15)
    }

    @Test func processors_areSummedUp() {
        let softnet = read("0000000a 00000001 00000002 0\n00000014 00000000 00000001 0\n", by: CounterFiles.softnet)
        #expect(softnet == ["softnet.processed": 30, "softnet.dropped": 1, "softnet.time_squeeze": 3])
        let conntrack = read(
            "entries  searched found insert_failed drop\n00000005 0 1 2 3\n00000005 0 1 0 ff\n",
            by: CounterFiles.conntrack)
        #expect(conntrack["conntrack.drop"] == 258 && conntrack["conntrack.insert_failed"] == 2)
        #expect(conntrack["conntrack.entries"] == nil)
    }

    @Test func pressure_isInPercent() {
        let text = "some avg10=1.50 avg60=2.00 avg300=0.00 total=900\nfull avg10=0.25 avg60=0.00 avg300=0.00 total=17\n"
        #expect(
            PressureFile.state(text, of: .io)
                == PressureState(resource: .io, someShort: 1.5, someMinute: 2, fullShort: 0.25, fullMinute: 0))
        var values: [String: UInt64] = [:]
        PressureFile.totals(text, of: .io, prefix: "pressure", into: &values)
        #expect(values == ["pressure.io.some": 900, "pressure.io.full": 17])
    }

    @Test func growth_leavesOutWhatWentBack() {
        let earlier = KernelCounters(["a": 5, "b": 5, "c": 5])
        #expect(KernelCounters(["a": 7, "b": 5, "c": 1, "d": 9]).growth(since: earlier) == KernelCounters(["a": 2]))
    }
}
