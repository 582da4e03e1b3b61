import Diagnosis
import NetValues
import Observations
import Planning
import Testing

private let clock = Endpoint(target.address, 123)

private func service(
    _ outcomes: ServiceFact.Outcome..., expect: Planning.Expectation.Word = .reachable, asked: Bool = true,
    attempts: Int = 2,
    endpoint: Endpoint = clock, also facts: [Fact] = []
) -> CheckRecord {
    let samples = outcomes.map { outcome in
        let fact = Fact.service(
            ServiceFact(
                endpoint: endpoint, source: ownAddress, service: "ntp", attempts: attempts, elapsed: .seconds(1),
                outcome: outcome))
        let isAnswered = if case .answered = outcome { true } else { false }
        return sample(
            isAnswered ? .answered : .failed(.query), latency: isAnswered ? .milliseconds(1) : nil, [fact] + facts)
    }
    return record(
        "time \(endpoint.port)", kind: "udp", target: hostPort(endpoint),
        expect: Planning.Expectation(word: expect, isDeclared: true), asked: asked, samples)
}

private func refused(by sender: IPAddress = target.address) -> ServiceFact.Outcome {
    .failed(failure("ECONNREFUSED", 111, icmp: icmp(3, 3, from: sender)))
}

private func contrast(_ outcome: ConnectFact.Outcome) -> Fact {
    .connect(
        ConnectFact(
            endpoint: clock, source: ownAddress, elapsed: .milliseconds(1), outcome: outcome, tcp: nil,
            isContrast: true))
}

@Suite struct UDPNoResponseTests {
    @Test func silence_isAmbiguous_andSaysSo() throws {
        let judgement = judge(service(.silent))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["udp-no-response"])
        #expect(finding.severity == .warning && finding.confidence == .possible)
        #expect(finding.summary.contains("open and silent, filtered, or lost"))
        #expect(judgement.status("time 123") == .warned)
        #expect(judgement.verdict == .degraded)
    }

    @Test func aRefusedConnectionBeside_showsThatTheHostLives() throws {
        let judgement = judge(service(.silent, also: [contrast(.failed(failure("ECONNREFUSED", 111)))]))
        // The contrast is no refusal of what was asked for.
        #expect(judgement.ids == ["udp-no-response"])
        let finding = try #require(judgement.findings.first)
        #expect(finding.confidence == .likely)
        #expect(finding.evidence.contains { $0.contains("but the host is up") })
    }

    @Test func aConnectionBesideThatIsMade_isNoPassage() {
        let judgement = judge(service(.silent, also: [contrast(.connected)]))
        #expect(judgement.ids == ["udp-no-response"])
        #expect(judge(service(.silent, expect: .blocked, also: [contrast(.connected)])).verdict == .healthy)
    }

    @Test func whatNobodyAskedFor_isInfo() throws {
        #expect(try #require(judge(service(.silent, asked: false)).findings.first).severity == .info)
    }

    @Test func oneDatagram_provesNothing() {
        #expect(!judge(service(.silent, attempts: 1)).ids.contains("udp-no-response"))
    }

    @Test func answers_andExpectedSilence_areFine() {
        #expect(judge(service(.answered("NTP"))).ids.isEmpty)
        #expect(judge(service(.silent, expect: .blocked)).verdict == .healthy)
        #expect(judge(service(.silent, .answered("NTP"), .answered("NTP"))).ids != ["udp-no-response"])
    }

    @Test func aHostThatRefusesManyPorts_sendsFewErrors() throws {
        let closed = (1...4).map { service(refused(), endpoint: Endpoint(target.address, UInt16(200 + $0))) }
        let judgement = judge(closed + [service(.silent)])
        let finding = try #require(judgement.findings.first { $0.id == "udp-no-response" })
        #expect(finding.evidence.contains { $0.contains("a host sends only a few a second") })
    }

    @Test func aSilentPingThatNobodyAskedFor_belongsToIt() {
        let echo = EchoFact(address: target.address, sequence: 0, outcome: .lost, roundTrip: nil)
        func pings(asked: Bool) -> CheckRecord {
            record(
                "ping", kind: "icmp", target: .host(.address(target.address)), asked: asked,
                [sample(.failed(.echo), [.echo(echo)])])
        }
        #expect(judge(service(.silent), pings(asked: false)).ids == ["udp-no-response"])
        #expect(Set(judge(service(.silent), pings(asked: true)).ids) == ["udp-no-response", "expectation-unmet"])
    }
}

@Suite struct UDPRefusedTests {
    @Test func portUnreachableOfTheTarget_isAClosedPort() throws {
        let judgement = judge(service(refused(), .silent))
        #expect(judgement.ids == ["tcp-refused"])
        #expect(try #require(judgement.findings.first).confidence == .certain)
        #expect(judgement.verdict == .failing)
    }

    @Test func theSameOfADevice_isARejection() {
        #expect(judge(service(refused(by: router))).ids == ["tcp-rejected"])
        let prohibited = ServiceFact.Outcome.failed(failure("EHOSTUNREACH", 113, icmp: icmp(3, 13)))
        #expect(judge(service(prohibited)).ids == ["tcp-rejected"])
    }

    @Test func aLocalFilter_andNoRoute_areTheirOwn() {
        #expect(judge(service(.failed(failure("EPERM", 1)))).ids == ["local-egress-denied"])
        #expect(judge(service(.failed(failure("ENETUNREACH", 101)))).ids == ["no-route-local"])
        let away = ServiceFact.Outcome.failed(failure("ENETUNREACH", 101, icmp: icmp(3, 0)))
        #expect(judge(service(away)).ids == ["route-unreachable-remote"])
    }

    @Test func expectations_areMetByIt_orWarn() throws {
        #expect(judge(service(refused(), expect: .refused)).verdict == .healthy)
        let blocked = judge(service(refused(), expect: .blocked))
        #expect(blocked.ids == ["tcp-refused"])
        #expect(try #require(blocked.findings.first).severity == .warning)
    }

    @Test func whatIsNoAnswer_isNeitherSilenceNorRefusal() {
        let judgement = judge(service(.malformed(reason: "no answer to the request", bytes: [1])))
        #expect(judgement.ids == ["expectation-unmet"])
    }

    @Test func aPortThatIsOpenThoughBlocked_isTold() {
        #expect(judge(service(.answered("NTP"), expect: .blocked)).ids == ["flow-not-blocked"])
    }
}
