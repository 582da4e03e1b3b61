import Diagnosis
import NetValues
import Observations
import Planning
import Testing

/// What bounded a transfer, and when that is a finding.
@Suite struct TransferRulesTests {
    private static let server = Endpoint(target.address, 5201)

    private func spread(_ milliseconds: Int64, count: Int = 50) -> LatencySpread {
        let span = Duration.milliseconds(milliseconds)
        return LatencySpread(count: count, min: span, p50: span, p95: span, max: span)
    }

    /// 10 Mbit/s for a second.
    private func fact(
        _ transport: ThroughputFact.Transport = .tcp, idle: Int64 = 1, loaded: Int64 = 1, again: Int = 0,
        _ change: (inout ThroughputFact) -> Void = { _ in }
    ) -> ThroughputFact {
        var fact = ThroughputFact(
            endpoint: Self.server, peer: .iperf3, transport: transport, direction: .up, streams: 1, bytes: 1_250_000,
            span: .seconds(1), intervals: [], idle: spread(idle), loaded: spread(loaded))
        if transport == .tcp {
            var sender = ThroughputFact.SenderState(retransmits: again)
            sender.segments = 1000
            sender.busy = .seconds(1)
            sender.windowLimited = .zero
            sender.bufferLimited = .zero
            fact.sender = sender
        }
        change(&fact)
        return fact
    }

    private func slower(
        lost: Int, packets: Int = 1000, bytes: Int = 750_000, span: Duration = .seconds(1)
    ) -> ThroughputFact.Contrast {
        ThroughputFact.Contrast(
            kind: .slower, requestedRate: 6_000_000, streams: 1, bytes: bytes, span: span, packets: packets, lost: lost)
    }

    private func record(_ fact: ThroughputFact, min: BitRate? = nil) -> CheckRecord {
        let comparisons = min.map { least in
            [
                Comparison(
                    key: "min", expected: least.description, seen: "", isMet: fact.rate >= least.bitsPerSecond,
                    isDeclared: true)
            ]
        }
        return DiagnosisTests.record(
            "transfer", kind: "throughput", target: hostPort(Self.server),
            [
                sample(
                    fact.problem == nil ? .answered : .failed(.exchange), latency: .milliseconds(1),
                    [.throughput(fact)], comparisons: comparisons ?? [])
            ])
    }

    private let declared = BitRate(bitsPerSecond: 100_000_000)

