import Diagnosis
import NetValues
import Observations
import Planning
import Testing

private let first = HopOutcome.expired(router)
private let second = HopOutcome.expired(hopAddress(2))
private let third = HopOutcome.expired(hopAddress(3))

@Suite struct PathChangedTests {
    private func rounds(_ ways: [(count: Int, outcomes: [HopOutcome], trip: Duration)]) -> [TraceFact] {
        ways.flatMap { way in (0..<way.count).map { _ in trace(way.outcomes, trip: way.trip) } }
    }

    private let old: [HopOutcome] = [first, second, .answered]
    private let new: [HopOutcome] = [first, third, .answered]

    @Test func anotherRouterFromSomeRoundOn_isAChangedPath() throws {
        let judgement = judge(
            traced(rounds([(8, old, .milliseconds(10)), (12, new, .milliseconds(30))])))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["path-changed"] && judgement.verdict == .healthy)
        #expect(finding.severity == .info && finding.confidence == .certain)
        #expect(finding.summary.contains("198.18.9.3 in place of 198.18.9.2 at hop 2"))
        #expect(finding.summary.contains("800 ms into it"))
        #expect(finding.evidence.contains { $0.contains("round 9 of 20") })
        #expect(finding.evidence.contains { $0.contains("10.0 ms before and 30.0 ms after") })
    }

    @Test func aLongerWay_isOneToo() throws {
        let longer: [HopOutcome] = [first, second, third, .answered]
        let finding = try #require(
            judge(traced(rounds([(10, old, .milliseconds(10)), (10, longer, .milliseconds(10))]))).findings.first)
        #expect(finding.id == "path-changed")
        #expect(finding.summary.contains("198.18.9.3 in place of 198.18.2.2 at hop 3"))
        #expect(finding.evidence.contains { $0.contains("stayed as it was") })
    }

    /// Packet by packet, a hop that falls silent, a way that comes back, too few rounds.
    @Test func whatOnlyLooksLikeIt_isNone() {
        let alternating = (0..<20).map { trace($0 % 2 == 0 ? old : new) }
        let quiet = rounds([(10, old, .milliseconds(10)), (10, [first, .silent, .answered], .milliseconds(10))])
        let awake = rounds([(10, [first, .silent, .answered], .milliseconds(10)), (10, old, .milliseconds(10))])
        let back = rounds([
            (8, old, .milliseconds(10)), (8, new, .milliseconds(10)), (8, old, .milliseconds(10)),
        ])
        let few = rounds([(3, old, .milliseconds(10)), (4, new, .milliseconds(10))])
        let spread = (0..<40).map { trace($0 % 3 == 0 || $0 > 30 ? new : old) }
        for series in [alternating, quiet, awake, back, few, spread] {
            #expect(judge(traced(series)).ids.isEmpty)
        }
    }

    /// One of the routers of the new way is silent, one flickers.
    @Test func silenceInBetween_hidesNoChange() throws {
        let series = (0..<30).map { round -> TraceFact in
            let way = round < 12 ? old : new
            return trace(round % 3 == 0 ? [way[0], .silent, way[2]] : way)
        }
        let finding = try #require(judge(traced(series)).findings.first)
        #expect(finding.id == "path-changed")
        #expect(finding.evidence.contains { $0.contains("round 14 of 30") })
    }

    /// As many rounds as a day has: they are taken together, and the change in the middle is known to the round.
    @Test func aLongSeries_isBounded() throws {
        var series = PathSeries(trace(old), at: .zero)
        for round in 1..<20_000 {
            series.add(trace(round < 15_000 ? old : new, trip: .microseconds(round)), at: .seconds(round))
        }
        #expect(series.flows[0].roundTrips.count <= 512)
        #expect(series.flows[0].hops.map(\.count) == [1, 2, 1])
        #expect(series.summary.rounds == 20_000)
        #expect(series.flows[0].hops[1][1].firstRound == 15_001)
    }
}

@Suite struct PathLossTests {
    /// Each `every`th packet of a hop is lost, hop by hop with another phase.
    private func rounds(
        _ count: Int, by carrier: SoundingFact.Carrier = .icmp, _ outcomes: [HopOutcome], lostAt: (Int, Int) -> Bool
    ) -> [TraceFact] {
        (0..<count).map { round in
            trace(by: carrier, outcomes.enumerated().map { index, outcome in lostAt(round, index) ? .silent : outcome })
        }
    }

    /// As chance would have it: the same each time.
    private func isLost(_ round: Int, _ hop: Int, percent: Int) -> Bool {
        var value = UInt64(round * 31 + hop * 7919 + 12345)
        value ^= value << 13
        value &*= 0x9E37_79B9_7F4A_7C15
        value ^= value >> 29
        return Int(value >> 33) % 100 < percent
    }

