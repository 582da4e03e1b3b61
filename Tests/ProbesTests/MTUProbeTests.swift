import MTUProbe
import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Testing

/// The search on ways whose limits are known.
struct MTUProbeTests {
    private typealias Hop = ScriptedPipe.Hop

    private func search(
        _ pipe: ScriptedPipe, _ time: ManualTime, width: Int = 8, hints: [Int] = [], span: Duration = .seconds(60)
    ) async throws -> PathMTUFact {
        let request = PathRequest(destination: Endpoint(.v4(IPv4Address(bits: 0xc612_0302)), 33434), carrier: .udp)
        var search = PathMTUSearch(
            pipe, request, PathMTUSearch.Settings(hints: hints, width: width), time: time, deadline: time.now() + span)
        return try await search.run()
    }

    private func pipe(
        _ time: ManualTime, _ mtu: Int, silent: Bool, link: Int = 9000, claim: Int? = nil, ration: Int? = nil,
        loses: @escaping @Sendable (Int) -> Bool = { _ in false }
    ) -> ScriptedPipe {
        ScriptedPipe(time: time, link: link, ration: ration, loses: loses) { _ in
            [Hop(9000), Hop(mtu, silent: silent, claim: claim), Hop(9000)]
        }
    }

    @Test(arguments: [
        128, 129, 576, 577, 1000, 1199, 1200, 1201, 1280, 1399, 1400, 1450, 1492, 1499, 1500, 1501, 8950, 8999,
    ])
    func everyLimitIsFoundToTheByte(mtu: Int) async throws {
        for (isSilent, width) in [(true, 8), (true, 3), (true, 1), (false, 8), (false, 1)] {
            let time = ManualTime()
            let pipe = pipe(time, mtu, silent: isSilent)
            let fact = try await search(pipe, time, width: width)
            #expect(fact.ending == .found)
            #expect(fact.largestPassed == mtu)
            #expect(fact.smallestLost == mtu + 1)
            #expect(fact.isSilent == isSilent)
            #expect(fact.linkMTU == 9000)
            #expect(pipe.sent.count < 120)
        }
    }

    @Test func aWideWayTakesThreePackets() async throws {
        let time = ManualTime()
        let pipe = pipe(time, 9000, silent: true, link: 1500)
        let fact = try await search(pipe, time)
        #expect(fact.ending == .whole)
        #expect(fact.largestPassed == 1500)
        #expect(fact.smallestLost == nil)
        #expect(pipe.sent.compactMap(\.size).first == PathMTUSearch.largestPacket)
        #expect(pipe.sent.count < 16)
    }

    @Test func whatAnotherCarrierFoundIsTriedFirst() async throws {
        let time = ManualTime()
        let pipe = pipe(time, 1337, silent: true)
        let fact = try await search(pipe, time, width: 3, hints: [1337])
        #expect(fact.ending == .found)
        #expect(fact.largestPassed == 1337)
        #expect(Set(pipe.sent.filter { $0.limit == nil }.compactMap(\.size)).isSuperset(of: [1337, 1338]))
    }

    @Test func theHopIsTheOneBehindWhichLargePacketsVanish() async throws {
        let time = ManualTime()
        let fact = try await search(pipe(time, 1400, silent: true), time)
        #expect(fact.lastRouter?.limit == 2)
        #expect(fact.lastRouter?.outcome == .expired(.v4(IPv4Address(bits: 0xc612_0002))))
        #expect(fact.beyond?.limit == 3)
    }

    @Test func aLimitOnTheOwnLinkHasNoRouterBeforeIt() async throws {
        let time = ManualTime()
        let pipe = ScriptedPipe(time: time) { _ in [Hop(9000), Hop(9000)] }
        let veth = VanishingAbove(pipe, 1404)
        let request = PathRequest(destination: Endpoint(.v4(IPv4Address(bits: 0xc612_0302)), 33434), carrier: .udp)
        var search = PathMTUSearch(
            veth, request, PathMTUSearch.Settings(), time: time, deadline: time.now() + .seconds(60))
        let fact = try await search.run()
        #expect(fact.largestPassed == 1404)
        #expect(fact.lastRouter == nil)
        #expect(fact.beyond?.limit == 1)
    }

