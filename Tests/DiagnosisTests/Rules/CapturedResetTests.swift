import Diagnosis
import NetValues
import Observations
import Planning
import Testing
import Wire

@Suite struct CapturedResetTests {
    private func reset(port: UInt16 = 40000, _ record: ResetRecord) -> Conversation {
        .healthy(port: port).with {
            $0.fromA.fins = 0
            $0.fromB.fins = 0
            $0.fromB.dataSegments = record.bytesFromSender > 0 ? 3 : 0
            $0.state = .resetByB
            $0.resets = [record]
        }
    }

    @Test func aServerThatResetsWhatItIsAsked() throws {
        let judgement = judge([reset(Conversation.reset(sent: 0, received: 400))])
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["tcp-reset-after-connect"])
        #expect(finding.cause.contains("the server itself"))
        #expect(finding.evidence[0].contains("after 400 bytes from the other side and none from this one"))
        #expect(judgement.verdict == .failing)
    }

    @Test func aResetWithAnotherTTL_isADevices() throws {
        let judgement = judge([reset(Conversation.reset(hopLimit: 57, sent: 0, received: 400))])
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["tcp-reset-after-connect"])
        #expect(finding.summary.contains("by a device on the way"))
        #expect(finding.evidence[0].contains("frame 12: RST from 198.18.2.2:5432, TTL 57"))
        #expect(finding.evidence[0].contains("SYN-ACK of 198.18.2.2 came with TTL 63"))
    }

    /// Captured where the connection is forwarded: all that came is there twice, and the reset did not come.
    @Test func aResetThatWasSeenOnce_isTheForwardingHosts() throws {
        func forwarded(_ resets: [ResetRecord]) -> Conversation {
            reset(resets[0]).with {
                $0.resets = resets
                $0.packets.b = 4 + resets.count
                $0.secondSights.b = 2 + resets.count - 1
            }
        }
        let once = Conversation.reset(sent: 0, received: 400)
        let here = try #require(judge([forwarded([once])]).findings.first)
        #expect(here.summary.contains("by the host that this was captured on"))
        #expect(here.evidence[0].contains("seen once"))
        let again = ResetRecord(
            frame: 13, at: noon, isFromA: false, hopLimit: 62, window: 0, hasAck: true, hasPayload: false,
            bytesFromSender: 0, bytesFromOther: 400, sincePrevious: .microseconds(5), isSecondSight: true)
        let passing = try #require(judge([forwarded([once, again])]).findings.first)
        #expect(passing.cause.contains("the server itself"))
    }

    @Test func aForgedResetInTheClientsName() {
        let forged = Conversation.reset(fromA: true, hopLimit: 200, sent: 400, received: 0)
        #expect(judge([reset(forged)]).findings.first?.summary.contains("by a device on the way") == true)
    }

    @Test func oneAmongMany_isNone() {
        let many = (0..<40).map { Conversation.healthy(port: 50000 + UInt16($0)) }
        #expect(judge(many + [reset(Conversation.reset(sent: 0, received: 400))]).ids == [])
    }

    @Test func paths_withChangingTTLs_areNoForgery() {
        let flow = reset(Conversation.reset(hopLimit: 61, sent: 5000, received: 400)).with {
            $0.fromB.usualHopLimit = 62
        }
        #expect(judge([flow]).ids == [])
    }

    /// A router that is captured on all its interfaces sees each packet twice.
    @Test func whatAForwardingHostSeesTwice_isNoForgery() {
        let flow = reset(Conversation.reset(hopLimit: 62, sent: 5000, received: 400)).with { $0.secondSights = (9, 9) }
        #expect(judge([flow]).ids == [])
    }

    private func check(
        _ reset: ResetRecord?, _ change: (inout Conversation) -> Void = { _ in }
    ) throws -> Judgement {
        let url = try #require(HTTPURL("http://198.18.2.2:5432/"))
        let connect = Fact.connect(
            ConnectFact(
                endpoint: target, source: ownAddress, elapsed: .milliseconds(1), outcome: .connected, tcp: nil))
        let broken = Fact.http(
            HTTPFact(
                url: url, endpoint: target, method: "GET",
                outcome: .incomplete(
                    .failed(failure("ECONNRESET", 104)), partial: PartialResponse(status: nil, bytes: 0, start: [])),
                firstByte: nil, elapsed: .milliseconds(3), sentBytes: 90))
        let record = record(
            "page", kind: "http", target: .url(url), [sample(.failed(.response), [connect, broken])])
        return judge(reset.map { record.captured([self.reset($0).with(change)]) } ?? record)
    }

    /// What is sent to a proxy on this host (nftables' redirect) has other addresses than its answers.
    @Test func ofHalfAConnection_nothingIsSaid() throws {
        let half = try check(Conversation.reset(sent: 0, received: 0)) { $0.packets.a = 0 }
        let finding = try #require(half.findings.first)
        #expect(finding.cause.contains("Either the server itself or a device on the way"))
        #expect(!finding.evidence.contains { $0.contains("RST from") })
    }

    @Test func ofACheck_theTTLDecidesWhoDidIt() throws {
        let forged = try #require(try check(Conversation.reset(hopLimit: 64, sent: 0, received: 90)).findings.first)
        #expect(forged.id == "tcp-reset-after-connect")
        #expect(forged.cause.contains("A device on the way resets"))
        let own = try #require(try check(Conversation.reset(sent: 0, received: 90)).findings.first)
        #expect(own.cause.contains("the server itself resets"))
        #expect(own.checks == ["page"])
    }

    @Test func ofACheckWithoutPackets_itStaysOpen() throws {
        #expect(
            try check(nil).findings.first?.cause.contains("Either the server itself or a device on the way") == true)
    }
}

