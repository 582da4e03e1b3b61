import Diagnosis
import NetValues
import Observations
import Planning
import Testing

/// Limits that show under load, each told from those that look like it.
@Suite struct LoadRulesTests {
    /// Five come about, and no more.
    private static let five = "+++++..................."

    private func judge(_ flood: Flood, vantage: VantageObservation = VantageObservation()) -> Judgement {
        Judge(resolver: ResolverConfiguration(servers: [resolverA]), now: noon).judge([flood.record], vantage: vantage)
    }

    private func growth(_ name: String, _ value: UInt64) -> VantageObservation {
        VantageObservation(growth: KernelCounters([name: value]))
    }

    @Test func allComeAbout_isHealthy() {
        #expect(judge(Flood(attempts: String(repeating: "+", count: 64), after: "")).findings.isEmpty)
        // Two lost SYNs, sent again.
        #expect(judge(Flood(attempts: String(repeating: "+", count: 40) + "1+++1+++", after: "")).findings.isEmpty)
    }

    // MARK: snat-port-exhaustion

    @Test func soMany_andAnotherPortWorks_isTranslation() throws {
        let flood = Flood(attempts: Self.five, alone: .satisfied, held: .satisfied)
        let finding = try #require(judge(flood).findings.first)
        #expect(finding.id == "snat-port-exhaustion" && finding.confidence == .likely && finding.severity == .error)
        #expect(finding.summary.contains("Only 5 of 24"))
        #expect(judge(flood).ids == ["snat-port-exhaustion"])
        #expect(judge(flood).status("many") == .failed)
    }

    @Test(arguments: [
        Flood(attempts: five, beside: [], alone: .satisfied, held: .satisfied),
        Flood(attempts: five), Flood(attempts: five, after: "...", alone: .satisfied, held: .satisfied),
    ])
    func withLessEvidence_itIsOnlyPossible(_ flood: Flood) throws {
        let finding = try #require(judge(flood).findings.first)
        #expect(finding.id == "snat-port-exhaustion" && finding.confidence == .possible)
        #expect(finding.cause.contains("look alike"))
    }

    @Test func theFirstOfTheLastAfter_mayComeTooEarly() throws {
        let flood = Flood(attempts: Self.five, after: ".++", alone: .satisfied, held: .satisfied)
        let finding = try #require(judge(flood).findings.first)
        #expect(finding.confidence == .likely)
    }

    @Test func anOwnListener_isBehindNoTranslation() {
        let loopback = Endpoint(.v4(IPv4Address(bits: 0x7f00_0001)), 80)
        let flood = Flood(attempts: Self.five, endpoint: loopback, alone: .satisfied, held: .satisfied)
        #expect(judge(flood).ids == ["expectation-unmet"])
    }

    @Test func oneOfMany_isNoLimit() {
        let flood = Flood(attempts: String(repeating: "+", count: 63) + ".", alone: .satisfied, held: .satisfied)
        #expect(judge(flood).ids == ["expectation-unmet"])
    }

    // MARK: local-port-exhaustion

    @Test func noLocalPort_isOurs() throws {
        let finding = try #require(judge(Flood(attempts: "+++++pppppppp")).findings.first)
        #expect(finding.id == "local-port-exhaustion" && finding.confidence == .certain)
        #expect(judge(Flood(attempts: "+++++pppppppp")).ids == ["local-port-exhaustion"])
    }

    @Test func thePortRange_isTold() throws {
        var vantage = VantageObservation()
        vantage.start.limits.localPorts = 40000...40005
        vantage.start.sockets["TCP.tw"] = 6
        let finding = try #require(judge(Flood(attempts: "++++++pppppppp"), vantage: vantage).findings.first)
        #expect(finding.evidence.contains { $0.contains("40000 to 40005: 6 ports") })
        #expect(finding.evidence.contains { $0.contains("6 connections of this host waited in TIME_WAIT") })
    }

    @Test func aSeriesOfSingleConnections_tellsItToo() {
        let portless = ConnectFact.Outcome.failed(failure("EADDRNOTAVAIL", 99))
        let good = tcp("db", .connected, times: 6)
        let bad = tcp("db", portless, elapsed: .zero, times: 18)
        var both = good
        both.samples += bad.samples
        #expect(DiagnosisTests.judge(both).ids == ["local-port-exhaustion"])
        #expect(DiagnosisTests.judge(both).status("db") == .failed)
    }

    /// IPv6 that is switched off has the same errno.
    @Test func noAddressOfTheFamily_isNoWantOfPorts() {
        let six = Endpoint(.v6(IPv6Address(high: 0xfd00_0018_0002_0000, low: 2)), 80)
        let portless = ConnectFact.Outcome.failed(failure("EADDRNOTAVAIL", 99))
        let fact = ConnectFact(endpoint: six, source: nil, elapsed: .zero, outcome: portless, tcp: nil)
        let check = record("six", target: hostPort(six), [sample(.failed(.connect), [.connect(fact)])])
        #expect(DiagnosisTests.judge(check).ids == ["no-route-local"])
        let good = sample(latency: .milliseconds(1), [.connect(connect(to: six))])
        let mixed = record("six", target: hostPort(six), [good, sample(.failed(.connect), [.connect(fact)])])
        #expect(DiagnosisTests.judge(mixed).ids == ["local-port-exhaustion"])
    }

