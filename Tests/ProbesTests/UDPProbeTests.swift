import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Testing
import UDPProbe
import Wire

@Suite struct UDPProbeTests {
    private struct Scenario {
        var target = "time.example:123"
        var hosts = ["time.example": ["192.0.2.1"]]
        var parameters: [String: ParameterValue] = [:]
        var services: [String: ScriptedDatagrams.Service] = [:]
        var outcomes: [String: DatagramFact.Outcome] = [:]

        struct Run {
            let samples: [Sample]
            let sent: [ScriptedDatagrams.Datagram]
            let connections: [ScriptedConnection]

            var sample: Sample? { samples.first }
            var services: [ServiceFact] {
                samples.flatMap(\.facts).compactMap { if case .service(let fact) = $0 { fact } else { nil } }
            }
            var contrasts: [ConnectFact] {
                samples.flatMap(\.facts).compactMap { if case .connect(let fact) = $0 { fact } else { nil } }
            }
        }

        func check() throws -> Check {
            Check(
                name: "time", kind: "udp", target: try #require(Target(target, form: .hostPort)), timeout: .seconds(2),
                parameters: Parameters(parameters))
        }

        func run(_ scripts: KeyValuePairs<String, [StreamScript]> = [:]) async throws -> Run {
            let time = ManualTime(jumps: false)
            let streams = ScriptedStreams(scripts, time: time)
            func table<Value>(_ values: [String: Value]) -> [Endpoint: Value] {
                Dictionary(
                    uniqueKeysWithValues: values.compactMap { text, value in Endpoint(text).map { ($0, value) } })
            }
            let datagrams = ScriptedDatagrams(table(outcomes), services: table(services), time: time)
            let check = try check()
            let samples = try await runProbe(
                try UDPProbe(check: check), check: check,
                capabilities: .scripted(streams: streams, datagrams: datagrams, hosts: hosts), time: time)
            return Run(samples: samples, sent: datagrams.sent, connections: streams.connections)
        }
    }

    /// A server of NTP whose answer carries the request's stamp.
    private static func ntp(stratum: UInt8 = 2, reference: String = "GPS\0", leap: UInt8 = 0)
        -> ScriptedDatagrams.Service
    {
        { request, _ in
            guard request.count == NTPMessage.length else { return nil }
            var bytes: [UInt8] = [leap << 6 | 0x24, stratum, 6, 0xe9] + [UInt8](repeating: 0, count: 8)
            bytes += Array(reference.utf8) + [UInt8](repeating: 0, count: 8) + request[40...]
            return bytes + [UInt8](repeating: 0xee, count: 16)
        }
    }

    private static let echo: ScriptedDatagrams.Service = { request, _ in request }

    private static let sip: ScriptedDatagrams.Service = { request, _ in
        let lines = String(decoding: request, as: UTF8.self).split(separator: "\r\n")
        guard let call = lines.first(where: { $0.hasPrefix("Call-ID") }) else { return nil }
        return Array("SIP/2.0 200 OK\r\n\(call)\r\nServer: toy\r\n\r\n".utf8)
    }

    private static let quic: ScriptedDatagrams.Service = { request, _ in
        guard request.count == 1200 else { return nil }
        return [0x80, 0, 0, 0, 0, 8] + request[15..<23] + [8] + request[6..<14] + [0, 0, 0, 1]
    }

    private static let dns: ScriptedDatagrams.Service = { request, _ in
        guard var message = try? DNSMessage(decoding: request) else { return nil }
        message.isResponse = true
        message.rcode = .refused
        return message.encoded()
    }

    @Test(
        arguments: [
            ("time.example:123", ntp(), "NTP version 4, stratum 2"), ("time.example:5060", sip, "SIP 200 OK (toy)"),
            ("time.example:443", quic, "QUIC versions 1"), ("time.example:53", dns, "DNS REFUSED, 0 records"),
            ("time.example:7", echo, "bytes came back"),
        ] as [(String, ScriptedDatagrams.Service, String)])
    func everyService_isKnownByItsPort(
        _ target: String, _ service: @escaping ScriptedDatagrams.Service, _ words: String
    )
        async throws
    {
        let port = try #require(HostPort(target)).port
        let run = try await Scenario(target: target, services: ["192.0.2.1:\(port)": service]).run()
        #expect(run.sample?.outcome == .answered)
        #expect(run.sample?.isGood == true)
        #expect(run.sample?.latency == .milliseconds(1))
        guard case .answered(let answer)? = run.services.first?.outcome else {
            Issue.record("no answer")
            return
        }
        #expect(answer.contains(words))
        #expect(run.services.first?.attempts == 1 && run.sent.count == 1)
        #expect(run.contrasts.isEmpty)
    }

