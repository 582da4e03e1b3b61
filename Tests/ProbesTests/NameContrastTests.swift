import HTTPProbe
import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import TLSProbe
import Testing

private let reset = SocketFailure(code: 104, name: "ECONNRESET")

@Suite struct NameContrastTests {
    private func tls(
        _ target: String = "shop.example:443", expect: Planning.Expectation = Planning.Expectation(), samples: Int = 1,
        change: @escaping @Sendable (inout TLSFact) -> Void
    ) async throws -> (facts: [TLSFact], names: [String?], connects: [ConnectFact]) {
        let time = ManualTime()
        let tls = ScriptedTLS(time: time, change: change)
        let check = Check(
            name: "shop", kind: "tls", target: try #require(Target(target, form: .hostPort)), samples: samples,
            timeout: .seconds(4), expectation: expect)
        let taken = try await runProbe(
            try TLSProbe(check: check), check: check,
            capabilities: .scripted(
                streams: ScriptedStreams(["192.0.2.1:443": [StreamScript()]], time: time), tls: tls,
                hosts: ["shop.example": ["192.0.2.1"]]), time: time)
        let facts = taken.flatMap(\.facts)
        return (
            facts.compactMap { if case .tls(let fact) = $0 { fact } else { nil } },
            tls.handshakes.map(\.settings.serverName),
            facts.compactMap { if case .connect(let fact) = $0 { fact } else { nil } }
        )
    }

    private static func filter(_ fact: inout TLSFact) {
        if fact.serverName == "shop.example" {
            fact.outcome = .failed(.transport(reset))
        } else {
            fact.receivedBytes = 3000
        }
    }

    @Test func aNameThatIsReset_isComparedTwice_andTriedAgain() async throws {
        let run = try await tls(change: Self.filter)
        #expect(run.names == ["shop.example", "example.com", "example.com", "shop.example", "shop.example"])
        #expect(run.facts.map(\.isContrast) == [false, true, true, true, true])
        #expect(run.connects.map(\.isContrast) == [false, true, true, true, true])
    }

    @Test func onlyTheFirstSample_compares() async throws {
        let run = try await tls(samples: 3, change: Self.filter)
        #expect(run.facts.count { !$0.isContrast } == 3)
        #expect(run.facts.count(where: \.isContrast) == 4)
    }

    @Test func whereEveryNameIsReset_oneComparisonIsEnough() async throws {
        let run = try await tls { $0.outcome = .failed(.transport(reset)) }
        #expect(run.names == ["shop.example", "example.com"])
    }

    @Test(arguments: [
        TLSFact.Outcome.established, .timedOut, .failed(.alert("handshake_failure")), .failed(.notTLS([0x48])),
    ])
    func whatIsNoEndBehindTheHello_isNotCompared(_ outcome: TLSFact.Outcome) async throws {
        #expect(try await tls { $0.outcome = outcome }.names.count == 1)
    }

    @Test func anEndAfterBytes_ofAnAddress_orAsExpected_isNotCompared() async throws {
        let late = try await tls {
            $0.outcome = .failed(.transport(reset))
            $0.receivedBytes = 7
        }
        #expect(late.names.count == 1)
        #expect(try await tls("192.0.2.1:443") { $0.outcome = .failed(.closed) }.names == [nil])
        let blocked = try await tls(expect: Planning.Expectation(word: .blocked, isDeclared: true), change: Self.filter)
        #expect(blocked.names.count == 1)
    }

    @Test func theNeutralName_isNeverTheOwn() {
        #expect(NameContrast.neutral(beside: "shop.test") == "example.com")
        #expect(NameContrast.neutral(beside: "Example.COM") == "example.net")
        #expect(NameContrast.neutral(beside: "www.example.com") == "example.net")
    }

    @Test func aHostThatIsReset_isCompared() async throws {
        let end = StreamScript([.end(.failed(reset))])
        let run = try await HTTPScenario().run([
            "192.0.2.1:80": [end, .response(200), .response(200), end, end]
        ])
        #expect(run.hops.count == 1)
        #expect(
            run.contrasts.map(\.url.description) == [
                "http://example.com/", "http://example.com/", "http://shop.example/", "http://shop.example/",
            ])
        #expect(run.sample?.outcome == .failed(.response))
        #expect(run.connections.allSatisfy { $0.isClosed })
    }

    @Test func aHostHeaderOfThePlan_orAnAnswer_isNotCompared() async throws {
        let end = StreamScript([.end(.closed)])
        let own = try await HTTPScenario(parameters: ["host": .text("other.example")]).run(["192.0.2.1:80": [end]])
        #expect(own.contrasts.isEmpty)
        #expect(try await HTTPScenario().run(["192.0.2.1:80": [.response(500)]]).contrasts.isEmpty)
        let post = try await HTTPScenario(parameters: ["method": .text("POST")]).run(["192.0.2.1:80": [end]])
        #expect(post.contrasts.isEmpty)
    }
}
