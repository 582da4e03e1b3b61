import Diagnosis
import NetValues
import Observations
import Planning
import Testing

@Suite struct ReversePathFilterTests {
    private let silence = tcp(.timedOut, elapsed: .seconds(1), retransmits: 1)
    private let twoWays = vantage(interfaces: [
        interface("eth0", "198.18.1.2/24", strict: true), interface("eth1", "198.18.3.2/24", strict: true),
    ])

    @Test func answersThatTheOwnFilterDrops_areTold() throws {
        let judgement = judge(silence, at: twoWays, grown: ["TcpExt.IPReversePathFilter": 2])
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["asymmetric-routing"])
        #expect(finding.confidence == .likely && finding.evidence.contains { $0.contains("rose by 2") })
    }

    @Test func aCounterThatStoodStill_isAPlainDrop() {
        #expect(judge(silence, at: twoWays).ids == ["tcp-filtered-drop"])
    }

    /// It is open which of the two the one packet was about.
    @Test func fewerDropsThanSilentAttempts_blameNone() {
        let other = tcp(
            "other", to: Endpoint(address("198.18.9.9"), 80), .timedOut, elapsed: .seconds(1), retransmits: 1)
        let judgement = judge(silence, other, at: twoWays, grown: ["TcpExt.IPReversePathFilter": 1])
        #expect(judgement.ids.allSatisfy { $0 == "tcp-filtered-drop" })
    }

    @Test func looseFilteringAndSingleInterfaces_areNotBlamed() {
        let loose = vantage(interfaces: [interface("eth0", "198.18.1.2/24"), interface("eth1", "198.18.3.2/24")])
        let single = vantage(interfaces: [interface("eth0", "198.18.1.2/24", strict: true)])
        for state in [loose, single] {
            #expect(judge(silence, at: state, grown: ["TcpExt.IPReversePathFilter": 9]).ids == ["tcp-filtered-drop"])
        }
    }

    @Test func theCounterAlone_saysNothing() {
        #expect(judge(tcp(.connected), at: twoWays, grown: ["TcpExt.IPReversePathFilter": 9]).ids == [])
    }
}

@Suite struct InterfaceDropTests {
    private let failing = tcp(.timedOut, elapsed: .milliseconds(300))

    @Test func dropsDuringTheRun_areAWarningBesideFailures_andElseANote() throws {
        let grown: [String: UInt64] = ["interface.eth0.rx_dropped": 40, "interface.eth0.rx_packets": 400]
        #expect(judge(failing, grown: grown).findings.first { $0.id == "interface-drops" }?.severity == .warning)
        let judgement = judge(tcp(.connected), grown: grown)
        #expect(judgement.ids == ["interface-drops"] && judgement.verdict == .healthy)
        #expect(judgement.findings[0].subject == "the interface eth0")
    }

    /// Frames that nobody here speaks.
    @Test func aFewDrops_areOrdinary() {
        #expect(
            judge(tcp(.connected), grown: ["interface.eth0.rx_dropped": 9, "interface.eth0.rx_packets": 20]).ids == [])
        #expect(
            judge(tcp(.connected), grown: ["interface.eth0.rx_dropped": 40, "interface.eth0.rx_packets": 90_000]).ids
                == [])
    }

    @Test func drops_onLoopbackOrOfOthers_areNotOurs() {
        #expect(judge(tcp(.connected), grown: ["interface.lo.rx_dropped": 400]).ids == [])
        #expect(judge(tcp(.connected), grown: ["interface.gone0.rx_dropped": 400]).ids == [])
    }

    @Test func fullBuffers_areThisHosts() throws {
        let judgement = judge(tcp(.connected), grown: ["Udp.RcvbufErrors": 3])
        #expect(judgement.ids == ["interface-drops"] && judgement.verdict == .healthy)
        #expect(judgement.findings[0].cause.contains("this program's own"))
    }

    /// Ours, as likely as not.
    @Test func fullBuffers_ofARunThatStoodStill_areOnlyPossiblyAnothers() {
        var strain = VantageStrain()
        strain.stalledTime = .milliseconds(200)
        #expect(
            judge(tcp(.connected), grown: ["Udp.RcvbufErrors": 3], strain: strain).findings[0].confidence == .possible)
    }

    @Test func oldTotals_sayNothing() {
        var state = vantage()
        state.counters = KernelCounters([
            "interface.eth0.rx_dropped": 4_000_000, "Udp.RcvbufErrors": 9000, "softnet.dropped": 77,
            "TcpExt.IPReversePathFilter": 500, "cgroup.memory.oom_kill": 3,
        ])
        state.cgroup = ControlGroupState(version: 2, path: "/sys/fs/cgroup")
        state.cgroup?.memoryKills = 3
        #expect(judge(tcp(.connected), at: state).ids == [])
    }
}

@Suite struct ResourcePressureTests {
    private let healthy = tcp(.connected)

    private func strain(_ duration: Duration) -> VantageStrain {
        var strain = VantageStrain()
        strain.duration = duration
        return strain
    }

    @Test func aKillDuringTheRun_isANote() {
        let judgement = judge(healthy, grown: ["cgroup.memory.oom_kill": 1])
        #expect(judgement.ids == ["node-resource-pressure"] && judgement.verdict == .healthy)
    }

    @Test func memoryThatStoodStillForATenthOfTheRun_isANote() {
        let stalled: [String: UInt64] = ["pressure.memory.full": 400_000]
        #expect(judge(healthy, grown: stalled, strain: strain(.seconds(3))).ids == ["node-resource-pressure"])
        #expect(judge(healthy, grown: stalled, strain: strain(.seconds(30))).ids == [])
        #expect(judge(healthy, grown: stalled, strain: strain(.milliseconds(500))).ids == [])
    }

    /// A busy disk is one that was busy before.
    @Test func aBurstOfWriting_isNone() {
        var state = vantage()
        let stalled: [String: UInt64] = ["pressure.io.full": 2_000_000]
        #expect(judge(healthy, at: state, grown: stalled, strain: strain(.seconds(3))).ids == [])
        state.pressure = [PressureState(resource: .io, someShort: 90, someMinute: 80, fullShort: 80, fullMinute: 70)]
        #expect(
            judge(healthy, at: state, grown: stalled, strain: strain(.seconds(3))).ids == ["node-resource-pressure"])
    }

    @Test func aGroupFullOfFileCache_isNotShort() {
        var state = vantage()
        state.cgroup = ControlGroupState(version: 2, path: "/sys/fs/cgroup")
        state.cgroup?.memory = 990
        state.cgroup?.mostMemory = 1000
        state.cgroup?.workingMemory = 200
        #expect(judge(healthy, at: state).ids == [])
        state.cgroup?.workingMemory = 980
        #expect(judge(healthy, at: state).ids == ["node-resource-pressure"])
    }
}
