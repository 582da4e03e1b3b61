import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import TCPProbe
import Testing

@Suite struct TCPProbeTests {
    private struct Scenario {
        var target = "db.example:5432"
        var hosts = ["db.example": ["192.0.2.1"]]
        var parameters: [String: ParameterValue] = [:]
        var expected: [String: ParameterValue] = [:]
        var samples = 1
        var timeout = Duration.seconds(3)
        var family = FamilyChoice.any
        var source: IPAddress?
        var datagrams: [String: DatagramFact.Outcome] = [:]

        struct Run {
            let samples: [Sample]
            let interruption: ProbeInterruption?
            let connections: [ScriptedConnection]
            let datagrams: [ScriptedDatagrams.Datagram]

            var facts: [Fact] { samples.flatMap(\.facts) }
            var connects: [ConnectFact] { facts.compactMap { if case .connect(let fact) = $0 { fact } else { nil } } }
            var contrasts: [DatagramFact] {
                facts.compactMap { if case .datagram(let fact) = $0 { fact } else { nil } }
            }
            var banners: [BannerFact] { facts.compactMap { if case .banner(let fact) = $0 { fact } else { nil } } }
        }

        func check() throws -> Check {
            Check(
                name: "database", kind: "tcp", target: try #require(Target(target, form: .hostPort)), samples: samples,
                timeout: timeout, family: family, source: source,
                expectation: Expectation(parameters: Parameters(expected)), parameters: Parameters(parameters))
        }

        func run(_ scripts: KeyValuePairs<String, [StreamScript]>) async throws -> Run {
            // A clock that jumps would let the contrast's patience run out while a connection is being made.
            let time = ManualTime(jumps: samples > 1)
            let streams = ScriptedStreams(scripts, time: time)
            let table = datagrams.compactMap { text, outcome in Endpoint(text).map { ($0, outcome) } }
            let datagrams = ScriptedDatagrams(Dictionary(uniqueKeysWithValues: table), time: time)
            let check = try check()
            let result = await recordProbe(
                try TCPProbe(check: check), check: check,
                capabilities: .scripted(streams: streams, datagrams: datagrams, hosts: hosts), time: time)
            return Run(
                samples: result.samples, interruption: result.interruption, connections: streams.connections,
                datagrams: datagrams.sent)
        }
    }

    @Test func acceptedConnection_isAnswered_andClosed() async throws {
        let run = try await Scenario().run(["192.0.2.1:5432": [StreamScript(connectTime: .milliseconds(7))]])
        let sample = try #require(run.samples.first)
        #expect(sample.outcome == .answered)
        #expect(sample.latency == .milliseconds(7))
        #expect(sample.phases.connect == .milliseconds(7))
        #expect(sample.phases.resolve == .zero)
        #expect(sample.isGood && sample.comparisons.isEmpty)
        #expect(run.connects.map(\.outcome) == [.connected])
        #expect(run.connections.allSatisfy { $0.isClosed && $0.written.isEmpty })
        #expect(run.datagrams.isEmpty)
        guard case .resolution(let resolution)? = run.facts.first else {
            Issue.record("the resolution comes first")
            return
        }
        #expect(resolution.source == .hostsFile)
    }

    @Test func everyAddress_isTried_andDeadOnesAreFacts() async throws {
        var scenario = Scenario()
        scenario.hosts = ["db.example": ["192.0.2.1", "2001:db8::1", "192.0.2.2"]]
        let run = try await scenario.run([
            "192.0.2.1:5432": [.refused], "[2001:db8::1]:5432": [StreamScript()], "192.0.2.2:5432": [StreamScript()],
        ])
        #expect(run.samples.map(\.outcome) == [.answered])
        #expect(run.connects.map(\.endpoint.address.description) == ["192.0.2.1", "2001:db8::1", "192.0.2.2"])
        #expect(run.connects.map { $0.outcome == .connected } == [false, true, true])
        #expect(run.samples.first?.latency == run.connects[1].elapsed)
        #expect(run.connections.filter { $0.isClosed }.count == 2)
    }