@Suite struct ArpDuplicateIPTests {
    private func owner(_ bits: UInt64, _ change: (inout NeighbourClaim.Owner) -> Void = { _ in })
        -> NeighbourClaim.Owner
    {
        var owner = NeighbourClaim.Owner(
            link: LinkAddress(bits: bits), claims: 3, firstFrame: 4, firstAt: noon, lastAt: noon + .seconds(5))
        owner.answers = 3
        change(&owner)
        return owner
    }

    private func judgement(_ claim: NeighbourClaim) -> Judgement {
        judge([.healthy()]) { $0.neighbours.claims = [claim] }
    }

    private func claim(_ owners: [NeighbourClaim.Owner], _ change: (inout NeighbourClaim) -> Void) -> NeighbourClaim {
        var claim = NeighbourClaim(address: listener.address, owners: owners)
        change(&claim)
        return claim
    }

    @Test func twoAnswersToOneQuestion() throws {
        let judgement = judgement(claim([owner(0x02_0000_0000_01), owner(0x02_0000_0000_02)]) { $0.doubleAnswers = 3 })
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["arp-duplicate-ip"])
        #expect(finding.severity == .critical && finding.confidence == .certain)
        #expect(finding.summary.contains("02:00:00:00:00:01 and 02:00:00:00:00:02"))
    }

    @Test func aFight_byAnnouncements() {
        let fight = claim([owner(1), owner(2)]) { $0.returns = 4 }
        #expect(judgement(fight).findings.first?.confidence == .likely)
    }

    @Test func aProbeThatMetAnAnswer() {
        #expect(judgement(claim([owner(1), owner(2)]) { $0.probesAnswered = 1 }).ids == ["arp-duplicate-ip"])
    }

    @Test func aFailover_andItsReturn_areNone() {
        #expect(judgement(claim([owner(1), owner(2)]) { $0.changes = 1 }).ids == [])
        let back = claim([owner(1), owner(2)]) {
            $0.changes = 2
            $0.returns = 1
        }
        #expect(judgement(back).ids == [])
    }

    @Test func aVirtualRouter_isNone() {
        let vrrp = claim([owner(1), owner(0x0000_5e00_0107)]) { $0.doubleAnswers = 3 }
        #expect(judgement(vrrp).ids == [])
        let hsrp = claim([owner(1), owner(0x0000_0c07_ac05)]) { $0.doubleAnswers = 3 }
        #expect(judgement(hsrp).ids == [])
    }

    @Test func aProxy_isNone() {
        let proxied = claim([owner(1), owner(2) { $0.addresses = 40 }]) { $0.doubleAnswers = 3 }
        #expect(judgement(proxied).ids == [])
    }

    @Test func oneHostWithTwoCards_isPossible() {
        let cards = claim([owner(1) { $0.addresses = 2 }, owner(2) { $0.addresses = 2 }]) { $0.doubleAnswers = 3 }
        #expect(judgement(cards).findings.first?.confidence == .possible)
    }

    @Test func ofACheck_itIsAboutIt() {
        var neighbours = NeighbourTally()
        neighbours.claims = [claim([owner(1), owner(2)]) { $0.doubleAnswers = 1 }]
        let judgement = judge(tcp(.connected).captured([.healthy()], neighbours: neighbours))
        #expect(judgement.ids == ["arp-duplicate-ip"])
        #expect(judgement.findings[0].checks == ["db"])
    }
}
