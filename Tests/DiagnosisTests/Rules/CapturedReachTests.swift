import Diagnosis
import NetValues
import Observations
import Planning
import Testing
import Wire

/// Traffic as it is on every network that works: none of it is a finding.
@Suite struct HealthyCaptureTests {
    static let healthy: [(name: String, flow: Conversation)] = [
        ("a request", .healthy()),
        (
            "the last segment sent again",
            .healthy().with {
                $0.fromB.counters.retransmission = 1
                $0.fromB.mostRepeats = 1
                $0.fromB.mostRepeatedSize = 300
            }
        ),
        (
            "a spurious retransmission and a few duplicate ACKs",
            .healthy().with {
                $0.fromB.counters.retransmission = 2
                $0.fromB.counters.spuriousRetransmission = 2
                $0.fromA.counters.duplicateAck = 3
            }
        ),
        (
            "a reset after FIN",
            .healthy().with { $0.resets = [Conversation.reset(sent: 5000, received: 600)] }
        ),
        (
            "a browser that aborts",
            .healthy().with {
                $0.fromA.fins = 0
                $0.fromB.fins = 0
                $0.state = .resetByA
                $0.resets = [Conversation.reset(fromA: true, hopLimit: 64, sent: 600, received: 5000)]
            }
        ),
        (
            "a server that ends by a reset when it has answered",
            .healthy().with {
                $0.fromA.fins = 0
                $0.fromB.fins = 0
                $0.state = .resetByB
                $0.resets = [Conversation.reset(sent: 5000, received: 600, after: .seconds(60))]
            }
        ),
        (
            "keep-alives and window updates",
            .healthy().with {
                $0.fromA.counters.keepAlive = 20
                $0.fromB.counters.keepAliveAck = 20
                $0.fromA.counters.windowUpdate = 9
                $0.idle = .seconds(600)
                $0.afterIdle = .continued
                $0.fromA.fins = 0
                $0.fromB.fins = 0
                $0.state = .established
            }
        ),
        (
            "a zero window that opens again",
            .healthy().with {
                $0.fromA.counters.zeroWindow = 1
                $0.fromB.counters.zeroWindowProbe = 1
                $0.fromA.counters.windowUpdate = 1
            }
        ),
        (
            "begun in the middle",
            .healthy().with {
                $0.fromA.syns = 0
                $0.fromB.synAcks = 0
                $0.state = .midstream
                $0.rtt = nil
                $0.fromA.firstSYNAt = nil
                $0.fromA.lastSYNAt = nil
            }
        ),
        (
            "begun by an ICMP that tells the MTU",
            .healthy().with { $0.icmp = [quoted(3, 4)] }
        ),
    ]

    @Test(arguments: healthy.indices) func alone(_ index: Int) {
        let (name, flow) = Self.healthy[index]
        let judgement = judge([flow])
        #expect(judgement.ids == [], "\(name)")
        #expect(judgement.verdict == .healthy, "\(name)")
    }

    @Test func allTogether() {
        #expect(judge(Self.healthy.map(\.flow)).ids == [])
    }

    @Test(arguments: healthy.indices) func besideACheckThatPassed(_ index: Int) {
        let (name, flow) = Self.healthy[index]
        let judgement = judge(tcp(.connected).captured([flow]))
        #expect(judgement.ids == [], "\(name)")
        #expect(judgement.status("db") == .passed, "\(name)")
    }

    @Test func anEmptyCapture_isInconclusive() {
        let judgement = judge(capture: PacketSummary())
        #expect(judgement.ids == [])
        #expect(judgement.verdict == .inconclusive)
        #expect(judgement.isIncomplete)
    }
}

