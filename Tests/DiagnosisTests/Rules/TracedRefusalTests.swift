import Diagnosis
import NetValues
import Observations
import Planning
import Testing

/// What traces bring where a plan wants no passage, and what one word of a router is worth.
@Suite struct TracedRefusalTests {
    private static let port = Endpoint(target.address, 22)

    private func reset(_ word: Planning.Expectation.Word) -> Judgement {
        let hops: [HopOutcome] = [.expired(hopAddress(1)), .expired(hopAddress(2)), .reset]
        return judge(expecting(word, trace(by: .tcp, to: Self.port, hops)))
    }

    private func expecting(_ word: Planning.Expectation.Word, _ fact: TraceFact) -> CheckRecord {
        record(
            "path", kind: "trace", target: .host(.address(target.address)),
            expect: Planning.Expectation(word: word, isDeclared: true),
            traced([fact]).samples)
    }

    @Test(arguments: [Planning.Expectation.Word.refused, .blocked])
    func aResetAtTheEndOfTheWay_isARefusal(_ word: Planning.Expectation.Word) {
        #expect(reset(word).status("path") == .passed)
    }

    @Test(arguments: [Planning.Expectation.Word.refused, .blocked])
    func anOpenPort_isNone(_ word: Planning.Expectation.Word) {
        let open: [HopOutcome] = [.expired(hopAddress(1)), .answered]
        #expect(judge(expecting(word, trace(by: .tcp, to: Self.port, open))).status("path") == .failed)
    }

    /// A closed UDP port refuses, and its word shows that datagrams get through.
    @Test func aClosedPortForDatagrams_isRefused_andNotBlocked() {
        let fact = trace(by: .udp, to: Endpoint(target.address, 33_434), [.expired(hopAddress(1)), closedPort])
        #expect(judge(expecting(.refused, fact)).status("path") == .passed)
        #expect(judge(expecting(.blocked, fact)).status("path") == .failed)
    }

    private func unreachable(_ code: UInt8, after trip: Duration) -> Judgement {
        let word = HopOutcome.failed(failure("EHOSTUNREACH", 113, icmp: icmp(3, code, from: hopAddress(2))))
        let hops = [HopOutcome.expired(hopAddress(1)), .expired(hopAddress(2)), word].enumerated().map {
            PathHop(limit: $0.offset + 1, outcome: $0.element, roundTrip: $0.offset < 2 ? .milliseconds(10) : trip)
        }
        let fact = TraceFact(
            destination: Endpoint(target.address, 33_434), carrier: .udp, source: ownAddress.address,
            flows: [PathFlow(number: 0, sourcePort: 40_000, hops: hops)], elapsed: .seconds(2))
        return judge(traced([fact]))
    }

    @Test func hostUnreachableAtOnce_leavesBothOpen() throws {
        let judgement = unreachable(1, after: .milliseconds(10))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["route-unreachable-remote"])
        #expect(finding.confidence == .likely)
        #expect(finding.cause.contains("nobody on its own link") && finding.cause.contains("route"))
        #expect(finding.remedy.first?.contains("check that the host is up") == true)
        #expect(finding.evidence.contains { $0.hasPrefix("UDP to ") })
    }

    @Test func networkUnreachable_isAMissingRoute() throws {
        let finding = try #require(unreachable(0, after: .milliseconds(10)).findings.first)
        #expect(finding.id == "route-unreachable-remote" && finding.confidence == .certain)
    }

    /// The same router answers in 10 ms what it knows: it asked for the host first.
    @Test func hostUnreachableMuchLaterThanTheRouterAnswers_isAMissingHost() {
        #expect(unreachable(1, after: .milliseconds(1600)).ids == ["next-hop-unresolved"])
        #expect(unreachable(0, after: .milliseconds(1600)).ids == ["route-unreachable-remote"])
    }
}
