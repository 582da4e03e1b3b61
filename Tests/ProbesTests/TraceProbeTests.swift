import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Testing
import TraceProbe

@Suite struct TraceProbeTests {
    @Test func aWayOfTwentyRouters_isTakenInOneRound_eachAskedOnce() async throws {
        let world = TraceWorld(TraceWorld.chain(of: 20))
        let samples = try await world.run(TraceWorld.check())
        let fact = try #require(samples.traces.first)
        #expect(fact.flows.count == 1)
        #expect(fact.flows[0].hops.map(\.limit) == Array(1...21))
        #expect(fact.flows[0].hops.prefix(20).map(\.outcome) == (1...20).map { .expired(TraceWorld.router($0)) })
        #expect(fact.arrival?.limit == 21)
        #expect(samples.map(\.outcome) == [.answered])
        #expect(samples.map(\.latency) == [.milliseconds(21)])
        // Far less than the sum of the round trips, which is 231 ms.
        #expect(fact.elapsed < .milliseconds(80))
        let asked = world.paths.departures.compactMap(\.packet.limit)
        #expect(Set(asked).count == asked.count)
        #expect(world.paths.requests.map(\.carrier) == [.udp])
        #expect(world.paths.requests.map(\.destination.port) == [33_434])
        #expect(world.paths.closedSessions == 1)
    }

    @Test func aSilentRouter_isAskedTwiceMore_andNothingIsWrong() async throws {
        let world = TraceWorld(TraceWorld.chain(of: 4, silent: [2]))
        let samples = try await world.run(TraceWorld.check())
        let hops = try #require(samples.traces.first?.flows.first?.hops)
        #expect(hops.map(\.limit) == [1, 2, 2, 2, 3, 4, 5])
        #expect(hops.filter { $0.limit == 2 }.allSatisfy { $0.outcome == .silent })
        #expect(samples.map(\.outcome) == [.answered])
        let summary = try #require(PathSummary(samples.traces))
        #expect(summary.isSparing(summary.hops[1]) && summary.hops[1].lost == 3)
        #expect(!summary.isSparing(summary.hops[0]))
    }

    @Test func aRefusalOnTheWay_endsTheTrace() async throws {
        let refusal = TraceWorld.error(type: 3, code: 13, from: TraceWorld.router(3))
        let world = TraceWorld(TraceWorld.chain(of: 3, end: refusal))
        let samples = try await world.run(TraceWorld.check())
        let fact = try #require(samples.traces.first)
        #expect(fact.flows[0].hops.map(\.limit) == [1, 2, 3, 4])
        #expect(fact.flows[0].hops.last?.outcome == refusal)
        #expect(fact.arrival == nil)
        #expect(samples.map(\.outcome) == [.failed(.path)])
        #expect(samples.map(\.latency) == [nil])
    }

    @Test func silenceBehindARouter_isNoAnswer_untilTheLastLimit() async throws {
        let world = TraceWorld(TraceWorld.chain(of: 30, silent: Set(4...60)))
        let samples = try await world.run(TraceWorld.check(["maxHops": .number(12)]))
        let hops = try #require(samples.traces.first?.flows.first?.hops)
        #expect(Set(hops.map(\.limit)) == Set(1...12))
        #expect(hops.filter { $0.outcome != .silent }.map(\.limit) == [1, 2, 3])
        // What stands right behind the last router is asked again, and nothing farther.
        #expect(hops.count { $0.limit == 4 } == 3 && hops.count { $0.limit == 12 } == 1)
        #expect(samples.map(\.outcome) == [.failed(.path)])
    }

    @Test func whatTheOwnHostRefuses_isSentOnce() async throws {
        let refusal = SoundingFact.Hop.Outcome.failed(SocketFailure(code: 1, name: "EPERM"))
        let world = TraceWorld { _ in ScriptedPaths.Arrival(refusal, isRefusedHere: true) }
        let samples = try await world.run(TraceWorld.check())
        #expect(samples.traces.first?.flows.first?.hops.map(\.outcome) == [refusal])
        #expect(samples.map(\.outcome) == [.failed(.path)])
    }

    @Test func laterRounds_sendOnePacketForEachHopUpToTheTarget() async throws {
        let world = TraceWorld(TraceWorld.chain(of: 6, silent: [3]))
        let samples = try await world.run(TraceWorld.check(samples: 4))
        #expect(samples.traces.dropFirst().allSatisfy { $0.flows[0].hops.map(\.limit) == Array(1...7) })
        let summary = try #require(PathSummary(samples.traces))
        #expect(summary.rounds == 4 && summary.end == 7)
        #expect(summary.hops.map(\.sent) == [4, 4, 6, 4, 4, 4, 4])
        #expect(summary.hops[2].answered == 0 && summary.hops[6].answered == 4)
        #expect(world.paths.requests.count == 1)
    }

    @Test func aWayThatGrows_isFollowed() async throws {
        let world = TraceWorld { departure in
            TraceWorld.chain(of: departure.earlier == 0 ? 3 : 5)(departure)
        }
        let samples = try await world.run(TraceWorld.check(samples: 3))
        #expect(samples.traces.map { $0.arrival?.limit } == [4, 6, 6])
    }