    private let way: [HopOutcome] = [first, second, third, .answered]

    @Test func lossFromAHopOn_isPlacedBeforeIt() throws {
        let judgement = judge(traced(rounds(200, way) { $1 >= 2 && isLost($0, $1, percent: 15) }))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["packet-loss"])
        #expect(finding.severity == .error && finding.confidence == .certain)
        #expect(finding.summary.contains("between hop 2 (198.18.9.2) and hop 3 (198.18.9.3)"))
        #expect(judgement.status("path") == .failed)
    }

    @Test func lossOnTheLastLink_isBehindTheLastRouter() throws {
        let finding = try #require(
            judge(traced(rounds(200, way) { $1 == 3 && isLost($0, $1, percent: 10) })).findings.first)
        #expect(finding.id == "packet-loss")
        #expect(finding.summary.contains("behind hop 3 (198.18.9.3)"))
    }

    @Test func lossFromTheFirstHopOn_isOfTheFirstLink() throws {
        let finding = try #require(
            judge(traced(rounds(200, way) { isLost($0, $1, percent: 10) })).findings.first)
        #expect(finding.summary.contains("from the first link on, before hop 1 (198.18.1.1)"))
    }

    /// The first hop answers all, the second loses a third, and of the few packets that came to the target a sixth is missing.
    @Test func aFirstHopThatLosesNothing_isNoPlace() throws {
        let lost = [1: Set(stride(from: 1, to: 36, by: 3)), 2: Set([2, 9, 13, 20, 26, 33])]
        let finding = judge(
            traced(rounds(36, [first, second, .answered]) { lost[$1]?.contains($0) ?? false })
        ).findings.first { $0.id == "packet-loss" }
        let summary = try #require(finding?.summary)
        #expect(!summary.contains("from the first link on") && !summary.contains("before hop 1"))
        #expect(!summary.contains("(198.18.1.1) and hop 1"))
    }

    /// The first router rations its errors: half of them are missing, and a quarter of the packets to the target.
    @Test func aRouterThatLosesMoreThanTheTarget_isNoPlace() throws {
        let late = Set([1, 2, 9, 10, 21, 22, 23, 30, 36, 39])
        let finding = try #require(
            judge(
                traced(
                    rounds(40, [first, second, .answered]) { round, hop in
                        hop == 0 ? isLost(round, hop, percent: 50) : hop == 2 && late.contains(round)
                    })
            ).findings.first { $0.id == "packet-loss" })
        #expect(!finding.summary.contains("hop 1") && finding.summary.contains("behind hop 2"))
    }

    /// 5 of 40, where the routers before lost none of 40.
    @Test func littleLossBehindRoutersThatLoseNone_isPlaced() throws {
        let lost = Set([3, 11, 17, 28, 35])
        let finding = try #require(
            judge(
                traced(rounds(40, [first, second, .answered]) { $1 == 2 && lost.contains($0) }, interval: .seconds(1))
            )
            .findings.first { $0.id == "packet-loss" })
        #expect(finding.summary.contains("behind hop 2"))
    }

    /// Few packets, and the target alone loses.
    @Test func fewPacketsLostOnTheLastLink_areBehindTheLastRouter() throws {
        let finding = try #require(
            judge(traced(rounds(36, way) { $1 == 3 && isLost($0, $1, percent: 35) })).findings.first)
        #expect(finding.id == "packet-loss" && finding.summary.contains("behind hop 3 (198.18.9.3)"))
    }

    /// It answers one of three, and what passes it all arrives: also where the target loses a little of its own.
    @Test func aRationingMiddleHop_isNeverThePlace() throws {
        #expect(judge(traced(rounds(36, way) { $1 == 1 && $0 % 3 != 0 })).ids.isEmpty)
        let finding = try #require(
            judge(traced(rounds(200, way) { $1 == 1 ? $0 % 3 != 0 : $1 == 3 && isLost($0, $1, percent: 12) })).findings
                .first)
        #expect(finding.summary.contains("behind hop 3 (198.18.9.3)"))
    }

    @Test func lossOfAMiddleHopAlone_isNone() {
        #expect(judge(traced(rounds(200, way) { $1 == 1 && $0 % 4 != 0 })).ids.isEmpty)
        #expect(judge(traced(rounds(200, way) { $1 == 1 || $1 == 2 && isLost($0, $1, percent: 60) })).ids.isEmpty)
    }

    /// A hop that rations its errors on top stands in the way of nothing.
    @Test func aRationingHop_isNoPlace() throws {
        let finding = try #require(
            judge(traced(rounds(300, way) { $1 == 1 ? $0 % 4 != 0 : $1 >= 2 && isLost($0, $1, percent: 20) })).findings
                .first)
        #expect(finding.summary.contains("between hop 1 (198.18.1.1) and hop 3 (198.18.9.3)"))
    }

    /// 1 % of a hundred, or half of ten.
    @Test func fewPackets_showNothing() {
        #expect(judge(traced(rounds(100, way) { $1 == 3 && $0 == 50 })).ids.isEmpty)
        #expect(judge(traced(rounds(10, way) { $1 >= 2 && $0 % 2 == 0 })).ids.isEmpty)
    }

    @Test func threePercent_isAWarning() throws {
        let finding = try #require(
            judge(traced(rounds(1000, way) { $1 == 3 && isLost($0, $1, percent: 3) })).findings.first)
        #expect(finding.severity == .warning)
    }

    /// Its filter lets one echo in four through.
    @Test func aTargetThatRationsEchoes_losesNone() {
        #expect(judge(traced(rounds(200, way) { $1 == 3 && $0 % 4 != 0 })).ids.isEmpty)
    }

    private let byUDP: [HopOutcome] = [first, second, third, closedPort]

    /// All of them are Linux with its default limits: six at once, then one a second.
    @Test func everybodyRationsAlike_isNone() {
        #expect(judge(traced(rounds(100, by: .udp, byUDP) { round, _ in round > 6 && round % 10 != 0 })).ids.isEmpty)
        let once = traced(rounds(60, by: .udp, byUDP) { round, _ in round % 2 == 1 }, interval: .milliseconds(500))
        #expect(judge(once).ids.isEmpty)
    }

    @Test func ofDatagrams_chanceAndPlentyShowLoss() throws {
        let finding = try #require(
            judge(traced(rounds(200, by: .udp, byUDP) { $1 >= 2 && isLost($0, $1, percent: 15) })).findings.first)
        #expect(finding.id == "packet-loss")
        #expect(finding.summary.contains("between hop 2 (198.18.9.2) and hop 3 (198.18.9.3)"))
    }

    /// Its errors alone: that may be its own ration.
    @Test func ofDatagrams_theTargetAlone_isADoubt() throws {
        let finding = try #require(
            judge(traced(rounds(200, by: .udp, byUDP) { $1 == 3 && isLost($0, $1, percent: 15) })).findings.first)
        #expect(finding.confidence == .possible && finding.severity == .warning)
        #expect(finding.remedy.first?.contains("leadsman ping") == true)
    }

    /// The same loss, by echoes and by a trace, is one finding, which says where.
    @Test func echoesAndRounds_areOneFinding() throws {
        let judgement = judge(
            traced(rounds(200, way) { $1 >= 2 && isLost($0, $1, percent: 15) }),
            ping(lost: Set((0..<100).filter { $0 % 7 == 0 }), of: 100))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["packet-loss"])
        #expect(finding.checks == ["path", "ping"] && finding.summary.contains("between hop 2"))
        #expect(finding.evidence.contains { $0.contains("echo requests unanswered") })
    }
}

