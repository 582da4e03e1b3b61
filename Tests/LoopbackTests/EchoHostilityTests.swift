import LinuxIO
import NetValues
import Observations
import ProbeKit
import Testing
import Wire

/// Replies and errors that somebody made up, kept back or cut, over real sockets. The real reply behind each shows that the
/// forged one was passed over.
@Suite(.onReactor, .enabled(if: EchoRights.raw, EchoRights.noRaw)) struct EchoHostilityTests {
    @Test(arguments: [0, 1, 8, 15, 17, 60])
    func replyOfAnotherLength_isForeign(_ size: Int) async throws {
        try await Forger.withSession { session, forger in
            let request = try await forger.request(of: session, sequence: 7)
            var forged = request
            forged.payload = (request.payload + [UInt8](repeating: 0, count: 64)).prefix(size)
            forger.send(forged.reply(.v4))
            #expect(await session.receive(deadline: .now + .seconds(5)) == .foreign)
        }
    }

    /// From two bytes on: the kernel sends no ICMP message without its type and code (EINVAL).
    @Test(arguments: 2..<8)
    func replyCutWithinItsHeader_isIgnored(_ length: Int) async throws {
        try await Forger.withSession { session, forger in
            let request = try await forger.request(of: session, sequence: 7)
            forger.send(Array(request.reply(.v4).prefix(length)))
            forger.send(request.reply(.v4))
            try await expectReply(7, session)
        }
    }

    @Test func replyWithAWrongChecksum_isNoReply() async throws {
        try await Forger.withSession { session, forger in
            let request = try await forger.request(of: session, sequence: 7)
            var broken = request.reply(.v4)
            broken[2] ^= 0x40
            forger.send(broken)
            forger.send(request.reply(.v4))
            try await expectReply(7, session)
        }
    }

    @Test func replyFromAnotherAddress_isNoReply() async throws {
        let stranger = try Forger()
        try await Forger.withSession { session, forger in
            let request = try await forger.request(of: session, sequence: 7)
            stranger.send(request.reply(.v4))
            forger.send(request.reply(.v4))
            try await expectReply(7, session)
            #expect(await session.receive(deadline: .now) == nil)
        }
    }

    /// After 65536 requests the numbers come round again: what answered the earlier request answers no later one.
    @Test func replyToAnEarlierRequestOfTheSameNumber_isForeign() async throws {
        try await Forger.withSession { session, forger in
            let earlier = try await forger.request(of: session, sequence: 7)
            let later = try await forger.request(of: session, sequence: 7)
            #expect(earlier != later)
            forger.send(earlier.reply(.v4))
            #expect(await session.receive(deadline: .now + .seconds(5)) == .foreign)
            forger.send(later.reply(.v4))
            try await expectReply(7, session)
        }
    }

    @Test func errorWithAForgedQuotation_isIgnored() async throws {
        try await Forger.withSession { session, forger in
            var forged = try await forger.request(of: session, sequence: 7)
            let request = forged
            forged.payload = ArraySlice(request.payload.map { $0 ^ 1 })
            forger.send(forger.error(type: 3, code: 1, quoting: forged, bytes: 24))
            forger.send(request.reply(.v4))
            try await expectReply(7, session)
        }
    }

    @Test(arguments: [8, 9, 16, 24], [0, 104])
    func errorWithAsMuchAsARouterQuotes_isToldWithItsRequest(_ bytes: Int, _ padding: Int) async throws {
        try await Forger.withSession { session, forger in
            let request = try await forger.request(of: session, sequence: 7)
            let zeros = [UInt8](repeating: 0, count: padding)
            forger.send(forger.error(type: 3, code: 1, quoting: request, bytes: bytes, padding: zeros))
            guard case .error(7, _)? = await session.receive(deadline: .now + .seconds(5)) else {
                Issue.record("no error")
                return
            }
        }
    }

    @Test(arguments: 0..<8)
    func errorWithLessThanAHeaderQuoted_isIgnored(_ bytes: Int) async throws {
        try await Forger.withSession { session, forger in
            let request = try await forger.request(of: session, sequence: 7)
            forger.send(forger.error(type: 3, code: 1, quoting: request, bytes: bytes))
            forger.send(request.reply(.v4))
            try await expectReply(7, session)
        }
    }

    @Test func errorAboutAnotherDestination_isIgnored() async throws {
        try await Forger.withSession { session, forger in
            let request = try await forger.request(of: session, sequence: 7)
            let other = IPAddress.v4(IPv4Address(bits: 0x7f01_ffff))
            forger.send(forger.error(type: 3, code: 1, quoting: request, destination: other))
            forger.send(request.reply(.v4))
            try await expectReply(7, session)
        }
    }

    @Test func errorAboutARequestThatWasNotSent_isIgnored() async throws {
        try await Forger.withSession { session, forger in
            let request = try await forger.request(of: session, sequence: 7)
            var forged = request
            forged.sequence = 8
            forger.send(forger.error(type: 3, code: 1, quoting: forged))
            forger.send(request.reply(.v4))
            try await expectReply(7, session)
        }
    }

    private func expectReply(_ sequence: UInt16, _ session: EchoConversation) async throws {
        // Whether a forgery reaches us to be counted, or the kernel drops it, differs between ping and raw sockets.
        for _ in 0..<3 {
            switch await session.receive(deadline: .now + .seconds(5)) {
            case .foreign: continue
            case .reply(sequence, let roundTrip, _, _)?:
                #expect(roundTrip > .zero && roundTrip < .seconds(5))
                return
            case let other: Issue.record("instead of the reply: \(String(describing: other))")
            }
            return
        }
        Issue.record("more forged replies than were sent")
    }
}
