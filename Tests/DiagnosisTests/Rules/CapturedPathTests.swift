import Diagnosis
import NetValues
import Observations
import Planning
import Testing
import Wire

/// A transfer of so many segments from the server.
private func transfer(_ segments: Int, port: UInt16 = 50000, _ change: (inout Conversation) -> Void = { _ in })
    -> Conversation
{
    Conversation.healthy(port: port).with {
        $0.fromB.dataSegments = segments
        $0.packets = (segments / 2 + 4, segments + 4)
        change(&$0)
    }
}

@Suite struct CapturedLossTests {
    private func lossy(_ lost: UInt32, of segments: Int, spurious: UInt32 = 0, port: UInt16 = 50000) -> Conversation {
        transfer(segments, port: port) {
            $0.fromB.counters.retransmission = lost
            $0.fromB.counters.spuriousRetransmission = spurious
            $0.fromB.mostRepeats = 1
        }
    }

    @Test func segmentsSentAgain_areLoss() throws {
        let judgement = judge([lossy(15, of: 500), lossy(15, of: 500, port: 50001)])
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["packet-loss"])
        #expect(finding.severity == .warning && finding.confidence == .likely)
        #expect(finding.subject == "198.18.2.2")
        #expect(finding.summary.contains("30 of 1002"))
        #expect(judgement.verdict == .degraded)
    }

    /// Lost far from the capture, in a fast stream: what fills the holes comes so soon that tshark takes it for disorder.
    @Test func repairsThatLookLikeDisorder_areLoss() {
        let far = transfer(1000) {
            $0.fromB.counters.outOfOrder = 25
            $0.fromB.repairsTakenForDisorder = 25
        }
        #expect(judge([far]).ids == ["packet-loss"])
    }

    /// Of both ends in one: the one shows whole what the other shows cut.
    @Test func aCaptureAtTwoPlaces_thatOffloadingKeepsFromMatching_isNeitherLossNorDisorder() {
        let both = transfer(2000) {
            $0.secondSights.b = 3
            $0.fromB.counters.outOfOrder = 1200
            $0.fromB.counters.retransmission = 500
            $0.fromB.furthestReordering = 40
        }
        #expect(judge([both]).ids == [])
    }

    @Test func moreThanFivePercent_isAnError() {
        #expect(judge([lossy(100, of: 1000)]).findings.first?.severity == .error)
    }

    @Test func belowOnePercent_isNone() {
        #expect(judge([lossy(8, of: 1000)]).ids == [])
    }

    @Test func fewSegments_showNothing() {
        #expect(judge([lossy(3, of: 40)]).ids == [])
    }

    @Test func spuriousOnes_areNoLoss() {
        #expect(judge([lossy(100, of: 1000, spurious: 97)]).ids == [])
    }

    /// The end of a peer that went away: one segment again and again.
    @Test func oneSegmentRepeatedToTheEnd_isNoLoss() {
        let dead = transfer(200) {
            $0.fromB.counters.retransmission = 9
            $0.fromB.mostRepeats = 9
            $0.fromB.mostRepeatedSize = 1448
        }
        #expect(judge([dead]).ids == [])
    }

    /// With offloading one frame of a capture is many on the wire: 24 of 58 frames, and 24 of about a thousand segments.
    @Test func offloadedSegments_areCountedAsOnTheWire() throws {
        let offloaded = transfer(58) {
            $0.fromB.uniqueBytes = 1_418_750
            $0.fromB.largestSegment = 65160
            $0.fromA.mss = 1460
            $0.fromB.counters.retransmission = 24
            $0.fromB.mostRepeats = 1
        }
        let finding = try #require(judge([offloaded]).findings.first)
        #expect(finding.id == "packet-loss" && finding.severity == .warning)
        #expect(finding.summary.contains("24 of 972"))
    }

    @Test func holesOfTheCapture_areNoLoss() {
        let judgement = judge([
            transfer(1000) {
                $0.fromB.counters.lostSegment = 100
                $0.fromA.counters.ackLostSegment = 50
            }
        ]) { $0.drops = CaptureDrops(kernel: 100, isKnown: true) }
        #expect(judgement.ids == [])
    }

    @Test func packetsCapturedTwice_areNoLoss() {
        let twice = transfer(1000) {
            $0.fromB.counters.retransmission = 900
            $0.fromB.copiesTakenForLoss = 900
            $0.fromB.mostRepeats = 1
        }
        #expect(judge([twice]).ids == [])
    }

    @Test func echoesWithoutReply_inACapture() throws {
        var series = EchoSeriesRecord(source: asker.address, destination: listener.address, identifier: 1)
        series.requests = 100
        series.replies = 90
        let judgement = judge([]) { $0.icmp.series = [series] }
        #expect(judgement.ids == ["packet-loss"])
        series.replies = 99
        #expect(judge([]) { $0.icmp.series = [series] }.ids == [])
        series.replies = 0
        #expect(judge([]) { $0.icmp.series = [series] }.ids == [])
    }

    @Test func theLossOfAPing_andOfItsPackets_isOneFinding() throws {
        let judgement = judge(
            ping(lost: Set(0..<10), of: 100).captured([lossy(30, of: 500), lossy(30, of: 500, port: 50001)]))
        #expect(judgement.ids == ["packet-loss"])
        #expect(judgement.findings[0].evidence.contains { $0.contains("echo requests unanswered") })
        #expect(judgement.findings[0].evidence.contains { $0.contains("sent again") })
    }
}