@Suite struct TracedPlaceTests {
    private func failed(_ name: String, _ code: Int32, _ type: UInt8, _ icmpCode: UInt8, from offender: IPAddress)
        -> HopOutcome
    {
        .failed(failure(name, code, icmp: icmp(type, icmpCode, from: offender)))
    }

    @Test func aRouterWithoutARoute_isNamedWithItsPlace() throws {
        let noRoute = failed("ENETUNREACH", 101, 3, 0, from: hopAddress(2))
        let judgement = judge(traced([trace(by: .udp, [first, noRoute, noRoute])]))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["route-unreachable-remote"])
        #expect(finding.summary.contains("The router 198.18.9.2, hop 2 of the way,"))
        #expect(finding.evidence.contains { $0.contains("known up to 198.18.1.1 (hop 1)") })
        #expect(finding.remedy.first?.contains("198.18.9.2") == true)
    }

    /// Prohibited is a policy.
    @Test func aProhibition_isARejection() throws {
        let prohibited = failed("EHOSTUNREACH", 113, 3, 13, from: hopAddress(2))
        let judgement = judge(traced([trace(by: .udp, [first, prohibited])]))
        #expect(judgement.ids == ["tcp-rejected"])
        #expect(judgement.findings.first?.summary.hasPrefix("198.18.9.2 rejects UDP datagrams to ") == true)
    }

    @Test func hostUnreachableAfterThreeSeconds_isAnUnresolvedHop() throws {
        let missing = failure("EHOSTUNREACH", 113, icmp: icmp(3, 1, from: hopAddress(2)))
        let slow = judge(tcp(.failed(missing), elapsed: .milliseconds(3060)))
        let finding = try #require(slow.findings.first)
        #expect(slow.ids == ["next-hop-unresolved"])
        #expect(finding.summary.contains("The router 198.18.9.2 finds nobody at 198.18.2.2"))
        #expect(judge(tcp(.failed(missing))).ids == ["route-unreachable-remote"])
    }

    /// Of the same host the router says it at once when it is asked again.
    @Test func itsSecondWord_isTheSame() {
        let missing = failure("EHOSTUNREACH", 113, icmp: icmp(3, 1, from: hopAddress(2)))
        let judgement = judge(
            tcp("slow", .failed(missing), elapsed: .milliseconds(3060)), tcp("quick", .failed(missing)))
        #expect(judgement.ids == ["next-hop-unresolved"])
        #expect(judgement.findings.first?.checks == ["slow", "quick"])
    }

    @Test func aTraceThatGoesRound_isALoop() throws {
        let round = (0..<5).flatMap { _ in [second, third] }
        let judgement = judge(traced([trace(by: .udp, [first] + round)]))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["routing-loop"] && finding.confidence == .certain)
        #expect(finding.summary.contains("at 198.18.9.2 and 198.18.9.3, from hop 2 on"))
        #expect(finding.cause.contains("198.18.9.2 and 198.18.9.3 pass the packets to each other"))
    }

    /// Twelve different routers, and then the limits end.
    @Test func aWayLongerThanTheLimits_isNoLoop() throws {
        let judgement = judge(traced([trace(by: .udp, (1...12).map { .expired(hopAddress($0)) })]))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["expectation-unmet"])
        #expect(finding.summary.contains("further away than 12 hops"))
    }

    /// A load balancer that spreads packet by packet, a router that passes on what has run out, a translator before the target.
    @Test func waysThatGetThere_areNoLoop() {
        let ways: [[HopOutcome]] = [
            [first, second, third, second, third, .answered],
            [first, second, second, .answered],
            [first] + Array(repeating: second, count: 6) + [.answered],
        ]
        for way in ways { #expect(judge(traced([trace(way)])).ids.isEmpty) }
    }

    @Test func silenceOfADatagram_saysHowFarItCame() throws {
        let judgement = judge(traced([trace(by: .udp, [first, second, .silent, .silent])]))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["expectation-unmet"])
        #expect(finding.summary.contains("behind hop 2 (198.18.9.2) nothing answers"))
    }

    @Test func tracedSYNsThatEnd_areAFilteredDrop() throws {
        let way = traced(
            [trace(by: .tcp, to: target, [first, .silent, .silent])], to: hostPort(target),
            also: [
                .sounding(
                    SoundingFact(
                        endpoint: Endpoint(target.address, 33434), carrier: .udp,
                        hops: [first, second, closedPort].enumerated().map {
                            SoundingFact.Hop(limit: $0 + 1, outcome: $1, roundTrip: .milliseconds(1))
                        }, elapsed: .milliseconds(5))),
                .sounding(
                    SoundingFact(
                        endpoint: target, carrier: .tcp,
                        hops: [first, .silent].enumerated().map {
                            SoundingFact.Hop(limit: $0 + 1, outcome: $1, roundTrip: nil)
                        }, elapsed: .milliseconds(5),
                        control: SoundingFact.Hop(limit: 2, outcome: second, roundTrip: .milliseconds(1)))),
            ])
        let judgement = judge(way)
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["tcp-filtered-drop"])
        #expect(finding.summary.contains("disappear after hop 1 (198.18.1.1)"))
        #expect(finding.cause.contains("before 198.18.9.2, the next router"))
    }

    @Test func aTracedHandshakeTooNear_isAProxy() throws {
        let near = traced([trace(by: .tcp, to: target, [first, .answered])], to: hostPort(target))
        let far = traced([trace([first, second, third, .answered])])
        #expect(judge([near, renamed(far)]).ids == ["proxy-in-path"])
        let alike = traced([trace(by: .tcp, to: target, [first, second, third, .answered])], to: hostPort(target))
        #expect(judge([alike, renamed(far)]).ids.isEmpty)
    }

    private func renamed(_ record: CheckRecord) -> CheckRecord {
        var check = record.check
        check.name = "other"
        return CheckRecord(check: check, samples: record.samples, ending: record.ending, startedAt: record.startedAt)
    }
}
