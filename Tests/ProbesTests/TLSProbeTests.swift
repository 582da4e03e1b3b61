import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import TLSProbe
import Testing

@Suite struct TLSProbeTests {
    private struct Scenario {
        var target = "shop.example:443"
        var hosts = ["shop.example": ["192.0.2.1"]]
        var parameters: [String: ParameterValue] = [:]
        var expected: [String: ParameterValue] = [:]
        var timeout = Duration.seconds(4)
        var change: @Sendable (inout TLSFact) -> Void = { _ in }

        struct Run {
            let samples: [Sample]
            let connections: [ScriptedConnection]
            let handshakes: [ScriptedTLS.Handshake]

            var connects: [ConnectFact] {
                samples.flatMap(\.facts).compactMap { if case .connect(let fact) = $0 { fact } else { nil } }
            }
            func comparison(_ key: String) -> Comparison? { samples.first?.comparisons.first { $0.key == key } }
        }

        func check() throws -> Check {
            Check(
                name: "shop", kind: "tls", target: try #require(Target(target, form: .hostPort)), timeout: timeout,
                expectation: Expectation(parameters: Parameters(expected)), parameters: Parameters(parameters))
        }

        func run(_ scripts: KeyValuePairs<String, [StreamScript]> = ["192.0.2.1:443": [StreamScript()]]) async throws
            -> Run
        {
            let time = ManualTime()
            let streams = ScriptedStreams(scripts, time: time)
            let tls = ScriptedTLS(time: time, change: change)
            let check = try check()
            let samples = try await runProbe(
                try TLSProbe(check: check), check: check,
                capabilities: .scripted(
                    streams: streams, tls: tls, datagrams: ScriptedDatagrams(time: time), hosts: hosts),
                time: time)
            return Run(samples: samples, connections: streams.connections, handshakes: tls.handshakes)
        }
    }

    @Test func goodHandshake_isAnswered_withItsOwnLatency() async throws {
        let run = try await Scenario().run()
        let sample = try #require(run.samples.first)
        #expect(sample.outcome == .answered)
        #expect(sample.latency == .milliseconds(2))
        #expect(sample.phases.connect == .milliseconds(1))
        #expect(sample.phases.tls == .milliseconds(2))
        #expect(sample.isGood)
        let certificate = try #require(run.comparison("certificate"))
        #expect(certificate.isMet && !certificate.isDeclared)
        #expect(certificate.expected == "trusted, in date, and for shop.example")
        #expect(run.connections.allSatisfy { $0.isClosed })
        #expect(run.handshakes.map(\.settings.serverName) == ["shop.example"])
    }

    @Test func address_getsNoSNI() async throws {
        var scenario = Scenario()
        scenario.target = "192.0.2.1:443"
        let run = try await scenario.run()
        #expect(run.handshakes.map(\.settings.serverName) == [nil])
        #expect(run.handshakes.map(\.settings.expectedName) == [Host("192.0.2.1")])
    }

    @Test func keys_becomeSettings() async throws {
        var scenario = Scenario()
        scenario.target = "192.0.2.1:443"
        scenario.parameters = [
            "serverName": .text("shop.example."), "ca": .text("/ca.pem"), "certificate": .text("/me.pem"),
            "key": .text("/me.key"),
            "minVersion": .text("1.1"), "maxVersion": .text("1.2"), "alpn": .list(["h2", "http/1.1"]),
        ]
        let settings = try #require(try await scenario.run().handshakes.first?.settings)
        #expect(settings.serverName == "shop.example")
        #expect(settings.expectedName == Host("shop.example."))
        #expect(settings.caPath == "/ca.pem" && settings.certificatePath == "/me.pem" && settings.keyPath == "/me.key")
        #expect(settings.minVersion == .tls11 && settings.maxVersion == .tls12)
        #expect(settings.alpn == ["h2", "http/1.1"])
    }

    @Test func deadAddresses_leaveTimeForTheNext() async throws {
        var scenario = Scenario()
        scenario.hosts = ["shop.example": ["192.0.2.1", "192.0.2.2", "192.0.2.3"]]
        let run = try await scenario.run([
            "192.0.2.1:443": [.timedOut], "192.0.2.2:443": [StreamScript()], "192.0.2.3:443": [StreamScript()],
        ])
        #expect(run.samples.map(\.outcome) == [.answered])
        // The third is only looked at, after the handshake.
        #expect(run.connects.map(\.outcome) == [.timedOut, .connected, .connected])
        #expect(run.connects.first?.elapsed == .nanoseconds(4_000_000_000 / 3))
        #expect(run.handshakes.map(\.endpoint.description) == ["192.0.2.2:443"])
    }

    @Test func noAddressAccepts_failsAtConnect() async throws {
        let run = try await Scenario().run(["192.0.2.1:443": [.refused]])
        #expect(run.samples.map(\.outcome) == [.failed(.connect)])
        #expect(run.samples.first?.comparisons.isEmpty == true)
    }