@Suite struct CapturedOrderTests {
    @Test func segmentsThatOvertake_areReordering() throws {
        let judgement = judge([
            transfer(500) {
                $0.fromB.counters.outOfOrder = 25
                $0.fromB.furthestReordering = 3
            }
        ])
        #expect(judgement.ids == ["packet-reordering"])
        #expect(judgement.findings[0].severity == .warning)
        #expect(judgement.findings[0].evidence[0].contains("25 of 501"))
    }

    @Test func aFewOfThem_areOrdinary() {
        let some = transfer(1000) {
            $0.fromB.counters.outOfOrder = 4
            $0.fromB.furthestReordering = 1
        }
        #expect(judge([some]).ids == [])
    }

    @Test func aCaptureOutOfOrder_mayBeItsOwn() {
        let flow = transfer(500) {
            $0.fromB.counters.outOfOrder = 25
            $0.fromB.furthestReordering = 3
        }
        #expect(judge([flow]) { $0.backwardSteps = 12 }.findings.first?.confidence == .possible)
    }

    @Test func copies_areDuplication() throws {
        let judgement = judge([transfer(500) { $0.duplicates = (0, 30) }])
        #expect(judgement.ids == ["packet-duplication"])
        #expect(judgement.findings[0].summary.contains("%"))
    }

    @Test func aCaptureAtTwoPlaces_isNoDuplication() {
        #expect(judge([transfer(500) { $0.duplicates = (250, 250) }]).ids == [])
    }

    @Test func echoRepliesThatComeTwiceOrLate() {
        func echoes(late: Set<Int>, doubled: Set<Int>) -> CheckRecord {
            let samples = (0..<100).map { index in
                sample(
                    latency: .milliseconds(1),
                    [
                        .echo(
                            EchoFact(
                                address: target.address, sequence: index, outcome: .replied,
                                roundTrip: .milliseconds(1), duplicates: doubled.contains(index) ? 1 : 0,
                                isLate: late.contains(index)))
                    ])
            }
            return record("ping", kind: "icmp", target: .host(.address(target.address)), samples)
        }
        #expect(judge(echoes(late: [3, 9, 20, 40, 60], doubled: [])).ids == ["packet-reordering"])
        #expect(judge(echoes(late: [], doubled: [3, 9, 20, 40, 60])).ids == ["packet-duplication"])
        #expect(judge(echoes(late: [3], doubled: [9])).ids == [])
    }
}