    @Test func refusalEverywhere_failsAtConnect() async throws {
        let run = try await Scenario().run(["192.0.2.1:5432": [.refused]])
        #expect(run.samples.map(\.outcome) == [.failed(.connect)])
        #expect(run.samples.first?.latency == nil)
        #expect(run.samples.first?.phases.connect == nil)
        #expect(run.datagrams.isEmpty)
    }

    @Test func silence_isContrastedByADatagram() async throws {
        var scenario = Scenario()
        let refusal = SocketFailure(code: 1, name: "EPERM")
        scenario.datagrams = ["192.0.2.1:5432": .failed(refusal)]
        let run = try await scenario.run(["192.0.2.1:5432": [.timedOut]])
        #expect(run.samples.map(\.outcome) == [.failed(.connect)])
        #expect(run.datagrams.map(\.payload) == [[]])
        #expect(run.contrasts.map(\.outcome) == [.failed(refusal)])
        #expect(run.contrasts.map(\.endpoint.description) == ["192.0.2.1:5432"])
    }

    @Test func noAddressOfTheFamily_failsAtResolve_andNothingIsConnected() async throws {
        var scenario = Scenario()
        scenario.target = "[2001:db8::1]:5432"
        scenario.family = .v4
        let run = try await scenario.run([:])
        #expect(run.samples.map(\.outcome) == [.failed(.resolve)])
        #expect(run.connections.isEmpty)
    }

    @Test func source_picksTheAddressesOfItsFamily_andIsPassedOn() async throws {
        var scenario = Scenario()
        scenario.hosts = ["db.example": ["192.0.2.1", "2001:db8::1"]]
        scenario.source = IPAddress("192.0.2.77")
        let run = try await scenario.run(["192.0.2.1:5432": [StreamScript()]])
        #expect(run.connections.map(\.source) == [IPAddress("192.0.2.77")])
    }

    @Test func samples_openConnectionsOfTheirOwn() async throws {
        var scenario = Scenario()
        scenario.samples = 3
        let run = try await scenario.run(["192.0.2.1:5432": [StreamScript(), .refused, StreamScript()]])
        #expect(run.samples.map(\.index) == [0, 1, 2])
        #expect(run.samples.map(\.outcome) == [.answered, .failed(.connect), .answered])
    }

    @Test func inability_isThrown() async throws {
        let inability = Inability(.noDescriptors, action: "open a socket", reason: "EMFILE", fix: "raise ulimit -n")
        let run = try await Scenario().run(["192.0.2.1:5432": [StreamScript(opening: .unable(inability))]])
        #expect(run.interruption == .unable(inability))
        #expect(run.samples.isEmpty)
    }

    // MARK: Banner

    @Test func banner_isReadUntilItMatches() async throws {
        var scenario = Scenario()
        scenario.expected = ["banner": .text("^220 .*ready\\r\\n")]
        let run = try await scenario.run([
            "192.0.2.1:5432": [
                StreamScript([.bytes(Array("220 mail".utf8)), .bytes(Array(" ready\r\n".utf8)), .silence])
            ]
        ])
        let sample = try #require(run.samples.first)
        #expect(sample.outcome == .answered)
        #expect(run.banners.map(\.bytes) == [Array("220 mail ready\r\n".utf8)])
        #expect(run.banners.map(\.end) == [.satisfied])
        let comparison = try #require(sample.comparisons.first)
        #expect(comparison.isMet && comparison.isDeclared)
        #expect(comparison.key == "banner")
        #expect(run.connections.allSatisfy { $0.isClosed })
    }