    @Test func aQueue_belowWhatIsDeclared_isALimit() throws {
        let judgement = judge(record(fact(loaded: 40), min: declared))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["bandwidth-limited"] && finding.severity == .warning)
        #expect(finding.summary.contains("10.0 Mbit/s") && finding.summary.contains("100.0 Mbit/s"))
        #expect(judgement.status("transfer") == .warned)
    }

    @Test func aQueue_ofWhichNothingIsDeclared_isNoFault() {
        #expect(judge(record(fact(loaded: 40))).ids == [])
        #expect(judge(record(fact(loaded: 40), min: BitRate(bitsPerSecond: 9_000_000))).ids == [])
    }

    @Test func aLongQueue_isBufferbloat_besideTheLimit() {
        #expect(judge(record(fact(loaded: 300))).ids == ["bufferbloat"])
        #expect(Set(judge(record(fact(loaded: 300), min: declared)).ids) == ["bufferbloat", "bandwidth-limited"])
        // Far away, and not threefold.
        #expect(judge(record(fact(idle: 100, loaded: 250))).ids == [])
        #expect(judge(record(fact(loaded: 90))).ids == [])
    }

    @Test func echoesLetPastTheQueue_doNotHideIt() {
        let own = fact { fact in
            fact.sender?.leastRoundTrip = .milliseconds(1)
            fact = ThroughputFact(
                endpoint: fact.endpoint, peer: fact.peer, transport: .tcp, direction: .up, streams: 1,
                bytes: fact.bytes, span: fact.span,
                intervals: (0..<4).map { index in
                    ThroughputFact.Interval(
                        start: .milliseconds(250 * index), span: .milliseconds(250), bytes: 300_000, retransmits: 0,
                        roundTrip: .milliseconds(200))
                }, idle: fact.idle, loaded: fact.loaded
            ).with(sender: fact.sender)
        }
        #expect(judge(record(own)).ids == ["bufferbloat"])
    }

    @Test func lossOnlyAboveARate_isAPolicer() throws {
        let finding = try #require(judge(record(fact(again: 60) { $0.contrasts = [slower(lost: 1)] })).findings.first)
        #expect(finding.id == "bandwidth-limited" && finding.confidence == .likely)
        #expect(finding.evidence.contains { $0.contains("1 of 1000 packets lost") })
        let datagrams = fact(.udp) { fact in
            fact.datagrams = ThroughputFact.DatagramCount(sent: 900, lost: 300, late: 0, jitter: .zero)
            fact.requestedRate = 15_000_000
            fact.contrasts = [slower(lost: 0)]
        }
        #expect(judge(record(datagrams)).ids == ["bandwidth-limited"])
    }

    @Test func datagramsLostBeforeAFullQueue_areALimit_whereTheRateWasSent() throws {
        func datagrams(asked: Int, lost: Int?) -> ThroughputFact {
            fact(.udp, loaded: 40) { fact in
                fact.datagrams = ThroughputFact.DatagramCount(sent: 1000, lost: lost, late: nil, jitter: .zero)
                fact.requestedRate = asked
            }
        }
        let finding = try #require(judge(record(datagrams(asked: 20_000_000, lost: 500))).findings.first)
        #expect(finding.id == "bandwidth-limited" && finding.summary.contains("dropped when it is full"))
        // The sender did not keep up; the count makes no sense; next to nothing is lost.
        #expect(datagrams(asked: 30_000_000, lost: 500).bound == .senderPace)
        #expect(judge(record(datagrams(asked: 30_000_000, lost: 500))).ids == [])
        #expect(judge(record(datagrams(asked: 20_000_000, lost: nil))).ids == [])
        #expect(judge(record(datagrams(asked: 10_000_000, lost: 3))).ids == [])
    }

    /// 1000 datagrams at the rate that was asked for.
    private func datagrams(
        lost: Int = 0, late: Int? = 0, copies: Int? = 0, sentRate: Int? = nil
    ) -> ThroughputFact {
        fact(.udp) { fact in
            fact.requestedRate = 10_000_000
            fact.datagrams = ThroughputFact.DatagramCount(
                sent: 1000, lost: lost, late: late, copies: copies, sentRate: sentRate, jitter: .zero)
        }
    }

    @Test func datagramsBehindLaterOnes_areReordering_andLossIsNot() throws {
        let finding = try #require(judge(record(datagrams(late: 50))).findings.first)
        #expect(finding.id == "packet-reordering" && finding.severity == .warning)
        #expect(
            finding.summary.contains("5.0 % of datagrams") && finding.evidence.contains { $0.contains("50 of 1000") })
        let few = judge(record(datagrams(late: 6)))
        #expect(few.ids == ["packet-reordering"] && few.findings.first?.severity == .info && few.verdict == .healthy)
        #expect(judge(record(datagrams(late: 1))).ids == [])
        #expect(judge(record(datagrams(late: nil))).ids == [])
        #expect(judge(record(datagrams(lost: 50))).ids == [])
    }

    @Test func datagramsThatComeAgain_areDuplication_andLateOnesAreNot() throws {
        let finding = try #require(judge(record(datagrams(copies: 50))).findings.first)
        #expect(finding.id == "packet-duplication" && finding.severity == .warning)
        #expect(judge(record(datagrams(copies: 6))).findings.first?.severity == .info)
        #expect(judge(record(datagrams(copies: nil))).ids == [])
        #expect(Set(judge(record(datagrams(late: 50, copies: 50))).ids) == ["packet-duplication", "packet-reordering"])
    }

    @Test func whatThisHostDidNotSend_isNotThePaths() throws {
        #expect(datagrams(sentRate: 9_900_000).bound == .requestedRate)
        #expect(datagrams(sentRate: 9_500_000).bound == .senderPace)
        // Lost copies and all: the sender's own word is enough.
        #expect(datagrams(lost: 300, sentRate: 8_000_000).bound == .senderPace)
        let judgement = judge(record(datagrams(sentRate: 8_000_000), min: declared))
        #expect(judgement.ids == ["probe-inconclusive"])
        let evidence = try #require(judgement.findings.first).evidence
        #expect(evidence.contains { $0.contains("this host sent 8.0 Mbit/s") }, "\(evidence)")
    }

    @Test func aBusyServer_isNobodysFault() throws {
        let inability = Inability(.serverBusy, action: "measure it", reason: "busy", fix: "wait")
        let judgement = judge(
            DiagnosisTests.record(
                "transfer", kind: "throughput", target: hostPort(Self.server), [], ending: .unmeasured(inability)))
        #expect(judgement.ids == ["probe-inconclusive"] && judgement.verdict == .inconclusive)
        #expect(judgement.findings.first?.cause.contains("nothing about the path") == true)
    }

    @Test func lossAtAnyRate_isPacketLoss() {
        #expect(judge(record(fact(again: 30) { $0.contrasts = [slower(lost: 28)] })).ids == ["packet-loss"])
        #expect(
            judge(record(fact(again: 30) { $0.contrasts = [slower(lost: 28)] }, min: declared)).ids == ["packet-loss"])
    }

    @Test func lossOfWhichTooLittleIsKnown_isNeither() {
        // No second transfer; one in which too few were to be expected; one that is neither here nor there.
        #expect(judge(record(fact(again: 60))).ids == [])
        #expect(judge(record(fact(again: 60) { $0.contrasts = [slower(lost: 0, packets: 40)] })).ids == [])
        #expect(judge(record(fact(again: 60) { $0.contrasts = [slower(lost: 20)] })).ids == [])
        let short = slower(lost: 0, bytes: 15_000, span: .milliseconds(20))
        #expect(judge(record(fact(again: 60) { $0.contrasts = [short] })).ids == [])
        // What TCP makes by itself when it looks for its limit.
        #expect(judge(record(fact(again: 5) { $0.contrasts = [slower(lost: 0)] })).ids == [])
    }

    @Test func whatTheHostsThemselvesBound_isNoLimitOfThePath() throws {
        let bounds: [(ThroughputBound, (inout ThroughputFact) -> Void)] = [
            (.receiverWindow, { $0.sender?.windowLimited = .milliseconds(800) }),
            (.peerProcessor, { $0.peerProcessor = 0.99 }),
            (.requestedRate, { $0.requestedRate = 10_000_000 }),
            (
                .singleFlow,
                {
                    $0.contrasts = [
                        ThroughputFact.Contrast(
                            kind: .moreStreams, requestedRate: nil, streams: 4, bytes: 4_000_000, span: .seconds(1),
                            packets: 3000, lost: 0)
                    ]
                }
            ),
        ]
        for (bound, change) in bounds {
            let seen = fact(loaded: 40, change)
            #expect(seen.bound == bound)
            let judgement = judge(record(seen, min: declared))
            #expect(judgement.ids == ["expectation-unmet"], "\(bound)")
            #expect(try #require(judgement.findings.first).evidence.contains { $0.contains("bounded by") })
        }
    }

    /// Neither the path nor the other end was tried: nobody is blamed, and nothing has passed.
    @Test func whatThisSideHeldUp_isNotMeasured() throws {
        let own: [(ThroughputFact.Transport, (inout ThroughputFact) -> Void)] = [
            (.tcp, { $0.sender?.bufferLimited = .milliseconds(800) }), (.tcp, { $0.ownProcessor = 0.97 }),
            (.tcp, { ($0.ownProcessor, $0.ownWait) = (0.1, 0.85) }),
            (.tcp, { ($0.ownProcessor, $0.ownWait) = (0.05, 0.4) }),
            (
                .udp,
                {
                    $0.requestedRate = 120_000_000
                    $0.datagrams = ThroughputFact.DatagramCount(
                        sent: 900, lost: 0, late: 0, sentRate: 10_000_000, jitter: .zero)
                }
            ),
        ]
        for (number, (transport, change)) in own.enumerated() {
            let judgement = judge(record(fact(transport, change), min: declared))
            #expect(judgement.ids == ["probe-inconclusive"], "\(number)")
            #expect(judgement.verdict == .inconclusive && judgement.isIncomplete)
            #expect(judgement.status("transfer") == .unmeasured)
            let finding = try #require(judgement.findings.first)
            #expect(finding.summary.contains("100.0 Mbit/s could not be told") && finding.severity == .info)
            // Of what is declared nothing is missing.
            #expect(judge(record(fact(transport, change), min: BitRate(bitsPerSecond: 9_000_000))).ids == [])
        }
    }

    /// Up to a quarter of the time it could have come to at most so much more, had it never waited.
    @Test(arguments: [
        (0.2, 12_000_000, true), (0.2, 20_000_000, false), (0.05, 10_100_000, false), (0.3, 900_000_000, true),
    ])
    func aWaitForTheProcessor_countsAsFarAsItMayHaveCost(wait: Double, least: Int, isOwn: Bool) {
        let seen = fact { ($0.ownProcessor, $0.ownWait) = (0.2, wait) }
        let judgement = judge(record(seen, min: BitRate(bitsPerSecond: least)))
        #expect(judgement.ids == [isOwn ? "probe-inconclusive" : "expectation-unmet"])
    }

    /// What bursts of a starved sender lose is lost above a rate too.
    @Test func aSenderThatWaited_isNoPolicer() {
        for wait in [0.1, 0.5] {
            let seen = fact(again: 60) { ($0.ownProcessor, $0.ownWait, $0.contrasts) = (0.2, wait, [slower(lost: 1)]) }
            #expect(judge(record(seen)).ids == (wait < 0.25 ? ["bandwidth-limited"] : []))
            let datagrams = fact(.udp) { fact in
                fact.datagrams = ThroughputFact.DatagramCount(sent: 900, lost: 300, late: 0, jitter: .zero)
                (fact.requestedRate, fact.contrasts, fact.ownWait) = (15_000_000, [slower(lost: 0)], wait)
            }
            #expect(judge(record(datagrams)).ids == (wait < 0.25 ? ["bandwidth-limited"] : []))
        }
    }

    /// A queue that filled meanwhile is the path's.
    @Test func aQueue_isALimit_thoughThisSideWaitedNowAndThen() {
        let seen = fact(loaded: 40) { ($0.ownProcessor, $0.ownWait) = (0.2, 0.5) }
        #expect(judge(record(seen, min: BitRate(bitsPerSecond: 13_000_000))).ids == ["bandwidth-limited"])
    }

    @Test func aProcessorThatIsUsedUp_isNoBufferbloat() {
        #expect(judge(record(fact(loaded: 300) { $0.ownProcessor = 0.99 })).ids == [])
    }

    @Test(arguments: [
        (ThroughputFact.Problem.busy, "one at a time"), (.stalled, "none of the bytes"),
        (.wantsAuthentication, "user and password"), (.serverError(27, 0), "server-bitrate-limit"),
        (.malformed("a state of iperf3", Array("SSH".utf8)), "no iperf3 server"), (.silent(during: .streams), "UDP"),
    ])
    func aProblem_isToldInWords(problem: ThroughputFact.Problem, words: String) throws {
        let judgement = judge(record(fact { $0.problem = problem }))
        #expect(judgement.ids == ["expectation-unmet"])
        let finding = try #require(judgement.findings.first)
        #expect(finding.evidence.contains { $0.contains(words) }, "\(finding.evidence)")
    }

    @Test(arguments: [ThroughputFact.Problem.silent(during: .greeting), .malformed("a state of iperf3", [72])])
    func anotherServiceAtThePort_isNamedSo(problem: ThroughputFact.Problem) throws {
        let seen = fact { fact in
            fact = ThroughputFact(
                endpoint: fact.endpoint, peer: fact.peer, transport: .tcp, direction: .up, streams: 1, bytes: 0,
                span: fact.span, intervals: [], idle: nil, loaded: nil)
            fact.problem = problem
        }
        let finding = try #require(judge(record(seen)).findings.first)
        #expect(finding.id == "expectation-unmet" && finding.summary.contains("does not answer as an iperf3 server"))
        #expect(finding.remedy.contains { $0.contains("throughput --listen") })
    }

    @Test func aTransferThatIsFastEnough_isHealthy() {
        let judgement = judge(record(fact(), min: BitRate(bitsPerSecond: 5_000_000)))
        #expect(judgement.ids == [] && judgement.verdict == .healthy)
    }
}

extension ThroughputFact {
    fileprivate func with(sender: SenderState?) -> ThroughputFact {
        var fact = self
        fact.sender = sender
        return fact
    }
}
