import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Testing
import ThroughputProbe
import Wire

/// iperf3's protocol against servers by script, sound and hostile.
@Suite struct ThroughputProbeTests {
    private static let target = "192.0.2.1:5201"

    private func check(_ parameters: [String: ParameterValue], min: String? = nil) throws -> Check {
        Check(
            name: "transfer", kind: "throughput", target: try #require(Target(Self.target, form: .hostPort)),
            timeout: .seconds(3),
            expectation: Expectation(parameters: Parameters(min.map { ["min": .text($0)] } ?? [:])),
            parameters: Parameters(parameters))
    }

    private struct Run {
        let sample: Sample
        let bulk: ScriptedBulk
        let control: ScriptedConnection?

        var fact: ThroughputFact? {
            sample.facts.lazy.compactMap { if case .throughput(let fact) = $0 { fact } else { nil } }.first
        }
    }

    private func run(
        _ parameters: [String: ParameterValue] = [:], min: String? = nil, to scripts: [StreamScript],
        _ outcomes: [BulkOutcome] = [Self.outcome()], problem: ThroughputFact.Problem? = nil
    ) async throws -> Run {
        let time = ManualTime()
        let endpoint = try #require(Endpoint(Self.target))
        let streams = ScriptedStreams([endpoint: scripts], time: time)
        let bulk = ScriptedBulk(outcomes, problem: problem)
        var capabilities = Capabilities.scripted(streams: streams, echo: ForbiddenEcho())
        capabilities.bulk = bulk
        let check = try check(parameters, min: min)
        let result = await recordProbe(
            try ThroughputProbe(check: check), check: check, capabilities: capabilities, time: time)
        return Run(sample: try #require(result.samples.first), bulk: bulk, control: streams.connections.first)
    }

    private static func outcome(bytes: Int = 1_250_000, retransmits: Int = 0, segments: Int = 1000) -> BulkOutcome {
        var sender = ThroughputFact.SenderState(retransmits: retransmits)
        sender.segments = segments
        sender.segmentSize = 1448
        return BulkOutcome(
            end: .span, span: .seconds(1), streams: [BulkOutcome.Stream(bytes: bytes, retransmits: retransmits)],
            acknowledged: bytes + IperfCookie.length, sender: sender)
    }

    private static func framed(_ text: [UInt8]) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: text.count >> (24 - 8 * $0)) } + text
    }

    private static func results(bytes: Int = 1_250_000, isLeadsman: Bool = false) -> [UInt8] {
        var results = IperfResults()
        results.isLeadsman = isLeadsman
        results.streams = [IperfResults.Stream(id: 1, bytes: bytes, end: 1)]
        return results.encoded
    }

    private static func script(_ states: [Int8], _ rest: [UInt8] = []) -> StreamScript {
        StreamScript(states.map { .bytes([UInt8(bitPattern: $0)]) } + [.bytes(rest), .silence])
    }

    private static let whole = script([9, 10, 1, 2, 13], framed(results()) + [14])

    @Test func aWholeTest_givesTheReceiversRate() async throws {
        let run = try await run(["duration": .span(.seconds(1))], min: "5Mbit", to: [Self.whole])
        let fact = try #require(run.fact)
        #expect(fact.problem == nil && fact.rate == 10_000_000 && fact.peer == .iperf3)
        #expect(run.sample.isGood && run.sample.comparisons.map(\.key) == ["min"])
        let written = try #require(run.control?.written)
        #expect(written[36] == 0 && run.bulk.forms.first?.greeting == Array(written.prefix(37)))
        // Parameters, the end of the test, results, and the farewell.
        let length = written[37..<41].reduce(0) { $0 << 8 | Int($1) }
        let parameters = try #require(IperfParameters(decoding: Array(written[41..<41 + length])))
        #expect(parameters.seconds == 1 && parameters.streams == 1 && !parameters.isReverse && parameters.isLeadsman)
        #expect(written[41 + length] == 4 && written.last == 16)
        #expect(run.control?.isClosed == true)
    }

    @Test func aLeadsman_isKnownByItsResults() async throws {
        let script = Self.script([9, 10, 1, 2, 13], Self.framed(Self.results(isLeadsman: true)) + [14])
        #expect(try await run(to: [script]).fact?.peer == .leadsman)
        let wanted = try await run(["server": .text("leadsman")], to: [Self.whole])
        #expect(wanted.sample.comparisons.first?.key == "server" && !wanted.sample.isGood)
    }

    /// A hundred datagrams sent, of which the server misses so many.
    private func runOfDatagrams(missing: Int) async throws -> Run {
        var tally = DatagramTally()
        tally.sent = 100
        var results = IperfResults()
        results.streams = [IperfResults.Stream(id: 1, bytes: 140_000, end: 1)]
        results.streams[0].errors = missing
        let outcome = BulkOutcome(
            end: .span, span: .seconds(1), streams: [BulkOutcome.Stream(bytes: 144_800, tally: tally)])
        let script = Self.script([9, 10, 1, 2, 13], Self.framed(results.encoded) + [14])
        return try await run(["transport": .text("udp"), "rate": .text("1Mbit")], to: [script], [outcome])
    }

    @Test func datagrams_askForARate_andCountWhatIsMissing() async throws {
        let run = try await runOfDatagrams(missing: 4)
        let fact = try #require(run.fact)
        #expect(
            fact.datagrams
                == ThroughputFact.DatagramCount(sent: 100, lost: 4, late: nil, sentRate: 1_158_400, jitter: .zero))
        #expect(fact.bound == .requestedRate)
        #expect(run.bulk.run.first?.rate == 1_000_000 && run.bulk.forms.first?.greeting == IperfGreeting.hello)
    }

    @Test func aLossThatContradictsWhatCame_isNotKnown() async throws {
        let run = try await runOfDatagrams(missing: 100)
        let fact = try #require(run.fact)
        #expect(fact.datagrams?.sent == 100 && fact.datagrams?.lost == nil && fact.lossShare == nil)
        #expect(fact.bound == nil && fact.contrasts.isEmpty)
    }

    @Test func loss_isLookedAtAgain_belowTheRate() async throws {
        let first = Self.outcome(retransmits: 60)
        let second = Self.outcome(bytes: 750_000, retransmits: 0, segments: 500)
        let again = Self.script([9, 10, 1, 2, 13], Self.framed(Self.results(bytes: 750_000)) + [14])
        // Handshakes beside the transfer come between the two.
        let run = try await run(
            ["duration": .span(.milliseconds(200))], to: [Self.whole, StreamScript([.silence]), again], [first, second])
        let fact = try #require(run.fact)
        #expect(fact.contrasts.map(\.kind) == [.slower] && fact.contrasts.first?.lost == 0)
        #expect(run.bulk.run.last?.rate == 6_000_000)
        #expect(fact.bound == .policer)
    }

    /// A queue of few packets drops part of the burst with which TCP begins; loss at any rate goes on.
    @Test(arguments: [([8, 0, 0, 0], 0, ThroughputBound.policer), ([8, 10, 12, 8], 30, .loss)])
    func lossOfTheFirstSegments_isNoLossBelowTheRate(again: [Int], lost: Int, bound: ThroughputBound) async throws {
        var second = Self.outcome(bytes: 750_000, retransmits: again.reduce(0, +), segments: 500)
        second.intervals = again.enumerated().map { index, count in
            ThroughputFact.Interval(
                start: .milliseconds(250 * index), span: .milliseconds(250), bytes: 187_500, retransmits: count,
                roundTrip: nil)
        }
        let script = Self.script([9, 10, 1, 2, 13], Self.framed(Self.results(bytes: 750_000)) + [14])
        let run = try await run(
            ["duration": .span(.milliseconds(200))], to: [Self.whole, StreamScript([.silence]), script],
            [Self.outcome(retransmits: 60), second])
        let fact = try #require(run.fact)
        #expect(fact.contrasts.first?.lost == lost && fact.bound == bound, "\(fact)")
    }

    @Test(arguments: [
        ([Int8(-2)], [UInt8]([0, 0, 0, 27, 0, 0, 0, 0]), ThroughputFact.Problem.serverError(27, 0)),
        ([9, -2], [0, 0, 0, 142, 0, 0, 0, 0], .wantsAuthentication),
        ([9, 10, 11], [], .terminated),
        ([9, 10, 1, 2, 11], [], .terminated),
        ([2], [], .malformed("the next state of a test", [2])),
        ([83], Array("SH-2.0".utf8), .malformed("a state of iperf3", [83])),
        ([9, 9], [], .malformed("the next state of a test", [9])),
        ([9], [], .silent(during: .parameters)),
        ([9, 10, 1, 2, 13], [255, 255, 255, 255], .malformed("a message of at most 1 MiB", [255, 255, 255, 255])),
        ([9, 10, 1, 2, 13], [0, 0, 0, 2, 0x7b, 0x7d], .malformed("results of an iperf3 test", [0x7b, 0x7d])),
        ([9, 10, 1, 2, 13], [0, 0, 16, 0, 1], .silent(during: .results)),
    ])
    func hostileServers_areAClearOutcome(states: [Int8], rest: [UInt8], problem: ThroughputFact.Problem) async throws {
        let run = try await run(to: [Self.script(states, rest)])
        #expect(run.fact?.problem == problem)
        #expect(run.sample.outcome == .failed(.exchange) && run.control?.isClosed == true)
    }

    /// Nobody's fault: nothing was measured, and nothing is said of the path.
    @Test func aBusyServer_isNoOutcome() async throws {
        let time = ManualTime()
        let streams = ScriptedStreams([try #require(Endpoint(Self.target)): [Self.script([-1])]], time: time)
        let check = try check([:])
        let result = await recordProbe(
            try ThroughputProbe(check: check), check: check,
            capabilities: Capabilities.scripted(streams: streams, echo: ForbiddenEcho()), time: time)
        guard case .unable(let inability) = result.interruption else {
            Issue.record("\(result)")
            return
        }
        #expect(result.samples.isEmpty && inability.code == .serverBusy && inability.fix.contains("another port"))
    }

    @Test func aServerThatGoesAway_isToldWithTheStep() async throws {
        let closing = StreamScript([.bytes([9]), .bytes([10]), .end(.closed)])
        #expect(try await run(to: [closing]).fact?.problem == .closed(during: .streams))
        let blocked = try await run(
            ["transport": .text("udp")], to: [Self.script([9, 10])], problem: .silent(during: .streams))
        #expect(blocked.fact?.problem == .silent(during: .streams))
    }

    @Test func nothingThatArrives_isAStall() async throws {
        var outcome = Self.outcome(bytes: 300_000, retransmits: 4)
        outcome.acknowledged = IperfCookie.length
        let script = Self.script([9, 10, 1, 2, 13], Self.framed(Self.results(bytes: 0)) + [14])
        let run = try await run(to: [script], [outcome])
        #expect(run.fact?.problem == .stalled && run.fact?.bound == .stall)
    }

    @Test func mistakesOfAPlan() throws {
        #expect(throws: PlanProblem.self) { try ThroughputProbe(check: check(["rate": .text("1Mbit")], min: "2Mbit")) }
        #expect(throws: PlanProblem.self) {
            try ThroughputProbe(check: check(["transport": .text("udp"), "congestion": .text("reno")]))
        }
    }
}
