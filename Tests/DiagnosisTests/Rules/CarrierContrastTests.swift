import Diagnosis
import NetValues
import Observations
import Planning
import Testing

private typealias Outcome = SoundingFact.Hop.Outcome

/// A router without a way on.
private func noWay(_ code: UInt8 = 0) -> SocketFailure { failure("ENETUNREACH", 101, icmp: icmp(3, code)) }

/// The ping that `leadsman check` adds.
private func echoes(_ outcome: EchoFact.Outcome, asked: Bool = false) -> CheckRecord {
    record(
        "ping", kind: "icmp", target: .host(.address(target.address)), asked: asked,
        (0..<3).map { index in
            sample(
                .failed(.echo),
                [.echo(EchoFact(address: target.address, sequence: index, outcome: outcome, roundTrip: nil))])
        })
}

private func sounding(_ carrier: SoundingFact.Carrier, _ outcomes: [Outcome]) -> Fact {
    let hops = outcomes.enumerated().map { index, outcome in
        SoundingFact.Hop(
            limit: index + 1, outcome: outcome, roundTrip: outcome == .silent ? nil : .milliseconds(index + 1))
    }
    return .sounding(
        SoundingFact(
            endpoint: carrier == .udp ? Endpoint(target.address, 33434) : target, carrier: carrier, hops: hops,
            elapsed: .milliseconds(30)))
}

private let datagram = Fact.datagram(
    DatagramFact(endpoint: target, elapsed: .milliseconds(1), outcome: .failed(noWay())))

/// Addresses of which some TCP ports are translated, and nothing else.
@Suite struct CarrierContrastTests {
    @Test(arguments: [UInt8(0), 1])
    func anEchoWithoutAWay_isANote_whereTCPWorks(_ code: UInt8) throws {
        let judgement = judge(echoes(.failed(noWay(code))), tcp(.connected))
        #expect(judgement.verdict == .healthy)
        #expect(judgement.ids.contains("icmp-filtered-tcp-ok") && !judgement.ids.contains("route-unreachable-remote"))
        let note = try #require(judgement.findings.first { $0.id == "icmp-filtered-tcp-ok" })
        #expect(note.cause.contains("a Service or load balancer"))
    }

    @Test func anEchoWithoutAWay_isARoutersWord_whereTCPHasNoneEither() {
        #expect(judge(echoes(.failed(noWay()))).ids == ["route-unreachable-remote"])
        let judgement = judge(echoes(.failed(noWay())), tcp(.failed(noWay())))
        #expect(judgement.ids == ["route-unreachable-remote"])
        #expect(judgement.findings.first?.checks.count == 2)
    }

    @Test func aRefusalBehindATranslator_isNotTheRouters() {
        let refused = tcp(.failed(failure("ECONNREFUSED", 111)), also: [datagram])
        #expect(judge(echoes(.failed(noWay())), refused).findings.first?.id == "tcp-refused")
    }

    @Test func aRejection_hasTheEchoesToo() {
        let rejected = tcp(.failed(failure("EHOSTUNREACH", 113, icmp: icmp(3, 13))), also: [datagram])
        #expect(judge(echoes(.failed(noWay())), rejected).ids == ["tcp-rejected"])
    }

    private static let way = sounding(.udp, [.expired(router), .failed(noWay())])

    @Test func silentSYNs_whereDatagramsHaveNoWay_areADrop() {
        let dropped = tcp(
            .timedOut, elapsed: .seconds(3), retransmits: 2,
            also: [datagram, sounding(.tcp, [.expired(router), .silent, .silent]), Self.way])
        let judgement = judge(echoes(.failed(noWay())), dropped)
        #expect(judgement.ids == ["tcp-filtered-drop"])
        #expect(judgement.status("ping") == .failed)
    }

    /// Errors about them come in the target's name, also where those about datagrams are rationed.
    @Test func silentSYNs_thatAreTranslated_areADrop() {
        let own: [Outcome] = [.expired(router), .expired(target.address), .silent]
        let dropped = tcp(
            .timedOut, elapsed: .seconds(3), retransmits: 2,
            also: [sounding(.tcp, own), sounding(.udp, [.expired(router), .silent])])
        #expect(judge(echoes(.failed(noWay(1))), dropped).ids == ["tcp-filtered-drop"])
    }

    /// One of them was rationed.
    @Test func echoesWithoutAReply_areNoLoss() {
        let samples = [EchoFact.Outcome.failed(noWay(1)), .lost, .lost].enumerated().map { index, outcome in
            sample(
                .failed(.echo),
                [.echo(EchoFact(address: target.address, sequence: index, outcome: outcome, roundTrip: nil))])
        }
        let pinged = record("ping", kind: "icmp", target: .host(.address(target.address)), asked: false, samples)
        #expect(!judge(pinged, tcp(.connected)).ids.contains("packet-loss"))
        #expect(judge(pinged, tcp(.connected)).verdict == .healthy)
    }

    /// Told of the SYNs too, or not seen.
    @Test func silentSYNs_thatAreNotKnownToFareOtherwise_haveNoWay() {
        for own in [[Outcome.expired(router), .failed(noWay())], [.expired(router)]] {
            let silent = tcp(
                .timedOut, elapsed: .seconds(3), retransmits: 2, also: [datagram, sounding(.tcp, own), Self.way])
            #expect(judge(silent).ids == ["route-unreachable-remote"])
        }
        #expect(
            judge(tcp(.timedOut, elapsed: .seconds(3), retransmits: 2, also: [datagram])).ids == [
                "route-unreachable-remote"
            ])
    }

    /// A router's address resolution takes seconds: what comes after it may be too late for the SYN.
    @Test func aLateWordOfAMissingHost_isTheRoutersToo() {
        let hop = SoundingFact.Hop(limit: 2, outcome: .failed(noWay(1)), roundTrip: .seconds(2))
        let late = Fact.sounding(
            SoundingFact(
                endpoint: Endpoint(target.address, 33434), carrier: .udp, hops: [hop], elapsed: .seconds(2)))
        let silent = tcp(
            .timedOut, elapsed: .seconds(3), retransmits: 2,
            also: [datagram, sounding(.tcp, [.expired(router), .silent, .silent]), late])
        #expect(judge(silent).ids == ["route-unreachable-remote"])
    }
}