    // MARK: conntrack-table-full

    @Test func everyDestinationFails_andNowAndThenOneWorks_isATable() throws {
        let flood = Flood(
            attempts: "++++.............+.......", beside: [otherPort, otherHost], failing: [otherPort, otherHost],
            after: ".+.",
            alone: .satisfied, held: .satisfied)
        let finding = try #require(judge(flood).findings.first)
        #expect(finding.id == "conntrack-table-full" && finding.confidence == .likely)
        #expect(finding.severity == .critical && judge(flood).ids == ["conntrack-table-full"])
    }

    @Test(arguments: [[otherPort], [otherPort, otherHost]])
    func whatAllowsNothingMore_mayBeABan(_ beside: [Endpoint]) throws {
        let flood = Flood(
            attempts: Self.five, beside: beside, failing: beside, after: "...", alone: .satisfied, held: .satisfied)
        let finding = try #require(judge(flood).findings.first)
        #expect(judge(flood).ids == ["conntrack-table-full"] && finding.confidence == .possible)
    }

    @Test func aNumberOfAllConnections_isNoTable() {
        let flood = Flood(
            attempts: Self.five, beside: [otherPort, otherHost], failing: [otherPort, otherHost],
            alone: .satisfied, held: .satisfied)
        #expect(judge(flood).ids == ["expectation-unmet"])
    }

    @Test func establishedOnesThatDie_areNoTable() {
        let flood = Flood(
            attempts: Self.five, beside: [otherHost], failing: [otherHost], after: "...", alone: .satisfied,
            held: .deadline)
        #expect(judge(flood).ids == ["expectation-unmet"])
    }