    // MARK: What is claimed

    /// An old router says 0; a forger anything.
    @Test(arguments: [0, 1, 67, 68, 1279, 1399, 1401, 8999, 9000, 65_535, Int(UInt32.max), .max])
    func aClaimIsNeverBelieved(claim: Int) async throws {
        let time = ManualTime()
        let pipe = pipe(time, 1400, silent: false, claim: claim)
        let fact = try await search(pipe, time)
        #expect(fact.ending == .found)
        #expect(fact.largestPassed == 1400)
        #expect(fact.smallestLost == 1401)
        #expect(pipe.sent.count < 120)
    }

    @Test func asmallerSilentLimitBehindOneThatIsToldIsSilent() async throws {
        let time = ManualTime()
        let pipe = ScriptedPipe(time: time) { _ in [Hop(1450), Hop(1300, silent: true), Hop(1500)] }
        let fact = try await search(pipe, time)
        #expect(fact.largestPassed == 1300)
        #expect(fact.signal == nil)
        #expect(fact.isSilent)
    }

    // MARK: Ways that do not hold still

    @Test func aWayThatChangesItsMindComesToAnEnd() async throws {
        let time = ManualTime()
        let pipe = ScriptedPipe(time: time) { number in [Hop(number % 7 < 3 ? 1300 : 1450, silent: true), Hop(1500)] }
        let fact = try await search(pipe, time)
        #expect(fact.ending != .whole)
        #expect(pipe.sent.count < 400)
    }

    @Test func aWayThatDiesInTheMiddleIsNoLimit() async throws {
        for last in 2...20 {
            let time = ManualTime()
            let pipe = pipe(time, 1400, silent: true, loses: { $0 > last })
            let fact = try await search(pipe, time)
            #expect([.unsteady, .unanswered, .bounded].contains(fact.ending))
            // What was lost was never lost while something passed beside it.
            if fact.ending == .bounded { #expect((fact.smallestLost ?? 0) > 1400) }
        }
    }

    @Test func aTargetThatAnswersNothingIsNotBlamed() async throws {
        let time = ManualTime()
        let fact = try await search(pipe(time, 1400, silent: true, loses: { _ in true }), time)
        #expect(fact.ending == .unanswered)
        #expect(fact.largestPassed == nil)
    }

    /// icmp_ratelimit: six at once, then one a second.
    @Test(arguments: [1280, 1400, 1450, 1473, 9000])
    func rationedAnswersAreNoLimit(mtu: Int) async throws {
        let time = ManualTime()
        let fact = try await search(pipe(time, mtu, silent: true, ration: 6), time, width: 3)
        #expect(fact.ending == (mtu == 9000 ? .whole : .found))
        #expect(fact.largestPassed == mtu)
    }

    /// One of seven packets of whatever size is lost.
    @Test(arguments: 0..<7) func lossIsNoLimit(phase: Int) async throws {
        let time = ManualTime()
        let fact = try await search(pipe(time, 9000, silent: true, link: 1500, loses: { $0 % 7 == phase }), time)
        #expect(fact.ending == .whole)
        #expect(fact.largestPassed == 1500)
    }

    @Test func timeThatRunsOutLeavesBounds() async throws {
        let time = ManualTime()
        let fact = try await search(pipe(time, 1337, silent: true, ration: 6), time, width: 1, span: .seconds(4))
        #expect([.bounded, .unsteady, .found].contains(fact.ending))
        #expect((fact.largestPassed ?? 0) <= 1337)
        #expect((fact.smallestLost ?? 9000) > 1337)
    }
}

/// The probe itself.
extension MTUProbeTests {
    private func check(_ values: [String: ParameterValue] = [:], min: Int? = nil) -> Check {
        Check(
            name: "mtu", kind: "mtu", target: .host(.address(.v4(IPv4Address(bits: 0xc612_0302)))),
            expectation: Expectation(
                isDeclared: min != nil, parameters: Parameters(min.map { ["min": .number($0)] } ?? [:])),
            parameters: Parameters(values))
    }