    /// It answers nothing at first, and then one packet a second: the limit with which a late packet is answered is not its distance.
    @Test func aTargetThatRations_isFoundAtItsDistance() async throws {
        let world = TraceWorld { departure in
            let limit = departure.packet.limit ?? 64
            if limit > 3, departure.earlier < 2, limit != 12 { return nil }
            return TraceWorld.chain(of: 3)(departure)
        }
        let samples = try await world.run(TraceWorld.check())
        #expect(samples.traces.first?.arrival?.limit == 4)
        let elapsed = try #require(samples.traces.first?.elapsed)
        #expect(elapsed > .seconds(1))
    }

    @Test func longTraces_keepTheSumOfAllRounds_andFewFacts() async throws {
        let world = TraceWorld(TraceWorld.chain(of: 2))
        // The clock goes on when nobody has run for a while, which a busy machine may make a while too early.
        let samples = try await world.run(TraceWorld.check(samples: 300, timeout: .seconds(600)))
        #expect(samples.count == 300 && samples.allSatisfy { $0.outcome == .answered })
        #expect(samples.traces.count == 256)
        #expect(PathSummary(samples.traces)?.rounds == 300)
    }

    @Test func expectations_areCompared() async throws {
        let world = TraceWorld(TraceWorld.chain(of: 3))
        let expected: [String: ParameterValue] = [
            "reaches": .flag(true), "via": .list(["198.18.0.2", "198.18.0.0/30", "203.0.113.1"]),
        ]
        let samples = try await world.run(TraceWorld.check(expecting: expected))
        #expect(samples.flatMap(\.comparisons).map(\.key) == ["reaches", "via", "via", "via"])
        #expect(samples.flatMap(\.comparisons).map(\.isMet) == [true, true, true, false])
        let shut = TraceWorld(TraceWorld.chain(of: 3, silent: Set(4...60)))
        let closed = try await shut.run(TraceWorld.check(expecting: ["reaches": .flag(false)]))
        #expect(closed.allSatisfy { $0.isGood })
    }

    @Test(arguments: [
        (["method": ParameterValue.text("icmp"), "port": .number(80)], "ICMP has no ports")
    ]) func whatMakesNoSense_isAMistake(parameters: [String: ParameterValue], words: String) {
        #expect {
            _ = try TraceProbe(check: TraceWorld.check(parameters))
        } throws: { error in
            (error as? PlanProblem)?.message.contains(words) == true
        }
    }

    @Test func aPort_meansSYNs() async throws {
        let world = TraceWorld(TraceWorld.chain(of: 1, end: .answered))
        let samples = try await world.run(TraceWorld.check(["port": .number(5432)]))
        #expect(world.paths.requests.map(\.carrier) == [.tcp])
        #expect(world.paths.requests.map(\.destination.port) == [5432])
        #expect(samples.map(\.outcome) == [.answered])
    }
}

@Suite struct TraceFlowsTests {
    /// Each flow by one of three routers at hop 2.
    private static func threeWays(_ departure: ScriptedPaths.Departure) -> ScriptedPaths.Arrival? {
        if departure.packet.limit == 2 {
            return ScriptedPaths.Arrival(.expired(TraceWorld.router(10 + departure.flow % 3)), after: .milliseconds(2))
        }
        return TraceWorld.chain(of: 3)(departure)
    }

    @Test func flows_goOnUntilTheNextRoutersAreKnown() async throws {
        let world = TraceWorld(Self.threeWays)
        let samples = try await world.run(TraceWorld.check(timeout: .seconds(30), ["flows": .number(64)]))
        let fact = try #require(samples.traces.first)
        // To exclude a fourth way with 95 % takes sixteen flows.
        #expect(fact.flows.count == 16)
        #expect(fact.spread == PathSpread(mostFlows: 64, undecided: []))
        let second = Set(fact.flows.flatMap(\.hops).filter { $0.limit == 2 }.map(\.outcome))
        #expect(second == Set((10...12).map { .expired(TraceWorld.router($0)) }))
        #expect(world.paths.closedSessions == 16)
    }

    @Test func tooFewFlows_leaveItUndecided() async throws {
        let world = TraceWorld(Self.threeWays)
        let samples = try await world.run(TraceWorld.check(timeout: .seconds(30), ["flows": .number(8)]))
        #expect(samples.traces.first?.flows.count == 8)
        #expect(samples.traces.first?.spread?.undecided == [2])
    }

    /// It answers six packets, and then one for each pause.
    @Test func routersThatRation_areAskedAgainAfterAPause() async throws {
        let world = TraceWorld { departure in
            if departure.packet.limit == 1, departure.flow >= 3, departure.earlier == 0 { return nil }
            return TraceWorld.chain(of: 2)(departure)
        }
        let samples = try await world.run(TraceWorld.check(timeout: .seconds(30), ["flows": .number(16)]))
        let fact = try #require(samples.traces.first)
        #expect(fact.flows.count == 6)
        #expect(fact.spread?.undecided == [])
        #expect(fact.elapsed > .seconds(1))
    }

    @Test func oneFlow_saysNothingOfOtherWays() async throws {
        let world = TraceWorld(Self.threeWays)
        let samples = try await world.run(TraceWorld.check())
        #expect(samples.traces.first?.spread == nil)
    }
}