    @Test func theOwnTable_isCertain() throws {
        var vantage = growth("conntrack.drop", 12)
        vantage.start.limits.trackedConnections = 262_144
        vantage.start.limits.mostTrackedConnections = 262_144
        let judgement = Judge(resolver: ResolverConfiguration(servers: [resolverA]), now: noon)
            .judge([tcp(.timedOut, elapsed: .seconds(3), retransmits: 2)], vantage: vantage)
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["conntrack-table-full"] && finding.confidence == .certain)
        #expect(finding.checks == ["db"])
    }

    @Test func theOwnTable_isNoFilterOfOurOwn() throws {
        var vantage = VantageObservation()
        vantage.start.limits.trackedConnections = 1000
        vantage.start.limits.mostTrackedConnections = 1000
        let denied = DatagramFact(endpoint: target, elapsed: .zero, outcome: .failed(failure("EPERM", 1)))
        let judgement = Judge(resolver: ResolverConfiguration(servers: [resolverA]), now: noon)
            .judge([tcp(.timedOut, elapsed: .seconds(3), retransmits: 2, also: [.datagram(denied)])], vantage: vantage)
        #expect(judgement.ids == ["conntrack-table-full"])
    }

    @Test(arguments: [(240_000, ["conntrack-table-full"]), (200_000, []), (0, [])] as [(Int, [String])])
    func anOwnTableThatIsNearlyFull_warns(_ count: Int, _ ids: [String]) {
        var vantage = VantageObservation()
        vantage.start.limits.trackedConnections = count
        vantage.start.limits.mostTrackedConnections = 262_144
        let judgement = Judge(resolver: ResolverConfiguration(servers: [resolverA]), now: noon)
            .judge([tcp(.connected)], vantage: vantage)
        #expect(judgement.ids == ids && judgement.findings.allSatisfy { $0.severity == .warning })
    }

    // MARK: listen-backlog-overflow

    @Test func whoIsEstablished_andGetsNoAnswer_isInAFullQueue() throws {
        let flood = Flood(attempts: Self.five, alone: .satisfied, held: .deadline)
        let finding = try #require(judge(flood).findings.first)
        #expect(finding.id == "listen-backlog-overflow" && finding.confidence == .likely)
        #expect(judge(flood).ids == ["listen-backlog-overflow"])
    }

    @Test func nobodyHeard_andNoRecovery_isPossiblyAQueue() throws {
        let flood = Flood(attempts: Self.five, after: "...")
        let finding = try #require(judge(flood).findings.first)
        #expect(finding.id == "listen-backlog-overflow" && finding.confidence == .possible)
        #expect(finding.remedy.contains { $0.contains("--send") })
    }

    @Test func theKernelOfThisHost_countsOverflows() throws {
        let loopback = Endpoint(.v4(IPv4Address(bits: 0x7f00_0001)), 80)
        let flood = Flood(attempts: "+++++1111......11111", endpoint: loopback)
        let finding = try #require(judge(flood, vantage: growth("TcpExt.ListenOverflows", 19)).findings.first)
        #expect(finding.id == "listen-backlog-overflow" && finding.confidence == .certain)
        // Of another host's queue our counters say nothing.
        let remote = Flood(attempts: Self.five, alone: .satisfied, held: .satisfied)
        #expect(judge(remote, vantage: growth("TcpExt.ListenOverflows", 19)).ids == ["snat-port-exhaustion"])
    }

    @Test func aSilentPortOfThisHost_isAFullQueue_whereItsKernelSaysSo() throws {
        let loopback = Endpoint(.v4(IPv4Address(bits: 0x7f00_0001)), 80)
        let silent = tcp("own", to: loopback, .timedOut, elapsed: .seconds(3), retransmits: 2)
        let judge = Judge(resolver: ResolverConfiguration(servers: [resolverA]), now: noon)
        let judgement = judge.judge([silent], vantage: growth("TcpExt.ListenOverflows", 3))
        #expect(judgement.ids == ["listen-backlog-overflow"] && judgement.findings.first?.confidence == .certain)
        #expect(judge.judge([silent]).ids == ["tcp-filtered-drop"])
        let remote = tcp("db", .timedOut, elapsed: .seconds(3), retransmits: 2)
        #expect(judge.judge([remote], vantage: growth("TcpExt.ListenOverflows", 3)).ids == ["tcp-filtered-drop"])
    }

    // MARK: rate-limited

    @Test func moreComeAboutWithTime_isARate() throws {
        let flood = Flood(attempts: "+++++....1....1....1....1....", alone: .satisfied, held: .satisfied)
        let finding = try #require(judge(flood).findings.first)
        #expect(finding.id == "rate-limited" && finding.confidence == .possible && finding.severity == .warning)
        #expect(finding.cause.contains("queue"))
        #expect(judge(flood).ids == ["rate-limited"] && judge(flood).status("many") == .warned)
    }

    @Test func refusedAboveARate_isLikely() throws {
        let flood = Flood(attempts: "+++++xxxx+xxxx+xxxx+xxxx+", alone: .satisfied, held: .satisfied)
        let finding = try #require(judge(flood).findings.first)
        #expect(finding.id == "rate-limited" && finding.confidence == .likely)
    }

    @Test func refusedAboveANumber_isOnlyPossible() throws {
        let finding = try #require(judge(Flood(attempts: "+++++xxxxxxxxxxxxxxx")).findings.first)
        #expect(finding.id == "rate-limited" && finding.confidence == .possible)
        #expect(finding.cause.contains("or above a number"))
    }

    @Test(arguments: ["++.++.++.++.++.++.", "+++++.++++.++.+++++.", "+++++x+++x++++++x++++", "+x+x+x+x+x+x"])
    func aDeadBackendAmongLivingOnes_isNoRate(_ attempts: String) {
        #expect(judge(Flood(attempts: attempts, alone: .satisfied, held: .satisfied)).ids == ["expectation-unmet"])
    }

    @Test func aLowRate_letsInSomeOfTheSingleOnes() throws {
        let flood = Flood(attempts: "+++++..1......1.....", after: "+.1", alone: .satisfied, held: .satisfied)
        #expect(judge(flood).ids == ["rate-limited"])
    }

    @Test func randomLoss_isNoLimit() {
        #expect(judge(Flood(attempts: "1+1.+1..+1+.1.+..1+1", after: "+1+")).ids == ["expectation-unmet"])
    }

    // MARK: nat-idle-timeout

    private let reset = StreamEnd.failed(failure("ECONNRESET", 104))

    @Test func longSilences_areNotSurvived() throws {
        let judgement = DiagnosisTests.judge(
            idle([(0, .satisfied), (1, .satisfied), (15, .satisfied), (60, .deadline), (60.5, .deadline)]))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["nat-idle-timeout"] && finding.confidence == .likely)
        #expect(
            finding.summary.hasSuffix("are forgotten between 15.0 s and 1 min 0 s of silence."), "\(finding.summary)")
        #expect(finding.remedy.first?.contains("every 15.0 s") == true)
        #expect(judgement.status("idle") == .warned)
    }

    @Test func resets_areToldFromSilence() throws {
        let used = try #require(
            DiagnosisTests.judge(idle([(0, .satisfied), (1, .satisfied), (5, reset), (5, reset)])).findings.first)
        #expect(used.cause.contains("answered by a reset"))
        let meanwhile = try #require(
            DiagnosisTests.judge(idle([(0, .satisfied), (1, .satisfied), (3, reset)], whileIdle: [3])).findings.first)
        #expect(meanwhile.confidence == .possible && meanwhile.summary.contains("reset after 3.0 s of silence"))
    }

    @Test(arguments: [
        idle([(0, .satisfied), (1, .satisfied), (60, .satisfied)]),
        // In good order, by the server.
        idle([(0, .satisfied), (1, .satisfied), (2, .closed)], whileIdle: [2]),
        // A longer silence was survived.
        idle([(0, .satisfied), (1, .deadline), (5, .satisfied)]),
        idle([(0, .deadline)]),
    ])
    func otherEnds_areNoTimeout(_ record: CheckRecord) {
        #expect(!DiagnosisTests.judge(record).ids.contains("nat-idle-timeout"))
    }
}
