import Diagnosis
import NetValues
import Observations
import Planning
import Testing

private func progress(
    acknowledged: Int, unacknowledged: Int = 0, retransmits: Int = 0, received: Int = 0
) -> StreamProgress {
    StreamProgress(
        acknowledgedBytes: acknowledged, receivedBytes: received, unacknowledgedSegments: unacknowledged,
        unsentBytes: 0, retransmits: retransmits)
}

/// A page that never comes, so often.
private func stalled(_ progress: StreamProgress?, sent: Int = 120, times: Int = 2, _ name: String = "page") throws
    -> CheckRecord
{
    let url = try #require(HTTPURL("http://198.18.2.2/ok"))
    let endpoint = Endpoint(target.address, 80)
    let connect = Fact.connect(
        ConnectFact(endpoint: endpoint, source: ownAddress, elapsed: .milliseconds(1), outcome: .connected, tcp: nil))
    let exchange = HTTPFact(
        url: url, endpoint: endpoint, method: "GET",
        outcome: .incomplete(.deadline, partial: PartialResponse(status: nil, bytes: 0, start: [])), firstByte: nil,
        elapsed: .seconds(3), sentBytes: sent, progress: progress)
    return record(
        name, kind: "http", target: .url(url),
        Array(repeating: sample(.failed(.response), [connect, .http(exchange)]), count: times))
}

@Suite struct FirstBytesTests {
    private let none = progress(acknowledged: 0, unacknowledged: 1, retransmits: 4)

    @Test func nothingAcknowledged_isAWayThatSeesOneDirection() throws {
        let judgement = judge(try stalled(none))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["asymmetric-routing"])
        #expect(finding.confidence == .likely)
        #expect(
            finding.evidence.first?.contains("nothing of ours was ever acknowledged, though sent again 4 times") == true
        )
        #expect(finding.cause.contains("queue of new connections"))
    }

    @Test func once_itIsOnlyPossible() throws {
        #expect(judge(try stalled(none, times: 1)).findings.first?.confidence == .possible)
    }

    @Test func anAcknowledgedRequest_isTheServers() throws {
        let judgement = judge(try stalled(progress(acknowledged: 120)))
        #expect(judgement.ids == ["expectation-unmet"])
        #expect(judgement.findings.first?.cause.contains("The request arrived whole") == true)
    }

    /// More than fits into any packet may be lost for its size.
    @Test func aLargeRequest_mayBeTooLarge() throws {
        let whole = progress(acknowledged: 0, unacknowledged: 3, retransmits: 3)
        #expect(judge(try stalled(whole, sent: 3000)).ids == ["expectation-unmet"])
        let cut = judge(try stalled(progress(acknowledged: 400, unacknowledged: 3, retransmits: 3), sent: 3000))
        #expect(cut.findings.first?.cause.contains("large packets are lost on the way") == true)
    }

    /// The last bytes may still be on their way.
    @Test func withoutASecondTry_nothingIsShown() throws {
        let early = progress(acknowledged: 0, unacknowledged: 1)
        #expect(judge(try stalled(early)).ids == ["expectation-unmet"])
    }

    @Test func anEndpointThatAnswersOthers_isNoSuchWay() throws {
        let judgement = judge(try stalled(none), http(hops: [("http://198.18.2.2/", 200, nil)]))
        #expect(judgement.ids == ["expectation-unmet"])
    }

    @Test func withoutTheKernelsWord_itStaysAsItWas() throws {
        let finding = try #require(judge(try stalled(nil)).findings.first)
        #expect(finding.id == "expectation-unmet" && finding.cause.contains("look alike"))
    }
}
