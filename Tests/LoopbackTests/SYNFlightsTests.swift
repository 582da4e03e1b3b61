import LinuxIO
import NetValues
import Observations
import ProbeKit
import Testing
import Wire

/// Which SYN an answer is about: rows of limits, answers and what is concluded.
@Suite final class SYNFlightsTests {
    private var flights = SYNFlights(sequence: 1000, number: 0x0001_fffc)
    private let now = Instant.now

    private func open(_ limits: ClosedRange<Int>) -> [Int: (id: UInt32, sending: SYNFlights.Sending)] {
        var opened: [Int: (id: UInt32, sending: SYNFlights.Sending)] = [:]
        for limit in limits { opened[limit] = flights.open(limit: limit, ticket: 0) }
        return opened
    }

    private static func segment(
        _ flags: UInt8, sequence: UInt32 = 7, acknowledges: UInt32, stamps: (UInt32, UInt32)? = nil
    ) throws -> SegmentStart {
        var bytes: [UInt8] = [1, 187, 156, 64]
        bytes.append(uint32: sequence)
        bytes.append(uint32: acknowledges)
        bytes += [stamps == nil ? 0x50 : 0x80, flags, 0, 0, 0, 0, 0, 0]
        if let stamps {
            bytes += [1, 1, 8, 10]
            bytes.append(uint32: stamps.0)
            bytes.append(uint32: stamps.1)
        }
        return try SegmentStart(decoding: bytes[...])
    }

    private static func reset(_ sending: SYNFlights.Sending) throws -> SegmentStart {
        try segment(0x14, acknowledges: sending.sequence &+ 1)
    }

    private static func accepted(_ sending: SYNFlights.Sending, echo: UInt32?) throws -> SegmentStart {
        try segment(0x12, acknowledges: sending.sequence &+ 1, stamps: echo.map { (99, $0) })
    }

    private func arrival(_ outcome: SoundingFact.Hop.Outcome, isTimed: Bool = true) -> PathFlight.Arrival {
        PathFlight.Arrival(outcome: outcome, stamp: 0, read: .now, isTimed: isTimed)
    }

    // `#expect` takes no mutating calls.
    private func conclude(_ answer: SegmentStart) -> SYNFlights.Conclusion { flights.conclude(answer, at: now) }

    private func find(quoted: SegmentStart, identification: UInt16?, isOurs: Bool) -> UInt32? {
        flights.find(quoted: quoted, identification: identification, isOurs: isOurs)?.id
    }

    private func again(_ id: UInt32) -> SYNFlights.Sending { flights.repeated(id) }

    @discardableResult
    private func close(_ id: UInt32) -> PathReply? { flights.close(id, at: now) }

    private func expire(_ id: UInt32?) {
        guard let id else { return }
        flights.settle(id, arrival(.expired(bothLoopbacks[0])))
    }

    /// One sequence number; numbers that rise (RFC 7323 section 5), of which none has a lower half of 0.
    @Test func syns_differByTheirNumberAlone() {
        let sendings = (1...8).map { flights.open(limit: $0, ticket: 0).sending }
        #expect(Set(sendings.map(\.sequence)) == [1000])
        #expect(sendings.map(\.number) == sendings.map(\.number).sorted() && Set(sendings.map(\.number)).count == 8)
        #expect(sendings.allSatisfy { $0.number & 0xffff != 0 })
        #expect(sendings.last?.number == 0x0002_0005)
    }

