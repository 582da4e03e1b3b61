import Diagnosis
import NetValues
import Observations
import Planning
import Testing

private let scan = "198.18.2.0/28:22,80"
private let silence = ConnectFact.Outcome.timedOut
private let refusal = ConnectFact.Outcome.failed(failure("ECONNREFUSED", 111))
private let rejection = ConnectFact.Outcome.failed(failure("EHOSTUNREACH", 113, icmp: icmp(3, 13)))

/// One endpoint of the range 198.18.2.0/28.
private func member(
    _ host: UInt32, _ port: UInt16, _ outcome: ConnectFact.Outcome, open: [UInt16]? = nil, range: String = scan
) -> CheckRecord {
    let endpoint = Endpoint(.v4(IPv4Address(bits: 0xc612_0200 + host)), port)
    let record = tcp(
        "scan [\(endpoint)]", to: endpoint, outcome, elapsed: outcome == .connected ? .milliseconds(1) : .seconds(3),
        retransmits: outcome == .connected ? 0 : 2)
    var check = record.check
    check.range = range
    if let open, !open.contains(port) {
        check.expectation = Planning.Expectation(word: .blocked, isDeclared: true, isClosedByOmission: true)
    }
    return CheckRecord(check: check, samples: record.samples, ending: .measured, startedAt: .zero)
}

@Suite struct RangeGatheringTests {
    @Test func endpointsThatFailAlike_areOneFinding() throws {
        let judgement = judge(
            (1...5).map { member($0, 80, refusal) } + (1...3).map { member($0, 22, rejection) }
                + [member(4, 22, .connected)])
        #expect(Set(judgement.ids) == ["tcp-refused", "tcp-rejected"] && judgement.ids.count == 2)
        let finding = try #require(judgement.findings.first { $0.id == "tcp-refused" })
        #expect(finding.subject == scan)
        #expect(finding.summary.contains("5 of 28 endpoints of \(scan)"))
        #expect(finding.evidence.first == "so 198.18.2.1-5:80")
        #expect(finding.checks.count == 5)
        #expect(judgement.checks.count { $0.status == .failed } == 8)
    }

    @Test func aSingleEndpoint_keepsItsName() {
        let judgement = judge([member(1, 80, refusal), member(2, 80, .connected)])
        #expect(judgement.findings.map(\.subject) == ["198.18.2.1:80"])
    }

    @Test func twoRanges_andATargetOfItsOwn_stayApart() {
        let judgement = judge(
            [member(1, 80, refusal), member(2, 80, refusal)]
                + [member(3, 80, refusal, range: "b:1-9"), member(4, 80, refusal, range: "b:1-9")]
                + [tcp("own", to: Endpoint(router, 80), refusal)])
        #expect(judgement.ids == ["tcp-refused", "tcp-refused", "tcp-refused"])
        #expect(Set(judgement.findings.map(\.subject)) == [scan, "b:1-9", "198.18.1.1:80"])
    }

    @Test func rejectionsThatAreLimited_mayLookSilent() throws {
        let judgement = judge((1...4).map { member($0, 80, rejection) } + (5...7).map { member($0, 80, silence) })
        let finding = try #require(judgement.findings.first { $0.id == "tcp-filtered-drop" })
        #expect(finding.evidence.contains { $0.contains("4 other endpoints of the range were refused by ICMP") })
    }

    @Test func confidences_areTheLeast_andTold() throws {
        // Of one host another port lives.
        let judgement = judge([member(1, 22, .connected)] + (1...3).map { member($0, 80, silence) })
        let finding = try #require(judgement.findings.first)
        #expect(finding.confidence == .possible)
        #expect(finding.evidence.contains("likely of 198.18.2.1:80"))
        #expect(finding.evidence.contains("possible of 198.18.2.2-3:80"))
    }

    @Test func states_areOfEachEndpoint() {
        let unreachable = ConnectFact.Outcome.failed(failure("EHOSTUNREACH", 113, icmp: icmp(3, 1)))
        let judgement = judge([
            member(1, 80, .connected), member(2, 80, refusal), member(3, 80, silence), member(4, 80, rejection),
            member(5, 80, unreachable), member(6, 80, .failed(failure("ENETUNREACH", 101))), tcp(.connected),
        ])
        #expect(
            judgement.checks.map(\.endpointState)
                == [.open, .closed, .silent, .rejected, .unreachable, .unmeasured, nil])
    }

    @Test func state_isOfTheConnection_notOfTheDatagramBeside() throws {
        let silent = member(1, 80, silence)
        let endpoint = try #require(Endpoint("198.18.2.1:80", defaultPort: 80))
        let closed = failure("ECONNREFUSED", 111, icmp: icmp(3, 3, from: endpoint.address))
        let beside = Fact.datagram(
            DatagramFact(endpoint: endpoint, elapsed: .milliseconds(1), outcome: .failed(closed)))
        let whole = sample(.failed(.connect), silent.samples.flatMap(\.facts) + [beside])
        let record = CheckRecord(check: silent.check, samples: [whole], ending: .measured, startedAt: .zero)
        #expect(judge([record]).checks.map(\.endpointState) == [.silent])
    }
}

@Suite struct UnexpectedOpenPortTests {
    @Test func anUndeclaredPortThatAnswers_isTold() throws {
        let judgement = judge([
            member(1, 80, .connected, open: [80]), member(1, 22, .connected, open: [80]),
            member(2, 22, .connected, open: [80]),
        ])
        #expect(judgement.ids == ["unexpected-open-port"])
        let finding = try #require(judgement.findings.first)
        #expect(finding.severity == .warning && finding.checks.count == 2)
        #expect(judgement.verdict == .degraded)
    }

    @Test(arguments: [silence, refusal, rejection, .failed(failure("EHOSTUNREACH", 113, icmp: icmp(3, 1)))])
    func closedInAnyWay_isAsExpected(_ outcome: ConnectFact.Outcome) {
        #expect(judge([member(1, 22, outcome, open: [80]), member(1, 80, .connected, open: [80])]).verdict == .healthy)
    }

    @Test(arguments: [failure("EACCES", 13), failure("ENETUNREACH", 101)])
    func whatDidNotLeave_showsNothing(_ own: SocketFailure) {
        #expect(judge([member(1, 22, .failed(own), open: [80])]).verdict == .failing)
    }

    @Test func aDeclaredPortThatIsClosed_isAFailure() {
        #expect(judge([member(1, 80, refusal, open: [80])]).ids == ["tcp-refused"])
    }
}