    @Test func echoComesFirstAndTellsUDPWhereToLook() async throws {
        let time = ManualTime()
        let pipe = ScriptedPipe(time: time) { _ in [Hop(1500), Hop(1450, silent: true)] }
        let check = check()
        let samples = try await runProbe(
            MTUProbe(check: check), check: check, capabilities: .scripted(paths: pipe), time: time)
        let facts = samples.flatMap(\.facts).compactMap { if case .pathMTU(let fact) = $0 { fact } else { nil } }
        #expect(facts.map(\.carrier) == [.icmp, .udp])
        #expect(facts.map(\.largestPassed) == [1450, 1450])
        #expect(facts.map(\.direction) == [.both, .out])
        #expect(samples.first?.outcome == .answered)
    }

    /// UDP does alone; that ICMP was left out is told once, with what would let it be tried.
    @Test func whatThereIsNoRightForIsTold() async throws {
        let time = ManualTime()
        let paths = WithoutEcho(ScriptedPipe(time: time) { _ in [Hop(1500), Hop(1450)] })
        let check = check()
        let samples = try await runProbe(
            MTUProbe(check: check), check: check, capabilities: .scripted(paths: paths), time: time)
        let facts = samples.flatMap(\.facts).compactMap { if case .pathMTU(let fact) = $0 { fact } else { nil } }
        #expect(facts.map(\.carrier) == [.udp] && facts.map(\.largestPassed) == [1450])
        #expect(facts.flatMap(\.untried) == [PathMTUFact.Untried(carrier: .icmp, reason: WithoutEcho.reason)])
        let chosen = self.check(["method": .text("icmp")])
        await #expect(throws: ProbeInterruption.unable(WithoutEcho.reason)) {
            try await runProbe(
                MTUProbe(check: chosen), check: chosen, capabilities: .scripted(paths: paths), time: time)
        }
    }

    @Test func theLeastThatIsDemandedIsCompared() async throws {
        for (wanted, isMet) in [(1450, true), (1451, false)] {
            let time = ManualTime()
            let pipe = ScriptedPipe(time: time) { _ in [Hop(1500), Hop(1450, silent: true)] }
            let check = check(min: wanted)
            let samples = try await runProbe(
                MTUProbe(check: check), check: check, capabilities: .scripted(paths: pipe), time: time)
            #expect(samples.first?.comparisons.map(\.isMet) == [isMet])
        }
    }

    @Test func valuesThatContradictEachOtherAreMistakes() {
        #expect(throws: PlanProblem.self) { try MTUProbe(check: check(["method": .text("tcp")])) }
        #expect(throws: PlanProblem.self) {
            try MTUProbe(check: check(["smallest": .number(1500), "largest": .number(1400)]))
        }
    }
}

/// For who has no right to send echoes.
private struct WithoutEcho: PathProbing {
    static let reason = Inability(.notPermitted, action: "open an ICMP socket", reason: "EPERM", fix: "allow it")

    private let paths: any PathProbing

    init(_ paths: any PathProbing) { self.paths = paths }

    func open(_ request: PathRequest) async throws(ProbeInterruption) -> any PathSession {
        if request.carrier == .icmp { throw .unable(Self.reason) }
        return try await paths.open(request)
    }
}

/// A device on the own link that lets only so much pass.
private struct VanishingAbove: PathSession {
    let pipe: ScriptedPipe
    let most: Int

    init(_ pipe: ScriptedPipe, _ most: Int) {
        self.pipe = pipe
        self.most = most
    }

    var sourcePort: UInt16? { nil }

    func send(_ packet: PathPacket, deadline: Instant) async throws(ProbeInterruption) -> PathReply {
        let reply = try await pipe.send(packet, deadline: deadline)
        guard let size = packet.size, size > most, !reply.isRefusedHere else { return reply }
        return PathReply(sentAt: reply.sentAt, outcome: .silent, roundTrip: nil)
    }

    func route() async -> (mtu: Int?, source: IPAddress?) { await pipe.route() }
    func close() async {}
}
