import Diagnosis
import NetValues
import Observations
import Planning
import Testing
import Wire

extension Conversation {
    /// The server repeats its SYN-ACK, and takes nothing.
    fileprivate static func halfOpen(port: UInt16 = 40000) -> Conversation {
        healthy(port: port).with {
            $0.fromA.fins = 0
            $0.fromA.dataSegments = 4
            $0.fromA.counters.retransmission = 3
            $0.fromA.mostRepeats = 3
            $0.fromA.mostRepeatedSize = 400
            $0.fromA.largestAcknowledged = 0
            $0.fromB = TCPDirectionRecord()
            $0.fromB.synAcks = 5
            $0.fromB.handshakeHopLimit = 63
            $0.fromB.usualHopLimit = 63
            $0.packets = (9, 5)
            $0.state = .established
            $0.firstResponse = nil
        }
    }

    /// SYN-ACKs come, and the client goes on sending SYNs.
    fileprivate static func unheeded(port: UInt16 = 40000) -> Conversation {
        silent(port: port, syns: 3).with {
            $0.fromB.synAcks = 3
            $0.fromB.handshakeHopLimit = 63
            $0.fromB.usualHopLimit = 63
            $0.packets.b = 3
            $0.state = .established
        }
    }

    /// The first SYN was lost.
    fileprivate static func late(port: UInt16 = 40000, by delay: Duration = .seconds(1)) -> Conversation {
        healthy(port: port).with {
            $0.fromA.syns = 2
            $0.fromA.counters.retransmission = 1
            $0.fromA.lastSYNAt = noon + delay
        }
    }
}

private func many(_ count: Int, from port: UInt16 = 50000) -> [Conversation] {
    (0..<count).map { .healthy(port: port + UInt16($0)) }
}

@Suite struct AsymmetricRoutingTests {
    @Test func aSYNACKThatTheSocketNeverSaw() throws {
        let judgement = judge(tcp(.timedOut, elapsed: .seconds(3), retransmits: 2).captured([.unheeded()]))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["asymmetric-routing"])
        #expect(finding.confidence == .likely && finding.checks == ["db"])
        #expect(finding.cause.contains("rp_filter"))
        #expect(finding.evidence[0].contains("3 SYN-ACKs in answer"))
        #expect(judgement.status("db") == .failed)
    }

    @Test func aSYNACKThatNobodyTakes_inACapture() throws {
        let finding = try #require(judge([.unheeded()]).findings.first)
        #expect(finding.id == "asymmetric-routing" && finding.confidence == .possible)
    }

    @Test func aHandshakeThatTheServerDoesNotSeeTheEndOf() throws {
        let judgement = judge([.halfOpen(), .halfOpen(port: 40001), .healthy(to: pagePort)])
        #expect(judgement.ids == ["asymmetric-routing"])
        #expect(judgement.findings[0].confidence == .likely)
        #expect(judgement.findings[0].evidence[0].contains("the SYN-ACK came 5 times"))
    }

    @Test func aSingleSuchConnection_isPossible() {
        #expect(judge([.halfOpen()]).findings.first?.confidence == .possible)
    }

    /// One lost ACK makes one further SYN-ACK.
    @Test func aRepeatedSYNACK_beforeAWorkingConnection_isNothing() {
        let flow = Conversation.healthy().with { $0.fromB.synAcks = 2 }
        #expect(judge([flow]).ids == [])
    }

    @Test func aSlowServer_isNot() {
        let slow = Conversation.healthy().with { $0.firstResponse = .seconds(1) }
        #expect(judge([slow]).ids == [])
    }
}

@Suite struct ListenBacklogOverflowTests {
    @Test func someWork_othersStaySilent() throws {
        let judgement = judge(many(2) + [.silent(port: 40001), .silent(port: 40002), .silent(port: 40003)])
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["listen-backlog-overflow"])
        #expect(finding.confidence == .possible)
        #expect(finding.summary.contains("3 of 5"))
    }

    @Test func theEndOfTheHandshakeIsIgnored_whileOthersWork() throws {
        let judgement = judge(many(2) + [.halfOpen()])
        #expect(judgement.ids == ["listen-backlog-overflow"])
        #expect(judgement.findings[0].confidence == .likely)
    }

    @Test func checksOfOneListener_areSeenTogether() throws {
        let judgement = judge(
            tcp("one", .connected).captured([.healthy()]),
            tcp("two", .timedOut, elapsed: .seconds(3), retransmits: 2).captured([.silent(port: 40001)]),
            tcp("three", .timedOut, elapsed: .seconds(3), retransmits: 2).captured([.silent(port: 40002)]))
        #expect(judgement.ids == ["listen-backlog-overflow"])
        #expect(judgement.findings[0].checks == ["two", "three"])
        #expect(judgement.status("one") == .passed)
    }

    @Test func aFewAmongMany_areNone() {
        #expect(judge(many(200) + [.silent(port: 40001), .silent(port: 40002)]).ids == [])
    }

    @Test func wherePacketsAreLost_thatIsTheReason() {
        let lossy = many(20).map { flow in
            flow.with {
                $0.fromB.dataSegments = 50
                $0.fromB.counters.retransmission = 3
                $0.fromB.mostRepeats = 1
            }
        }
        let judgement = judge(lossy + (0..<6).map { .silent(port: 40000 + $0) })
        #expect(judgement.ids == ["packet-loss"])
    }
}

@Suite struct SynRetransmitLatencyTests {
    @Test func connectionsThatComeASecondLate() throws {
        let judgement = judge(many(8) + [.late(port: 40001), .late(port: 40002, by: .seconds(3))])
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["syn-retransmit-latency"])
        #expect(finding.severity == .warning && finding.confidence == .likely)
        #expect(finding.summary.contains("2 of 10") && finding.summary.contains("3.0 s late"))
        #expect(judgement.verdict == .degraded)
    }

    @Test func theOnlyConnection_isPossible() {
        let judgement = judge(tcp(.connected, elapsed: .milliseconds(1003), retransmits: 1).captured([.late()]))
        #expect(judgement.ids == ["syn-retransmit-latency"])
        #expect(judgement.findings[0].confidence == .possible)
        #expect(judgement.status("db") == .warned)
    }

    @Test func oneAmongMany_isNothing() {
        #expect(judge(many(20) + [.late(port: 40001)]).ids == [])
    }

    /// A long path: the answer to the first SYN is late, and the SYN was sent once.
    @Test func aLongPath_isNone() {
        let far = Conversation.healthy().with { $0.rtt = .milliseconds(900) }
        #expect(judge([far, far]).ids == [])
    }
}