@Suite struct PMTUBlackHoleTests {
    private func hole(_ change: (inout Conversation) -> Void = { _ in }) -> Conversation {
        .healthy().with {
            $0.fromB.fins = 0
            $0.fromA.fins = 0
            $0.fromB.counters.retransmission = 5
            $0.fromB.mostRepeats = 5
            $0.fromB.mostRepeatedSize = 1448
            $0.fromB.largestAcknowledged = 310
            change(&$0)
        }
    }

    @Test func fullSegmentsThatVanish() throws {
        let judgement = judge([hole()])
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["pmtu-black-hole"])
        #expect(finding.confidence == .likely)
        #expect(finding.summary.contains("Segments of 1448 bytes from"))
        #expect(finding.evidence[0].contains("up to 310 bytes were acknowledged"))
    }

    /// A certificate's first flight: nothing smaller was sent before.
    @Test func theFirstSegmentAlready_isPossible() {
        #expect(judge([hole { $0.fromB.largestAcknowledged = 0 }]).findings.first?.confidence == .possible)
    }

    @Test func ofARequest_itIsTheOtherDirection() {
        let upload = Conversation.healthy().with {
            $0.fromA.fins = 0
            $0.fromA.mostRepeats = 6
            $0.fromA.mostRepeatedSize = 1448
            $0.fromA.largestAcknowledged = 200
        }
        #expect(judge([upload]).findings.first?.summary.contains("bytes to 198.18.2.2:5432 vanish") == true)
    }

    @Test func aPeerThatWentAway_isNone() {
        #expect(judge([hole { $0.fromB.largestAcknowledged = 1448 }]).ids == [])
    }

    @Test func smallSegments_areNone() {
        #expect(judge([hole { $0.fromB.mostRepeatedSize = 400 }]).ids == [])
    }

    @Test func itExplainsACheckThatStalls() throws {
        let url = try #require(HTTPURL("http://198.18.2.2:5432/"))
        let connect = Fact.connect(
            ConnectFact(
                endpoint: target, source: ownAddress, elapsed: .milliseconds(1), outcome: .connected, tcp: nil))
        let stalled = Fact.http(
            HTTPFact(
                url: url, endpoint: target, method: "GET",
                outcome: .incomplete(.deadline, partial: PartialResponse(status: 200, bytes: 310, start: [])),
                firstByte: nil,
                elapsed: .seconds(3)))
        let check = record(
            "page", kind: "http", target: .url(url), [sample(.failed(.response), [connect, stalled])])
        #expect(judge(check.captured([hole()])).ids == ["pmtu-black-hole"])
        // The sizes that were tried beside it name the limit: one finding, with what was on the wire.
        let tried = Fact.pathMTU(
            PathMTUFact(
                destination: target, carrier: .tcp, direction: .back, ending: .found,
                trials: [
                    PathMTUFact.Trial(size: 1400, outcome: .passed), PathMTUFact.Trial(size: 1401, outcome: .lost),
                ],
                largestPassed: 1400, smallestLost: 1401, linkMTU: 1500, elapsed: .seconds(1)))
        let searched = record(
            "page", kind: "http", target: .url(url), [sample(.failed(.response), [connect, stalled, tried])])
        let findings = judge(searched.captured([hole()])).findings
        #expect(findings.map(\.id) == ["pmtu-black-hole"] && findings[0].summary.contains("1400 bytes"))
        #expect(findings[0].evidence.contains { $0.contains("sent 1448 bytes again 5 times") })
    }
}

@Suite struct NATIdleTimeoutTests {
    private func idle(_ span: Duration, _ end: TCPRecord.AfterIdle, _ change: (inout Conversation) -> Void = { _ in })
        -> Conversation
    {
        .healthy().with {
            $0.fromA.fins = 0
            $0.fromB.fins = 0
            $0.state = .established
            $0.fromA.mostRepeats = 2
            $0.idle = span
            $0.afterIdle = end
            change(&$0)
        }
    }