@Suite struct CapturedSilenceTests {
    @Test func unansweredSYNs_areADrop_whereTheHostIsUp() throws {
        let judgement = judge([.silent(), .healthy(to: pagePort)])
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["tcp-filtered-drop"])
        #expect(finding.confidence == .likely)
        #expect(finding.subject == "198.18.2.2:5432")
        #expect(finding.evidence.contains { $0.contains("4 SYNs in 3.0 s on the wire, no packet back") })
        #expect(judgement.verdict == .failing)
    }

    @Test func unansweredSYNs_areOnlyPossiblyADrop_whereNothingOfTheHostAnswers() throws {
        let other = PacketEndpoint(PacketAddress(router), 443)
        let finding = try #require(judge([.silent(), .healthy(to: other)]).findings.first)
        #expect(finding.id == "tcp-filtered-drop" && finding.confidence == .possible)
    }

    @Test func aSingleAttemptWithOneRepeat_isNothing() {
        #expect(judge([.silent(syns: 2), .healthy(to: pagePort)]).ids == [])
    }

    /// Libraries of clouds try it everywhere, and policies keep them from it.
    @Test func theMetadataServiceThatStaysSilent_isNothing() {
        let metadata = PacketEndpoint(PacketAddress(ipv4: 0xa9fe_a9fe), 80)
        #expect(judge([.healthy(), .silent(to: metadata), .silent(to: metadata, port: 40001)]).ids == [])
    }

    /// As a host that forwards sees it: each SYN twice.
    @Test func unansweredSYNs_seenTwice_areADrop() {
        let forwarded = Conversation.silent(to: pagePort, syns: 4).with {
            $0.packets.a = 8
            $0.secondSights.a = 4
        }
        #expect(judge([.healthy(), forwarded]).ids == ["tcp-filtered-drop"])
    }

    @Test func aSYNAtTheEndOfTheCapture_isNothing() {
        let late = Conversation.silent(syns: 1).with { $0.fromA.lastSYNAt = noon + .milliseconds(9_900) }
        #expect(judge([late, .healthy(to: pagePort)]).ids == [])
    }

    /// A client that goes on to send data has had an answer, which this capture does not show.
    @Test func aCaptureOfOneDirection_showsNoSilence() {
        let half = Conversation.healthy().with {
            $0.packets.b = 0
            $0.fromB = TCPDirectionRecord()
        }
        #expect(judge([.silent(to: pagePort), half]).ids == [])
    }

    @Test func aCaptureThatLostPackets_isOnlyPossiblyRight() throws {
        let judgement = judge([.silent(), .healthy(to: pagePort)]) { $0.drops = CaptureDrops(kernel: 7, isKnown: true) }
        let finding = try #require(judgement.findings.first)
        #expect(finding.confidence == .possible)
        #expect(finding.evidence.contains { $0.contains("lost 7 packets") })
    }

    @Test func aScan_isNoDrop() {
        let scan = (1...40).map { Conversation.silent(to: PacketEndpoint(listener.address, $0)) }
        #expect(judge(scan).ids == [])
        let refusals = (1...40).map { Conversation.refused(to: PacketEndpoint(listener.address, $0)) }
        #expect(judge(refusals).ids == [])
    }

    @Test func manySilentFlowsToOneEndpoint_areOneFinding() {
        let flows = (0..<500).map { Conversation.silent(port: 40000 + UInt16($0)) }
        let judgement = judge(flows + [.healthy(to: pagePort)])
        #expect(judgement.ids == ["tcp-filtered-drop"])
        #expect(judgement.findings[0].evidence.count < 10)
    }

    @Test func oneFaultAtVeryManyEndpoints_isToldForSome() throws {
        let flows = (0..<2000).map { index in
            Conversation.silent().with {
                $0.server = PacketEndpoint(PacketAddress(ipv4: 0x0a00_0000 + UInt32(index)), 80)
                $0.client = PacketEndpoint(PacketAddress(ipv4: 0x0b00_0000 + UInt32(index)), 40000)
            }
        }
        let judgement = judge(flows)
        #expect(Set(judgement.ids) == ["tcp-filtered-drop"] && judgement.ids.count < 20)
        #expect(judgement.findings[0].evidence.contains { $0.contains("and 1981 more") })
    }

    @Test func theSameSilenceOfACheck_isOneFinding_withItsPackets() throws {
        let judgement = judge(
            tcp(.timedOut, elapsed: .seconds(3), retransmits: 2).captured([.silent()]),
            tcp("web", to: pagePort.endpoint, .connected).captured([.healthy(to: pagePort)]))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["tcp-filtered-drop"])
        #expect(finding.checks == ["db"] && finding.confidence == .likely)
        #expect(finding.evidence.contains { $0.contains("on the wire, no packet back") })
    }

    @Test func aSilenceWithoutAPacket_isThisHostsOwn() throws {
        let judgement = judge(
            tcp(.timedOut, elapsed: .seconds(3), retransmits: 2).captured([]),
            tcp("web", to: pagePort.endpoint, .connected).captured([.healthy(to: pagePort)]))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["local-egress-denied"])
        #expect(finding.confidence == .certain && finding.checks == ["db"])
    }

    @Test func aDatagramBesideIt_changesNothing() {
        let datagram = Fact.datagram(
            DatagramFact(
                endpoint: target, elapsed: .milliseconds(1),
                outcome: .failed(failure("ECONNREFUSED", 111, icmp: icmp(3, 3, from: target.address)))))
        var record = tcp(.timedOut, elapsed: .seconds(3), retransmits: 2, also: [datagram]).captured([])
        var flow = FlowRecord(
            protocolNumber: IPProtocol.udp, a: asker, b: listener, firstAt: noon, lastAt: noon)
        flow.fromA.packets = 1
        record.packets?.flows = [flow]
        #expect(judge(record).ids == ["local-egress-denied"])
    }

    @Test func aSilenceWithoutAPacket_provesNothing_whenTheCaptureLostSome() {
        let judgement = judge(tcp(.timedOut, elapsed: .seconds(3), retransmits: 2).captured([], drops: 3))
        #expect(judgement.ids == ["tcp-filtered-drop"])
    }

    /// SO_ORIGINAL_DST knows it: the SYN has left, with other addresses and perhaps another port.
    @Test func aTranslatedSYN_isNoDenial() {
        let connect = ConnectFact(
            endpoint: target, source: ownAddress, elapsed: .seconds(3), outcome: .timedOut,
            tcp: TCPFacts(rtt: nil, mss: 1460, pathMTU: 1500, retransmits: 2), isLetOut: true)
        let record = record(
            "db", target: hostPort(target), [sample(.failed(.connect), [.connect(connect)])]
        ).captured([])
        #expect(judge(record).ids == ["tcp-filtered-drop"])
    }

    @Test func aSYNToAnotherAddress_fromTheSocketsPort_isNoDenial_andIsTold() throws {
        let pod = PacketEndpoint(try #require(Endpoint("10.244.1.5:8080")))
        let translated = Conversation.silent(to: pod).with { $0.client = PacketEndpoint(ownAddress) }
        let judgement = judge(tcp(.timedOut, elapsed: .seconds(3), retransmits: 2).captured([translated]))
        #expect(judgement.ids == ["tcp-filtered-drop"])
        let evidence = try #require(judgement.findings.first?.evidence)
        #expect(evidence.contains { $0.contains("this host sends there what is meant for \(target)") }, "\(evidence)")
    }

    @Test func framesOfACheck_areNamedByTime_orByTheFileThatKeepsThem() throws {
        var record = tcp(.failed(failure("ECONNREFUSED", 111))).captured([.refused()])
        let seen = try #require(judge(record).findings.first?.evidence.joined())
        #expect(seen.contains("at 12:00:00") && !seen.contains("frame "), "\(seen)")
        record.packets?.file = "kept/db.pcap"
        let kept = try #require(judge(record).findings.first?.evidence.joined())
        #expect(kept.contains("frame 12 of kept/db.pcap: RST"), "\(kept)")
    }

    /// The kernel asks for the next hop's address, and so the packet was allowed out.
    @Test func questionsForTheNextHop_areNoDenial() {
        var neighbours = NeighbourTally()
        neighbours.unanswered = [
            UnansweredNeighbour(
                address: PacketAddress(target.address), asker: asker.address, requests: 3, firstAt: noon)
        ]
        let judgement = judge(
            tcp(.timedOut, elapsed: .seconds(3), retransmits: 2).captured([], neighbours: neighbours))
        #expect(judgement.ids == ["tcp-filtered-drop"])
    }
}