    @Test func anEchoedTimestamp_tellsWhich() throws {
        let syns = open(3...6)
        let five = try #require(syns[5])
        #expect(
            conclude(try Self.accepted(five.sending, echo: five.sending.number))
                == .one(five.id, isTimed: true))
        // The same again, and one that was never sent.
        flights.settle(five.id, arrival(.answered))
        #expect(conclude(try Self.accepted(five.sending, echo: five.sending.number)) == .foreign)
        #expect(flights.tellsPacketsApart)
    }

    /// One alone can be answered; or one alone has not met a router.
    @Test func anUnnumberedAnswer_thatFitsOne_isThatOnes() throws {
        let syns = open(1...3)
        for limit in 1...2 { expire(syns[limit]?.id) }
        let three = try #require(syns[3])
        #expect(conclude(try Self.reset(three.sending)) == .one(three.id, isTimed: true))
        #expect(flights.tellsPacketsApart)
    }

    /// The largest got there, whichever was answered; the others are sent again, each with a number of its own in the answer too.
    @Test func anUnnumberedAnswer_thatFitsSeveral_isAskedAgain() throws {
        let syns = open(3...6)
        expire(syns[3]?.id)
        let ids = try (4...6).map { try #require(syns[$0]).id }
        let six = try #require(syns[6])
        #expect(conclude(try Self.reset(six.sending)) == .several(ids[2], again: [ids[0], ids[1]]))
        #expect(!flights.tellsPacketsApart)
        flights.settle(ids[2], arrival(.reset, isTimed: false))
        let second = ids.prefix(2).map { again($0) }
        #expect(second.map(\.sequence) == [1001, 1002])
        // The first answers of the others come now.
        #expect(conclude(try Self.reset(six.sending)) == .foreign)
        #expect(conclude(try Self.reset(second[1])) == .one(ids[1], isTimed: true))
        #expect(conclude(try Self.reset(second[0])) == .one(ids[0], isTimed: true))
        let untimed = try #require(close(ids[2]))
        #expect(untimed.outcome == .reset && untimed.roundTrip == nil && !untimed.isTimeSetAside)
    }

    /// The next round: a silent router stands before the target, of which the distance is known.
    @Test func whatIsKnownToGetThere_isWhatWasAnswered() throws {
        let alone = try #require(open(5...5)[5])
        #expect(conclude(try Self.reset(alone.sending)) == .one(alone.id, isTimed: true))
        flights.settle(alone.id, arrival(.reset))
        close(alone.id)
        let syns = open(1...5)
        for limit in 1...3 { expire(syns[limit]?.id) }
        let five = try #require(syns[5])
        #expect(conclude(try Self.reset(five.sending)) == .one(five.id, isTimed: true))
        #expect(flights.tellsPacketsApart)
    }

    /// A target that was nearer: nothing is known of its distance then.
    @Test func aRouterWhereTheTargetWas_makesItForgotten() throws {
        let alone = try #require(open(3...3)[3])
        _ = conclude(try Self.reset(alone.sending))
        flights.settle(alone.id, arrival(.reset))
        close(alone.id)
        let syns = open(3...5)
        expire(syns[3]?.id)
        let five = try #require(syns[5])
        let four = try #require(syns[4])
        #expect(conclude(try Self.reset(five.sending)) == .several(five.id, again: [four.id]))
    }

    /// It may be the answer to one that was given up.
    @Test func aLateAnswer_isNobodys_andAsksAgain() throws {
        for (_, syn) in open(4...8) { close(syn.id) }
        let four = try #require(open(4...4)[4])
        #expect(conclude(try Self.reset(four.sending)) == .several(nil, again: [four.id]))
        let second = again(four.id)
        #expect(conclude(try Self.reset(four.sending)) == .foreign)
        #expect(conclude(try Self.reset(second)) == .one(four.id, isTimed: true))
        close(four.id)
        // From now on each wave has a sequence number of its own.
        let next = try #require(open(4...4)[4])
        #expect(next.sending.sequence > second.sequence)
        #expect(conclude(try Self.reset(next.sending)) == .one(next.id, isTimed: true))
    }

    @Test func anAnswerWithAnOldTimestamp_hasNoTime() throws {
        let first = try #require(open(2...2)[2])
        _ = conclude(try Self.accepted(first.sending, echo: first.sending.number))
        flights.settle(first.id, arrival(.answered))
        close(first.id)
        let second = try #require(open(2...2)[2])
        #expect(
            conclude(try Self.accepted(second.sending, echo: first.sending.number))
                == .one(second.id, isTimed: false))
    }

    @Test(arguments: [UInt8(0x10), 0x02, 0x04, 0x16, 0x00])
    func whatIsNoSynAckAndNoReset_isForeign(flags: UInt8) throws {
        let syn = try #require(open(1...1)[1])
        #expect(conclude(try Self.segment(flags, acknowledges: 1001)) == .foreign)
        #expect(conclude(try Self.segment(0x14, acknowledges: 1002)) == .foreign)
        #expect(flights.isOpen(syn.id))
    }

    // MARK: Quotes

    private static func quoted(_ sending: SYNFlights.Sending, bytes: Int, number: UInt32? = nil) throws -> SegmentStart
    {
        let packet = SYNPacket(
            source: Endpoint(bothLoopbacks[0], 40_000), destination: Endpoint(bothLoopbacks[0], 443), hopLimit: 1,
            identification: 0, flowLabel: 0, sequence: sending.sequence, timestamp: number ?? sending.number,
            segmentSize: 1460)
        return try SegmentStart(decoding: packet.bytes.dropFirst(20).prefix(bytes))
    }

    @Test func quotes_tellWhich_byTimestampOrIdentification() throws {
        let syns = open(1...4)
        let two = try #require(syns[2])
        let low = UInt16(truncatingIfNeeded: two.sending.number)
        #expect(find(quoted: try Self.quoted(two.sending, bytes: 40), identification: nil, isOurs: true) == two.id)
        #expect(find(quoted: try Self.quoted(two.sending, bytes: 8), identification: low, isOurs: true) == two.id)
        // Who has rewritten the port keeps the sequence number.
        #expect(find(quoted: try Self.quoted(two.sending, bytes: 8), identification: low, isOurs: false) == two.id)
        // Who has rewritten the timestamp keeps the identification.
        let other = try Self.quoted(two.sending, bytes: 40, number: 5)
        #expect(find(quoted: other, identification: low, isOurs: true) == two.id)
        let foreign = SYNFlights.Sending(number: two.sending.number, sequence: 5)
        #expect(find(quoted: try Self.quoted(foreign, bytes: 40), identification: low, isOurs: false) == nil)
    }

    @Test func aQuoteWithNeither_isOfTheOnlyOne() throws {
        let syns = open(1...2)
        let two = try #require(syns[2])
        let bare = try Self.quoted(two.sending, bytes: 8)
        #expect(find(quoted: bare, identification: nil, isOurs: true) == nil)
        #expect(!flights.tellsPacketsApart)
        expire(syns[1]?.id)
        #expect(find(quoted: bare, identification: nil, isOurs: true) == two.id)
    }
}
