import FlowsProbe
import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Testing

@Suite struct FlowsProbeTests {
    private struct Run {
        let sample: Sample?
        let interruption: ProbeInterruption?
        let connections: [ScriptedConnection]

        var fact: FlowsFact? {
            sample?.facts.lazy.compactMap { if case .flows(let fact) = $0 { fact } else { nil } }.first
        }
        var outcomes: [ConnectFact.Outcome] { fact?.attempts.map(\.outcome) ?? [] }
    }

    private static let target = "192.0.2.1:5432"

    private func check(
        _ parameters: [String: ParameterValue], connected: Int? = nil, target: String = Self.target
    ) throws -> Check {
        Check(
            name: "many", kind: "flows", target: try #require(Target(target, form: .hostPort)), timeout: .seconds(3),
            expectation: Expectation(parameters: Parameters(connected.map { ["connected": .number($0)] } ?? [:])),
            parameters: Parameters(parameters))
    }

    private func run(
        _ parameters: [String: ParameterValue], connected: Int? = nil, target: String = Self.target,
        _ scripts: KeyValuePairs<String, [StreamScript]>
    ) async throws -> Run {
        let time = ManualTime()
        let streams = ScriptedStreams(scripts, time: time)
        let check = try check(parameters, connected: connected, target: target)
        let result = await recordProbe(
            try FlowsProbe(check: check), check: check, capabilities: .scripted(streams: streams), time: time)
        return Run(
            sample: result.samples.first, interruption: result.interruption, connections: streams.connections)
    }

    private static let mute = StreamScript([.silence])

    @Test func allComeAbout_andAreClosed() async throws {
        let run = try await run(["count": .number(12)], [Self.target: [Self.mute]])
        #expect(run.outcomes == Array(repeating: .connected, count: 12))
        #expect(run.sample?.isGood == true)
        #expect(run.fact?.after.isEmpty == true && run.fact?.held == nil)
        #expect(run.connections.count == 12 && run.connections.allSatisfy { $0.isClosed })
        #expect(run.sample?.latency == .milliseconds(1))
    }

    @Test func whatIsShort_isTriedAgain_whenAllAreClosed() async throws {
        let scripts = Array(repeating: Self.mute, count: 3) + [.timedOut, .timedOut, .timedOut, Self.mute]
        let run = try await run(
            ["count": .number(6), "beside": .list(["192.0.2.1:81"])],
            [Self.target: scripts, "192.0.2.1:81": [Self.mute]])
        #expect(run.outcomes.count { $0 == .connected } == 3 && run.outcomes.count { $0 == .timedOut } == 3)
        #expect(run.fact?.before.map(\.outcome) == [.connected] && run.fact?.beside.map(\.outcome) == [.connected])
        #expect(run.fact?.after.map(\.outcome) == [.connected, .connected, .connected])
        let comparison = try #require(run.sample?.comparisons.first)
        #expect(comparison.key == "connected" && comparison.seen == "3" && !comparison.isMet && !comparison.isDeclared)
        // Three that were held, two beside, three after.
        #expect(run.connections.count { $0.isClosed } == 8)
    }

    @Test func asManyAsThePlanWants_areEnough() async throws {
        let run = try await run(
            ["count": .number(4)], connected: 2, [Self.target: [Self.mute, Self.mute, .timedOut]])
        #expect(run.sample?.isGood == true && run.sample?.comparisons.first?.isDeclared == true)
    }

    @Test func noLoad_whenTheFirstFails() async throws {
        let run = try await run(["count": .number(50)], [Self.target: [.refused]])
        #expect(run.connections.count == 1)
        #expect(run.sample?.outcome == .failed(.connect) && run.fact == nil)
    }

    @Test func thirdConnection_withoutADescriptor_isOurOwnMatter() async throws {
        let inability = Inability(.noDescriptors, action: "open a socket", reason: "EMFILE", fix: "ulimit")
        let run = try await run(
            ["count": .number(40)], [Self.target: [Self.mute, Self.mute, StreamScript(opening: .unable(inability))]])
        guard case .unable(let told)? = run.interruption else {
            Issue.record("\(String(describing: run.interruption))")
            return
        }
        #expect(told.code == .noDescriptors && told.fix.contains("lower count"))
        #expect(told.action == "hold 40 connections to 192.0.2.1:5432 at once")
        #expect(run.sample == nil)
        // Those that a script let come about; an attempt without a descriptor has no connection.
        #expect(run.connections.prefix(2).allSatisfy { $0.isClosed })
    }

    @Test func aWebServer_isSpokenTo_aloneAndWhileAllAreHeld() async throws {
        let scripts = [StreamScript.saying("HTTP/1.1 200 OK\r\n\r\n"), StreamScript([.silence]), .timedOut]
        let run = try await run(
            ["count": .number(4)], target: "192.0.2.1:80", ["192.0.2.1:80": scripts])
        #expect(run.fact?.alone?.wasAsked == true && run.fact?.alone?.end == .satisfied)
        #expect(run.fact?.held?.end == .deadline)
        let written = run.connections.map(\.writtenText).filter { !$0.isEmpty }
        #expect(written.count == 2 && written.allSatisfy { $0.hasPrefix("HEAD / HTTP/1.1\r\nHost: 192.0.2.1\r\n") })
    }

    @Test func words_ofThePlan_areSaid() async throws {
        let run = try await run(
            ["count": .number(1), "send": .text("PING\\r\\n")], [Self.target: [StreamScript.saying("PONG")]])
        #expect(run.connections.first?.writtenText == "PING\r\n")
        #expect(run.fact?.alone?.end == .satisfied)
    }

    @Test func cancelled_itLetsGoOfAll() async throws {
        let time = ManualTime(jumps: false)
        let streams = ScriptedStreams([Self.target: [Self.mute]], time: time)
        let check = try check(["count": .number(100), "rate": .number(1)])
        let probe = try FlowsProbe(check: check)
        let work = Task {
            await recordProbe(probe, check: check, capabilities: .scripted(streams: streams), time: time)
        }
        #expect(await time.waitForSleepers(1))
        work.cancel()
        let result = await work.value
        #expect(result.interruption == .cancelled && result.samples.isEmpty)
        #expect(!streams.connections.isEmpty && streams.connections.allSatisfy { $0.isClosed })
    }

    @Test(
        arguments: [
            (["count": .number(5000)], nil, "count"),
            (["count": .number(4)], 5, "connected"),
            (["send": .text("\\q")], nil, "send"),
        ] as [([String: ParameterValue], Int?, String)])
    func mistakes_areTold(_ parameters: [String: ParameterValue], _ connected: Int?, _ key: String) throws {
        let check = try check(parameters, connected: connected)
        let problem = #expect(throws: PlanProblem.self) { try FlowsProbe(check: check) }
        #expect(problem?.message.hasPrefix("\(key): ") == true)
    }

    @Test func moreThanFourThousand_onlyWhereThatIsMeant() throws {
        _ = try FlowsProbe(check: check(["count": .number(5000), "allowMore": .flag(true)]))
        let count = try #require(FlowsProbe.description.parameters.first { $0.key == "count" })
        #expect(count.problem(with: .number(28_001)) != nil && count.problem(with: .number(28_000)) == nil)
        let beside = try #require(FlowsProbe.description.parameters.first { $0.key == "beside" })
        #expect(beside.problem(with: .list(["db:5432"])) == nil)
        #expect(beside.problem(with: .list(["db"])) != nil)
        #expect(beside.problem(with: .list((0..<9).map { "db\($0):1" })) != nil)
        #expect(FlowsProbe.description.risk != nil)
    }
}