    @Test func silence_isAskedTwice_andTCPIsTriedBeside() async throws {
        let run = try await Scenario().run(["192.0.2.1:123": [.refused]])
        #expect(run.sample?.outcome == .failed(.query))
        #expect(run.services.map(\.outcome) == [.silent])
        #expect(run.services.first?.attempts == 2)
        #expect(Set(run.sent.map(\.payload)).count == 2)
        #expect(run.contrasts.map(\.isContrast) == [true])
    }

    @Test func theSecondRequest_mayBeAnswered() async throws {
        let late: ScriptedDatagrams.Service = { request, attempt in attempt == 1 ? request : nil }
        let run = try await Scenario(target: "time.example:7", services: ["192.0.2.1:7": late]).run([
            "192.0.2.1:7": [.refused]
        ])
        #expect(run.sample?.outcome == .answered)
        #expect(run.services.first?.attempts == 2)
        // From the request that was answered, not from the first.
        #expect(run.sample?.latency == .milliseconds(1))
    }

    @Test func aFailure_isAFact_andNotARepetition() async throws {
        let refusal = SocketFailure(
            code: 111, name: "ECONNREFUSED",
            icmp: ICMPErrorReport(origin: .icmp, type: 3, code: 3, offender: IPAddress("192.0.2.1")))
        let run = try await Scenario(outcomes: ["192.0.2.1:123": .failed(refusal)]).run()
        #expect(run.services.map(\.outcome) == [.failed(refusal)])
        #expect(run.sent.count == 1 && run.contrasts.isEmpty)
    }

    @Test func whatIsNoAnswer_isKept() async throws {
        let run = try await Scenario(services: ["192.0.2.1:123": { _, _ in Array("hello".utf8) }]).run([
            "192.0.2.1:123": [.refused]
        ])
        #expect(run.sample?.outcome == .failed(.query))
        #expect(
            run.services.first?.outcome
                == .malformed(reason: "no answer to the request", bytes: Array("hello".utf8)))
    }

    @Test(
        arguments: [
            (ntp(stratum: 0, reference: "DENY", leap: 3), "kiss-o'-death DENY"),
            (ntp(stratum: 16, leap: 3), "not synchronised"),
        ] as [(ScriptedDatagrams.Service, String)])
    func anAnswerThatSaysNo_isAnswered_andNotMet(_ service: @escaping ScriptedDatagrams.Service, _ words: String)
        async throws
    {
        let run = try await Scenario(services: ["192.0.2.1:123": service]).run()
        #expect(run.sample?.outcome == .answered)
        let comparison = try #require(run.sample?.comparisons.first)
        #expect(!comparison.isMet && comparison.seen.contains(words))
    }

    @Test func aKissForRate_isAnAnswerAllTheSame() async throws {
        let run = try await Scenario(services: ["192.0.2.1:123": Self.ntp(stratum: 0, reference: "RATE", leap: 3)])
            .run()
        #expect(run.sample?.isGood == true)
    }

    @Test func anAnswerToAnotherRequest_isNone() async throws {
        let stale: ScriptedDatagrams.Service = { _, _ in Self.ntp()(NTPMessage.request(nonce: 1), 0) }
        let run = try await Scenario(services: ["192.0.2.1:123": stale]).run(["192.0.2.1:123": [.refused]])
        #expect(run.sample?.outcome == .failed(.query))
    }

    @Test func everyAddress_isAsked() async throws {
        var scenario = Scenario(services: ["192.0.2.2:123": Self.ntp()])
        scenario.hosts = ["time.example": ["192.0.2.1", "192.0.2.2"]]
        let run = try await scenario.run(["192.0.2.1:123": [.timedOut]])
        #expect(run.sample?.outcome == .answered)
        #expect(run.services.count == 2)
    }

    @Test(
        arguments: [
            ("a:9", [:], "what is asked of UDP port 9?"),
            ("a:9", ["service": .text("raw")], "`service: raw` needs `send:`"),
            ("a:53", ["service": .text("dns"), "send": .text("x")], "dns has a request of its own"),
        ] as [(String, [String: ParameterValue], String)])
    func whatCannotBeMeant_isAMistake(_ target: String, _ keys: [String: ParameterValue], _ words: String) throws {
        let scenario = Scenario(target: target, parameters: keys)
        let check = try scenario.check()
        let problem = #expect(throws: PlanProblem.self) { try UDPProbe(check: check) }
        #expect(problem?.message.contains(words) == true)
    }

    @Test func rawBytes_areSentAsWritten() async throws {
        let run = try await Scenario(
            target: "time.example:9", parameters: ["send": .text("a\\x00\\r")],
            services: ["192.0.2.1:9": { _, _ in [1, 2] }]
        ).run()
        #expect(run.sent.first?.payload == [0x61, 0, 0x0d])
        #expect(run.sample?.isGood == true)
    }
}