@Suite struct CapturedRefusalTests {
    @Test func aResetWithTheTargetsTTL_isCertainlyARefusal() throws {
        let finding = try #require(judge([.refused(), .healthy(to: pagePort)]).findings.first)
        #expect(finding.id == "tcp-refused" && finding.confidence == .certain)
        #expect(finding.evidence[0].contains("frame 12: RST from 198.18.2.2:5432, TTL 63"))
    }

    @Test func aResetWithNothingToCompare_isLikely() throws {
        let finding = try #require(judge([.refused()]).findings.first)
        #expect(finding.id == "tcp-refused" && finding.confidence == .likely)
    }

    @Test func aResetWithAnotherTTL_isARejection() throws {
        let judgement = judge([.refused(hopLimit: 64), .healthy(to: pagePort)])
        #expect(judgement.ids == ["tcp-rejected"])
        #expect(judgement.findings[0].confidence == .likely)
        #expect(judgement.findings[0].evidence[0].contains("TTL 64"))
        #expect(judgement.findings[0].evidence[0].contains("TTL 63"))
    }

    @Test func anICMPErrorAboutTheFlow_isARejection() throws {
        let rejected = Conversation.silent(syns: 1).with { $0.icmp = [quoted(3, 13)] }
        let finding = try #require(judge([rejected]).findings.first)
        #expect(finding.id == "tcp-rejected" && finding.confidence == .certain)
        #expect(finding.summary.contains("198.18.1.1"))
        #expect(finding.evidence[0].contains("frame 9"))
    }

    @Test func anEndpointThatLaterAccepts_isNotRefusing() {
        #expect(judge([.refused(), .healthy(port: 40001)]).ids == [])
    }

    @Test func aChecksRefusal_isCertain_withTheTargetsTTL() throws {
        let refused = tcp(.failed(failure("ECONNREFUSED", 111))).captured([.refused()])
        let finding = try #require(
            judge(refused, tcp("web", to: pagePort.endpoint, .connected).captured([.healthy(to: pagePort)])).findings
                .first)
        #expect(finding.id == "tcp-refused" && finding.confidence == .certain)
        #expect(finding.checks == ["db"])
    }

    @Test func aChecksRefusal_isARejection_withAnotherTTL() throws {
        let refused = tcp(.failed(failure("ECONNREFUSED", 111))).captured([.refused(hopLimit: 64)])
        let judgement = judge(refused, tcp("web", to: pagePort.endpoint, .connected).captured([.healthy(to: pagePort)]))
        #expect(judgement.ids == ["tcp-rejected"])
        #expect(judgement.findings[0].checks == ["db"] && judgement.findings[0].confidence == .likely)
    }

    @Test func aChecksRefusalAlone_staysLikely() {
        let refused = tcp(.failed(failure("ECONNREFUSED", 111))).captured([.refused(hopLimit: 64)])
        let judgement = judge(refused)
        #expect(judgement.ids == ["tcp-refused"])
        #expect(judgement.findings[0].confidence == .likely)
    }
}