    @Test func dataAfterALongSilence_isNotAnswered() throws {
        let judgement = judge([idle(.seconds(300), .unanswered)])
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["nat-idle-timeout"])
        #expect(finding.severity == .warning && finding.confidence == .likely)
        #expect(finding.summary.contains("5 min"))
    }

    @Test func aShortSilence_isPossible() {
        #expect(judge([idle(.seconds(5), .unanswered)]).findings.first?.confidence == .possible)
        #expect(judge([idle(.seconds(1), .unanswered)]).ids == [])
    }

    @Test func aResetInAnothersName_isADevice() throws {
        let flow = idle(.seconds(20), .reset) {
            $0.resets = [Conversation.reset(hopLimit: 64, sent: 5000, received: 600)]
        }
        let finding = try #require(judge([flow]).findings.first)
        #expect(finding.id == "nat-idle-timeout" && finding.confidence == .likely)
        #expect(finding.cause.contains("another TTL"))
    }

    @Test func aClientThatResetsItsIdleConnection_isNone() {
        let flow = idle(.seconds(20), .reset) {
            $0.resets = [Conversation.reset(fromA: true, hopLimit: 64, sent: 600, received: 5000)]
        }
        #expect(judge([flow]).ids == [])
    }

    @Test func whatIsSentAtTheEndOfTheCapture_isNone() {
        #expect(judge([idle(.seconds(300), .unanswered) { $0.fromA.mostRepeats = 0 }]).ids == [])
    }

    @Test func aServerThatClosesInGoodOrder_isNone() {
        #expect(judge([idle(.seconds(300), .unanswered) { $0.fromB.fins = 1 }]).ids == [])
    }
}

@Suite struct CapturedICMPTests {
    @Test func timeExceeded_forAnOrdinaryTTL_isALoop() throws {
        let judgement = judge([Conversation.silent(syns: 1).with { $0.icmp = [quoted(11, 0)] }])
        #expect(judgement.ids == ["routing-loop"])
        #expect(judgement.findings[0].summary.contains("198.18.1.1"))
    }

    @Test func traceroute_isNoLoop() {
        let probe = Conversation.silent(syns: 1).with {
            $0.icmp = [quoted(11, 0)]
            $0.fromA.handshakeHopLimit = 1
        }
        #expect(judge([probe]).ids == [])
    }

    /// Captured on a router of the circle: the same packet again and again, with less and less to go.
    @Test func theCircleItself_isALoop() {
        let circling = Conversation.silent(syns: 1).with {
            $0.icmp = [quoted(11, 0)]
            $0.hopLimits = 1...64
            $0.packets.a = 63
            $0.secondSights.a = 62
        }
        #expect(judge([circling]).ids == ["routing-loop"])
    }

    @Test func ofACheck_itIsALoopToo() {
        let report = icmp(11, 0)
        #expect(judge(tcp(.failed(failure("EHOSTUNREACH", 113, icmp: report)))).ids == ["routing-loop"])
    }

    @Test func hostUnreachable_isTheRouters() {
        let judgement = judge([Conversation.silent(syns: 3).with { $0.icmp = [quoted(3, 1)] }])
        #expect(judgement.ids == ["route-unreachable-remote"])
    }

    @Test func interfaceDrops_areTold_andOurOwnAreNot() {
        #expect(judge([.healthy()]) { $0.drops = CaptureDrops(interface: 5, isKnown: true) }.ids == ["interface-drops"])
        #expect(judge([.healthy()]) { $0.drops = CaptureDrops(kernel: 5, isKnown: true) }.ids == [])
        #expect(judge(tcp(.connected).captured([.healthy()], drops: 2)).ids == [])
    }
}
