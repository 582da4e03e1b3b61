import NetValues
import Observations
import ProbeKit
import ProbeTesting
import Synchronization
import Testing

/// What comes back and says nothing of sizes, or of which way.
struct MTUAnswersTests {
    private let v4 = IPAddress.v4(IPv4Address(bits: 0xc612_0302))
    private let v6 = IPAddress.v6(IPv6Address(high: 0xfd00_0018_0003_0000, low: 2))
    private let router = IPAddress.v4(IPv4Address(bits: 0xc612_0101))

    private func search(
        _ answers: Answers, _ time: ManualTime, to address: IPAddress, _ carrier: SoundingFact.Carrier = .udp
    ) async throws -> PathMTUFact {
        let request = PathRequest(destination: Endpoint(address, 33434), carrier: carrier)
        var search = PathMTUSearch(
            answers, request, PathMTUSearch.Settings(largest: 1500, locates: false), time: time,
            deadline: time.now() + .seconds(60))
        return try await search.run()
    }

    /// A target, a filter or a router on the way says no to each: that will not change, and no ration is waited for.
    @Test func whoRejectsEverySizeIsHeardAtOnce() async throws {
        let prohibited = SocketFailure(
            code: 113, name: "EHOSTUNREACH",
            icmp: ICMPErrorReport(origin: .icmp, type: 3, code: 13, offender: router))
        for outcome in [
            SoundingFact.Hop.Outcome.failed(prohibited), .expired(router),
            .failed(SocketFailure(code: 111, name: "ECONNREFUSED")),
        ] {
            let time = ManualTime()
            let start = time.now()
            let answers = Answers(time) { _ in outcome }
            let fact = try await search(answers, time, to: v4)
            #expect(fact.ending == .unanswered)
            #expect(fact.largestPassed == nil)
            #expect(time.now() - start < .seconds(1))
            #expect(answers.count.load(ordering: .relaxed) < 8)
        }
    }

    /// ICMPv6 errors about datagrams of less than 1280 bytes are as large as these (RFC 4443 section 2.4 c).
    @Test(arguments: [(1000, PathMTUFact.Direction.both), (1231, .both), (1400, .out)])
    func largeErrorsAreLostOnEitherWay(limit: Int, direction: PathMTUFact.Direction) async throws {
        let unreachable = SocketFailure(
            code: 111, name: "ECONNREFUSED",
            icmp: ICMPErrorReport(origin: .icmpv6, type: 1, code: 4, offender: v6))
        let time = ManualTime()
        let answers = Answers(time) { $0 > limit ? .silent : .failed(unreachable) }
        let fact = try await search(answers, time, to: v6)
        #expect(fact.ending == .found && fact.largestPassed == limit)
        #expect(fact.direction == direction)
        #expect(fact.hasLargeErrors == (direction == .both))
    }

    /// The same over IPv4, whose errors quote little (RFC 792), and by echo, which tests both ways anyway.
    @Test func smallErrorsShowTheWayOut() async throws {
        let unreachable = SocketFailure(
            code: 111, name: "ECONNREFUSED",
            icmp: ICMPErrorReport(origin: .icmp, type: 3, code: 3, offender: v4))
        for (carrier, direction) in [(SoundingFact.Carrier.udp, PathMTUFact.Direction.out), (.icmp, .both)] {
            let time = ManualTime()
            let answers = Answers(time) { $0 > 1000 ? .silent : carrier == .udp ? .failed(unreachable) : .answered }
            let fact = try await search(answers, time, to: v4, carrier)
            #expect(fact.ending == .found && fact.largestPassed == 1000)
            #expect(fact.direction == direction)
            #expect(!fact.hasLargeErrors)
        }
    }

    /// From a port unreachable of somebody else nothing is concluded: it is not the target's.
    @Test func anotherHostsWordIsNoArrival() async throws {
        let unreachable = SocketFailure(
            code: 111, name: "ECONNREFUSED",
            icmp: ICMPErrorReport(origin: .icmp, type: 3, code: 3, offender: router))
        let time = ManualTime()
        let fact = try await search(Answers(time) { _ in .failed(unreachable) }, time, to: v4)
        #expect(fact.ending == .unanswered && fact.largestPassed == nil)
    }
}

/// What comes of a packet, by its size.
private final class Answers: PathSession {
    let time: ManualTime
    let answer: @Sendable (Int) -> SoundingFact.Hop.Outcome
    let count = Atomic(0)
    let sourcePort: UInt16? = nil

    init(_ time: ManualTime, _ answer: @escaping @Sendable (Int) -> SoundingFact.Hop.Outcome) {
        self.time = time
        self.answer = answer
    }

    func send(_ packet: PathPacket, deadline: Instant) async throws(ProbeInterruption) -> PathReply {
        count.add(1, ordering: .relaxed)
        let outcome = answer(packet.size ?? 0)
        return PathReply(
            sentAt: time.now(), outcome: outcome, roundTrip: outcome == .silent ? nil : .milliseconds(1))
    }

    func route() async -> (mtu: Int?, source: IPAddress?) { (1500, nil) }
    func close() async {}
}
