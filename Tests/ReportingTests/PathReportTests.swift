import JSON
import NetValues
import Observations
import Testing

@testable import Reporting

@Suite struct PathReportTests {
    private static let target = IPAddress.v4(IPv4Address(bits: 0xc612_0302))

    private static func router(_ number: UInt32) -> IPAddress { .v4(IPv4Address(bits: 0xc612_0000 + number)) }

    private static func hop(
        _ limit: Int, _ outcome: SoundingFact.Hop.Outcome, replyHopLimit: Int? = nil, quoted: QuotedHeader? = nil
    ) -> PathHop {
        PathHop(
            limit: limit, outcome: outcome, roundTrip: outcome == .silent ? nil : .milliseconds(limit),
            replyHopLimit: replyHopLimit, quoted: quoted)
    }

    private static func report(_ rounds: [[PathHop]]) throws -> PathReport {
        let traces = rounds.map { hops in
            TraceFact(
                destination: Endpoint(target, 443), carrier: .tcp, source: router(1),
                flows: [PathFlow(number: 0, sourcePort: nil, hops: hops)], elapsed: .milliseconds(9))
        }
        return PathReport(try #require(PathSummary(traces)), traces: traces)
    }

    @Test func aSparingRouter_isToldAsThat_andNotAsLoss() throws {
        let path = try Self.report(
            (0..<20).map { round in
                [
                    Self.hop(1, round % 2 == 0 ? .silent : .expired(Self.router(1))),
                    Self.hop(2, .expired(Self.router(2))), Self.hop(3, .answered),
                ]
            })
        #expect(path.reachedAt == 3)
        #expect(path.ending == "reached in 3 hops, port 443 is open")
        #expect(path.hops.map(\.lossPercent) == [50, 0, 0])
        #expect(path.hops.map(\.isSparing) == [true, false, false])
        #expect(path.notes.map(\.kind) == [.sparing])
    }

    @Test func whatTheOwnHostRefuses_isNoReset() throws {
        let path = try Self.report([[Self.hop(1, .failed(SocketFailure(code: 1, name: "EPERM")))]])
        #expect(path.reachedAt == nil && path.hops.first?.unnamed == 0)
        #expect(path.ending == "not reached: this host itself does not let the packets out (EPERM)")
    }

    /// They stand in no column, and are no loss.
    @Test func timesOfOurOwnLateness_areLeftOutAndCounted() throws {
        let late = PathHop(limit: 1, outcome: .reset, roundTrip: nil, isTimeSetAside: true)
        let path = try Self.report([[late], [Self.hop(1, .reset)], [late]])
        #expect(path.hops.map(\.answered) == [3])
        #expect(path.notes.map(\.kind) == [.setAside])
        #expect(path.notes.first?.text.contains("the time of 2 answers is not counted (hop 1)") == true)
        #expect(path.hops.first?.roundTrips["max"] == 1)
    }

    /// Loss on a link is missing at each hop behind it, at one a little more than at the next.
    @Test func lossThatGoesOnToTheTarget_isNotExcused() throws {
        let path = try Self.report(
            (0..<30).map { round in
                [
                    Self.hop(1, .expired(Self.router(1))),
                    Self.hop(2, round % 5 == 0 ? .silent : .expired(Self.router(2))),
                    Self.hop(3, round % 10 == 1 ? .silent : .answered),
                ]
            })
        #expect(path.hops.map(\.isSparing) == [false, false, false])
        #expect(path.notes.isEmpty)
    }

    @Test func whereNobodyBehindWasAsked_silenceIsNotClaimed() throws {
        let hops = [Self.hop(1, .expired(Self.router(1))), Self.hop(2, .expired(Self.router(2)))]
        #expect(try Self.report([hops]).ending.hasPrefix("not reached: the limit of 2 hops ended it"))
        let silent = try Self.report([hops + [Self.hop(3, .silent)]])
        #expect(silent.ending.hasPrefix("not reached: nothing answers behind hop 2"))
    }

    @Test func aHealthyWay_hasNoNotes() throws {
        let path = try Self.report([
            [Self.hop(1, .expired(Self.router(1)), replyHopLimit: 64), Self.hop(2, .answered, replyHopLimit: 63)]
        ])
        #expect(path.notes.isEmpty)
    }

    @Test func circlesRewritingAndLongWaysBack_areTold() throws {
        let elsewhere = QuotedHeader(
            hopLimit: 5, trafficClass: 0, source: Endpoint(Self.router(99), 4000), destination: nil)
        let path = try Self.report([
            [
                Self.hop(1, .expired(Self.router(1)), replyHopLimit: 64),
                Self.hop(2, .expired(Self.router(2)), replyHopLimit: 50),
                Self.hop(3, .expired(Self.router(1)), quoted: elsewhere), Self.hop(4, .expired(Self.router(2))),
            ]
        ])
        #expect(path.reachedAt == nil)
        #expect(path.notes.map(\.kind) == [.loop, .rewritten, .hopLimitRaised, .wayBack])
        #expect(path.ending.hasPrefix("not reached: the limit of 4 hops ended it"))
    }

    @Test func aStoredPath_isReadBackAsItWas() throws {
        let path = try Self.report([
            [Self.hop(1, .expired(Self.router(1)), replyHopLimit: 64), Self.hop(2, .silent), Self.hop(3, .reset)]
        ])
        #expect(PathReport(json: .object(path.json)) == path)
        #expect(PathReport(json: .object(JSONObject())) == nil)
    }
}