    @Test func noAddressOfTheFamily_failsAtResolve() async throws {
        var scenario = Scenario()
        scenario.target = "[2001:db8::1]:443"
        var check = try scenario.check()
        check.family = .v4
        let time = ManualTime()
        let samples = try await runProbe(
            try TLSProbe(check: check), check: check, capabilities: .scripted(), time: time)
        #expect(samples.map(\.outcome) == [.failed(.resolve)])
    }

    @Test func failedHandshake_keepsItsCertificates() async throws {
        var scenario = Scenario()
        scenario.change = { $0.outcome = .failed(.alert("certificate_required")) }
        let run = try await scenario.run()
        let sample = try #require(run.samples.first)
        #expect(sample.outcome == .failed(.tls))
        #expect(sample.latency == nil && sample.phases.tls == nil)
        #expect(run.comparison("certificate")?.isMet == true)
    }

    @Test func failureBeforeAnyCertificate_comparesNothing() async throws {
        var scenario = Scenario()
        scenario.expected = ["validFor": .span(.seconds(86_400)), "version": .list(["1.3"])]
        scenario.change = {
            $0.outcome = .failed(.notTLS([0x48]))
            ($0.chain, $0.nameMatch, $0.version) = ([], nil, nil)
        }
        #expect(try await scenario.run().samples.first?.comparisons.isEmpty == true)
    }

    @Test func objections_areAllSaid() async throws {
        var scenario = Scenario()
        scenario.change = { fact in
            fact.verification = [
                VerificationProblem(kind: .expired, depth: 0, code: 10, reason: "certificate has expired"),
                VerificationProblem(
                    kind: .unknownIssuer, depth: 1, code: 20, reason: "unable to get local issuer certificate"),
            ]
            fact.nameMatch = false
            fact.expectedName = "shop.example"
            fact.chain[0].dnsNames = ["a.test", "b.test", "c.test", "d.test", "\u{1b}[31m"]
        }
        let comparison = try #require(try await scenario.run().comparison("certificate"))
        #expect(!comparison.isMet)
        #expect(
            comparison.seen
                == "certificate has expired (the server's own certificate); "
                + "unable to get local issuer certificate (certificate 1 above the server's); "
                + "it is for a.test, b.test, c.test, d.test, …, not for shop.example")
    }

    @Test func noCertificate_isAnObjection() async throws {
        var scenario = Scenario()
        scenario.change = { ($0.chain, $0.nameMatch) = ([], nil) }
        #expect(try await scenario.run().comparison("certificate")?.seen == "no certificate was presented")
    }

    @Test func validFor_goesByTheShortestLived() async throws {
        var scenario = Scenario()
        scenario.expected = ["validFor": .span(.seconds(30 * 86_400))]
        scenario.change = { fact in
            var issuer = fact.chain[0]
            issuer.commonName = "Old CA"
            // The scripted leaf is valid for eighty days more.
            issuer.notAfter = issuer.notAfter + .seconds(-60 * 86_400)
            fact.chain.append(issuer)
        }
        let comparison = try #require(try await scenario.run().comparison("validFor"))
        #expect(!comparison.isMet && comparison.isDeclared)
        #expect(comparison.expected == "at least 30 days")
        #expect(comparison.seen == "20 days left (Old CA)" || comparison.seen == "19 days left (Old CA)")
        scenario.expected = ["validFor": .span(.seconds(10 * 86_400))]
        #expect(try await scenario.run().comparison("validFor")?.isMet == true)
    }

    @Test func validFor_saysWhenItIsOver() async throws {
        var scenario = Scenario()
        scenario.expected = ["validFor": .span(.seconds(86_400))]
        scenario.change = { $0.chain[0].notAfter = WallTime(seconds: 1_769_860_800 - 86_400) }
        let comparison = try #require(try await scenario.run().comparison("validFor"))
        #expect(!comparison.isMet)
        #expect(comparison.seen == "shop.example expired on 2026-01-30 12:00 UTC")
    }

    @Test(arguments: [("TLSv1.3", "1.3", true), ("TLSv1.2", "1.2", false), ("TLSv1", "1.0", false)])
    func version_isCompared(agreed: String, seen: String, isMet: Bool) async throws {
        var scenario = Scenario()
        scenario.expected = ["version": .list(["1.3"])]
        scenario.change = { $0.version = agreed }
        let comparison = try #require(try await scenario.run().comparison("version"))
        #expect(comparison.seen == seen && comparison.isMet == isMet && comparison.isDeclared)
    }

    @Test(arguments: [
        ["certificate": ParameterValue.text("/me.pem")], ["key": .text("/me.key")],
        ["minVersion": .text("1.3"), "maxVersion": .text("1.2")], ["serverName": .text("not a name")],
    ]) func contradiction_isAMistakeInThePlan(parameters: [String: ParameterValue]) throws {
        var scenario = Scenario()
        scenario.parameters = parameters
        let check = try scenario.check()
        #expect(throws: PlanProblem.self) { try TLSProbe(check: check) }
    }
}