    @Test(arguments: [
        (StreamScript([.silence]), "nothing from 192.0.2.1:5432 in 3.0 s"),
        (
            StreamScript([.bytes(Array("550 go away\r\n".utf8)), .end(.closed)]),
            "\"550 go away\\r\\n\" from 192.0.2.1:5432, then it closed"
        ),
        (
            StreamScript([.end(.failed(SocketFailure(code: 104, name: "ECONNRESET")))]),
            "nothing from 192.0.2.1:5432, then ECONNRESET"
        ),
    ]) func wrongBanner_isAnsweredButUnmet(script: StreamScript, seen: String) async throws {
        var scenario = Scenario()
        scenario.expected = ["banner": .text("^220")]
        var script = script
        script.connectTime = .zero
        let run = try await scenario.run(["192.0.2.1:5432": [script]])
        let sample = try #require(run.samples.first)
        #expect(sample.outcome == .answered)
        #expect(!sample.isGood)
        #expect(sample.comparisons.map(\.seen) == [seen])
        #expect(sample.comparisons.map(\.expected) == ["matches ^220"])
    }

    @Test func endlessBanner_isCutAt1024Bytes() async throws {
        var scenario = Scenario()
        scenario.expected = ["banner": .text("needle")]
        let run = try await scenario.run([
            "192.0.2.1:5432": [StreamScript(Array(repeating: .bytes([UInt8](repeating: 0x78, count: 700)), count: 50))]
        ])
        #expect(run.banners.map(\.bytes.count) == [1024])
        #expect(run.samples.first?.isGood == false)
    }

    @Test func binaryBanner_isMatchedByteForByte() async throws {
        var scenario = Scenario()
        scenario.expected = ["banner": .text("^\\x{4a}\\x{00}.\\x{ff}")]
        let run = try await scenario.run(["192.0.2.1:5432": [StreamScript([.bytes([0x4a, 0, 0x80, 0xff]), .silence])]])
        #expect(run.samples.first?.isGood == true)
    }

    @Test func everyAddress_mustGiveTheBanner() async throws {
        var scenario = Scenario()
        scenario.hosts = ["db.example": ["192.0.2.1", "192.0.2.2"]]
        scenario.expected = ["banner": .text("^220")]
        let run = try await scenario.run([
            "192.0.2.1:5432": [.saying("220 a")], "192.0.2.2:5432": [.saying("421 busy")],
        ])
        #expect(run.samples.first?.comparisons.map(\.seen) == ["\"421 busy\" from 192.0.2.2:5432, then it closed"])
    }

    @Test func send_isSentWithItsEscapes() async throws {
        var scenario = Scenario()
        scenario.parameters = ["send": .text("PING\\r\\n\\t\\\\\\x00\\xfF é")]
        let run = try await scenario.run(["192.0.2.1:5432": [StreamScript([.silence])]])
        let bytes = Array("PING\r\n\t\\".utf8) + [0, 0xff] + Array(" é".utf8)
        #expect(run.connections.map(\.written) == [bytes])
        #expect(run.banners.isEmpty)
    }

    @Test func unsentWords_areAFact() async throws {
        var scenario = Scenario()
        scenario.parameters = ["send": .text("hello")]
        let run = try await scenario.run(["192.0.2.1:5432": [StreamScript(writeFailure: .closed)]])
        #expect(run.banners.map(\.end) == [.closed])
        #expect(run.samples.map(\.outcome) == [.answered])
    }

    // MARK: Plans

    @Test(arguments: ["\\q", "\\x4", "\\xg0", "\\x+f", "ends in \\"]) func badEscape_isAMistakeInThePlan(text: String)
        throws
    {
        var scenario = Scenario()
        scenario.parameters = ["send": .text(text)]
        let check = try scenario.check()
        #expect(throws: PlanProblem.self) { try TCPProbe(check: check) }
        let key = try #require(TCPProbe.description.parameters.first { $0.key == "send" })
        #expect(key.problem(with: .text(text))?.contains("escapes") == true)
    }

    @Test func badPattern_isAMistakeInThePlan() throws {
        var scenario = Scenario()
        scenario.expected = ["banner": .text("(")]
        let check = try scenario.check()
        #expect(throws: PlanProblem.self) { try TCPProbe(check: check) }
    }
}
