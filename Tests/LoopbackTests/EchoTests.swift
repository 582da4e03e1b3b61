import Glibc
import LinuxIO
import NetValues
import Observations
import ProbeKit
import Synchronization
import Testing
import Wire

/// What this machine allows; asked of the kernel, as the opener does.
enum EchoRights {
    static let noRaw: Comment = "needs CAP_NET_RAW to see and forge ICMP on loopback"
    static let noEcho: Comment = "neither a ping socket (net.ipv4.ping_group_range) nor a raw socket is permitted here"

    static var raw: Bool { (try? OwnedSocket(family: .v4, type: Int32(SOCK_RAW.rawValue), protocol: 1)) != nil }
    static var ping: Bool { (try? OwnedSocket(family: .v4, type: Int32(SOCK_DGRAM.rawValue), protocol: 1)) != nil }
    static var any: Bool { raw || ping }
}

@Suite(.onReactor) struct EchoOpenerTests {
    @Test(.enabled(if: EchoRights.any, EchoRights.noEcho), arguments: ["127.0.0.1", "::1"])
    func loopback_repliesToEachRequest(_ text: String) async throws {
        try await Self.withSession(to: text, EchoSettings(size: 56)) { session in
            for sequence in UInt16(0)..<20 {
                #expect(await session.send(sequence: sequence) == nil)
                let event = await session.receive(deadline: .now + .seconds(5))
                guard case .reply(sequence, let roundTrip, let hopLimit, let isKernelStamped)? = event else {
                    Issue.record("no reply to \(sequence): \(String(describing: event))")
                    return
                }
                #expect(roundTrip > .zero && roundTrip < .seconds(4))
                #expect(hopLimit == 64)
                #expect(isKernelStamped)
            }
            #expect(await session.receive(deadline: .now) == nil)
        }
    }

    @Test(.enabled(if: EchoRights.any, EchoRights.noEcho), arguments: ["127.0.0.1", "::1"], [0, 1, 1472, 60_000])
    func loopback_repliesToEverySize(_ text: String, _ size: Int) async throws {
        try await Self.withSession(to: text, EchoSettings(size: size)) { session in
            #expect(await session.send(sequence: 1) == nil)
            guard case .reply(1, _, _, _)? = await session.receive(deadline: .now + .seconds(5)) else {
                Issue.record("no reply to \(size) bytes")
                return
            }
        }
    }

    @Test(.enabled(if: EchoRights.any, EchoRights.noEcho), arguments: ["127.0.0.1", "::1"])
    func burst_losesNothing(_ text: String) async throws {
        try await Self.withSession(to: text, EchoSettings(size: 8)) { session in
            for sequence in UInt16(0)..<200 { #expect(await session.send(sequence: sequence) == nil) }
            var seen: Set<UInt16> = []
            while seen.count < 200, let event = await session.receive(deadline: .now + .seconds(5)) {
                if case .reply(let sequence, _, _, _) = event { seen.insert(sequence) }
            }
            #expect(seen.count == 200)
        }
    }

    /// More than have a socket to themselves; two of them to one address.
    @Test(.enabled(if: EchoRights.any, EchoRights.noEcho))
    func manySessions_shareSocketsAndKeepTheirReplies() async throws {
        let opener = EchoOpener(reactor: try Reactor())
        let addresses = try (1...120).map { try #require(IPAddress("127.0.1.\(min($0, 119))")) }
        var sessions: [EchoConversation] = []
        for address in addresses {
            let session = try await opener.open(to: address, source: nil, settings: EchoSettings())
            sessions.append(EchoConversation(over: session))
        }
        for (index, session) in sessions.enumerated() {
            #expect(await session.send(sequence: UInt16(index)) == nil)
        }
        for (index, session) in sessions.enumerated() {
            guard case .reply(UInt16(index), _, _, _)? = await session.receive(deadline: .now + .seconds(5)) else {
                Issue.record("session \(index) has no reply of its own")
                continue
            }
            try await session.close()
        }
    }

    @Test(.enabled(if: EchoRights.any, EchoRights.noEcho))
    func sessionsToOneHost_seeOnlyTheirOwnReplies() async throws {
        let opener = EchoOpener(reactor: try Reactor())
        let address = try #require(IPAddress("127.0.0.1"))
        let sessions = [
            EchoConversation(over: try await opener.open(to: address, source: nil, settings: EchoSettings())),
            EchoConversation(over: try await opener.open(to: address, source: nil, settings: EchoSettings())),
        ]
        for (index, session) in sessions.enumerated() {
            #expect(await session.send(sequence: UInt16(index)) == nil)
        }
        for (index, session) in sessions.enumerated() {
            guard case .reply(UInt16(index), _, _, _)? = await session.receive(deadline: .now + .seconds(5)) else {
                Issue.record("session \(index) has no reply of its own")
                continue
            }
            #expect(await session.receive(deadline: .now) == nil)
            try await session.close()
        }
    }

    @Test(.enabled(if: EchoRights.any, EchoRights.noEcho))
    func manySessionsAtOnce_eachHaveTheirOwnReplies() async throws {
        let opener = EchoOpener(reactor: try Reactor())
        var sessions: [(session: EchoConversation, sequence: UInt16)] = []
        for number in UInt16(0)..<300 {
            let address = IPAddress.v4(IPv4Address(bits: 0x7f02_0001 + UInt32(number) / 2))
            let session = try await opener.open(to: address, source: nil, settings: EchoSettings(size: Int(number)))
            sessions.append((EchoConversation(over: session), number))
        }
        for (session, sequence) in sessions { #expect(await session.send(sequence: sequence) == nil) }
        for (session, sequence) in sessions {
            let event = await session.receive(deadline: .now + .seconds(5))
            guard case .reply(sequence, _, _, _)? = event else {
                Issue.record("session \(sequence) had \(String(describing: event))")
                continue
            }
            #expect(await session.receive(deadline: .now) == nil)
        }
        for (session, _) in sessions { try await session.close() }
    }

    @Test(.enabled(if: EchoRights.any, EchoRights.noEcho))
    func run_isInterrupted_whenCancelled() async throws {
        let opener = EchoOpener(reactor: try Reactor())
        let session = try await opener.open(
            to: try #require(IPAddress("127.0.0.1")), source: nil, settings: EchoSettings())
        let waiting = Task { await Self.interruption(of: session) }
        waiting.cancel()
        #expect(await waiting.value == .cancelled)
        await session.close()
    }

    @Test(.enabled(if: EchoRights.any, EchoRights.noEcho))
    func run_isInterrupted_whenCancelledWhileItWaits_orAfterClosing() async throws {
        let opener = EchoOpener(reactor: try Reactor())
        let session = try await opener.open(
            to: try #require(IPAddress("127.0.0.1")), source: nil, settings: EchoSettings())
        let course = EndlessCourse()
        let waiting = Task { await Self.interruption(of: session, course) }
        await course.hasBegun()
        waiting.cancel()
        #expect(await waiting.value == .cancelled)
        await session.close()
        guard case .unable(let inability)? = await Self.interruption(of: session) else {
            Issue.record("a closed session ran")
            return
        }
        #expect(inability.code == .internalFault)
    }

    @Test(.enabled(if: EchoRights.any, EchoRights.noEcho))
    func source_isBound_orTheInabilityNamesIt() async throws {
        try await Self.withSession(to: "127.0.0.1", EchoSettings(), source: "127.0.0.5") { session in
            #expect(await session.send(sequence: 3) == nil)
            guard case .reply(3, _, _, _)? = await session.receive(deadline: .now + .seconds(5)) else {
                Issue.record("no reply to 127.0.0.5")
                return
            }
        }
        let opener = EchoOpener(reactor: try Reactor())
        let (address, source) = (try #require(IPAddress("127.0.0.1")), try #require(IPAddress("198.18.0.77")))
        let interruption = await #expect(throws: ProbeInterruption.self) {
            _ = try await opener.open(to: address, source: source, settings: EchoSettings())
        }
        guard case .unable(let inability)? = interruption else { return }
        #expect(inability.code == .addressUnavailable)
        #expect(inability.action.contains("198.18.0.77"))
    }

    @Test(.enabled(if: EchoRights.any, EchoRights.noEcho))
    func close_returnsTheDescriptor() async throws {
        let opener = EchoOpener(reactor: try Reactor())
        let address = try #require(IPAddress("127.0.0.1"))
        // Far more than the limit on open files: none may be left behind, closed or only let go.
        for round in 0..<3000 {
            let session = try await opener.open(to: address, source: nil, settings: EchoSettings())
            if round.isMultiple(of: 2) { await session.close() }
        }
    }

    @Test(
        .enabled(if: !EchoRights.any, "this process may use ICMP sockets; run it as nobody in a new network namespace"))
    func inability_namesTheSysctlAndTheCapability_whenNothingIsPermitted() async throws {
        let opener = EchoOpener(reactor: try Reactor())
        let address = try #require(IPAddress("127.0.0.1"))
        let interruption = await #expect(throws: ProbeInterruption.self) {
            _ = try await opener.open(to: address, source: nil, settings: EchoSettings())
        }
        guard case .unable(let inability)? = interruption else { return }
        #expect(inability.code == .notPermitted)
        #expect(inability.fix.contains(#"sysctl -w net.ipv4.ping_group_range="0 2147483647""#))
        #expect(
            inability.fix.contains("setcap cap_net_raw+ep") && inability.fix.contains("capabilities.add: [NET_RAW]"))
    }

    private static func interruption(
        of session: any EchoSession, _ course: EndlessCourse = EndlessCourse()
    ) async -> ProbeInterruption? {
        do throws(ProbeInterruption) {
            try await session.run(course)
            return nil
        } catch { return error }
    }

    static func withSession(
        to text: String, _ settings: EchoSettings, source: String? = nil,
        _ body: (EchoConversation) async throws -> Void
    ) async throws {
        let opener = EchoOpener(reactor: try Reactor())
        let address = try #require(IPAddress(text))
        let session = EchoConversation(
            over: try await opener.open(to: address, source: source.flatMap { IPAddress($0) }, settings: settings))
        do { try await body(session) } catch {
            try await session.close()
            throw error
        }
        try await session.close()
    }
}

/// Sends nothing and has nothing due for a minute.
private final class EndlessCourse: EchoCourse {
    private let begun = AsyncStream<Void>.makeStream()

    func hasBegun() async { for await _ in begun.stream { return } }

    func sequenceDue(at now: Instant) -> UInt16? { nil }
    func refuse(_ sequence: UInt16, _ failure: SocketFailure, at now: Instant) {}
    func receive(_ event: EchoEvent, at now: Instant) {}
    func settle(at instant: Instant) -> Instant? {
        begun.continuation.yield()
        return instant + .seconds(60)
    }
}

/// A raw socket on loopback beside the session plays the hostile network: it sees the request, then forges answers to it.
@Suite(.onReactor, .enabled(if: EchoRights.raw, EchoRights.noRaw)) struct EchoForgeryTests {
    @Test func replyWithAnotherPayload_isForeign() async throws {
        try await Forger.withSession { session, forger in
            let request = try await forger.request(of: session, sequence: 7)
            var forged = request
            forged.payload = ArraySlice(request.payload.map { $0 ^ 1 })
            forger.send(forged.reply(.v4))
            #expect(await session.receive(deadline: .now + .seconds(5)) == .foreign)
        }
    }

    @Test func replyToASequenceThatWasNotSent_isForeign() async throws {
        try await Forger.withSession { session, forger in
            var forged = try await forger.request(of: session, sequence: 7)
            forged.sequence = 8
            forger.send(forged.reply(.v4))
            #expect(await session.receive(deadline: .now + .seconds(5)) == .foreign)
        }
    }

    @Test func copyOfAReply_isAReplyAgain() async throws {
        try await Forger.withSession { session, forger in
            let request = try await forger.request(of: session, sequence: 7)
            forger.send(request.reply(.v4))
            guard case .reply(7, _, _, _)? = await session.receive(deadline: .now + .seconds(5)) else {
                Issue.record("the copy was not taken for a copy")
                return
            }
        }
    }

    @Test func replyWithAnotherIdentifier_isIgnored() async throws {
        try await Forger.withSession { session, forger in
            // Far from ours: the kernel numbers ping sockets in a row, so the next one is another test's.
            var stranger = try await forger.request(of: session, sequence: 7)
            stranger.identifier ^= 0x8000
            forger.send(stranger.reply(.v4))
            // The copy behind it shows that the stranger's was passed over.
            stranger.identifier ^= 0x8000
            forger.send(stranger.reply(.v4))
            guard case .reply(7, _, _, _)? = await session.receive(deadline: .now + .seconds(5)) else {
                Issue.record("the stranger's reply was not ignored")
                return
            }
        }
    }

    @Test func icmpError_namesTheRequestAndTheOffender() async throws {
        try await Forger.withSession { session, forger in
            let request = try await forger.request(of: session, sequence: 7)
            forger.send(forger.error(type: 3, code: 13, quoting: request))
            guard case .error(let sequence, let failure)? = await session.receive(deadline: .now + .seconds(5))
            else {
                Issue.record("no error")
                return
            }
            #expect(sequence == 7)
            #expect(failure.name == "EHOSTUNREACH")
            #expect(failure.icmp?.origin == .icmp && failure.icmp?.type == 3 && failure.icmp?.code == 13)
            #expect(failure.icmp?.offender == forger.address)
        }
    }

    @Test func icmpErrorOfAnEarlierRequest_doesNotFailTheNext() async throws {
        try await Forger.withSession { session, forger in
            let request = try await forger.request(of: session, sequence: 7)
            forger.send(forger.error(type: 3, code: 1, quoting: request))
            #expect(await session.send(sequence: 8) == nil)
            var events: [EchoEvent] = []
            while events.count < 2, let event = await session.receive(deadline: .now + .seconds(5)) {
                events.append(event)
            }
            #expect(events.contains { if case .error(7, _) = $0 { true } else { false } })
            #expect(events.contains { if case .reply(8, _, _, _) = $0 { true } else { false } })
        }
    }

    @Test func redirect_isNoError() async throws {
        try await Forger.withSession { session, forger in
            let request = try await forger.request(of: session, sequence: 7)
            forger.send(forger.error(type: 5, code: 1, quoting: request))
            forger.send(request.reply(.v4))
            let event = await session.receive(deadline: .now + .seconds(5))
            guard case .reply(7, _, _, _)? = event else {
                Issue.record("the redirect was taken for \(String(describing: event))")
                return
            }
        }
    }

    @Test func errorForAnotherProcess_isIgnored() async throws {
        try await Forger.withSession { session, forger in
            var stranger = try await forger.request(of: session, sequence: 7)
            stranger.identifier ^= 0x8000
            forger.send(forger.error(type: 3, code: 1, quoting: stranger))
            stranger.identifier ^= 0x8000
            forger.send(stranger.reply(.v4))
            guard case .reply(7, _, _, _)? = await session.receive(deadline: .now + .seconds(5)) else {
                Issue.record("an error for somebody else was not ignored")
                return
            }
        }
    }
}

@Suite(.onReactor) struct EchoStampTests {
    private static let sent = EchoStamp(monotonic: Instant(nanoseconds: 1000), wall: WallTime(seconds: 1_700_000_000))

    private static func read(_ monotonic: Duration, wall: Duration) -> EchoStamp {
        EchoStamp(monotonic: sent.monotonic + monotonic, wall: sent.wall + wall)
    }

    private static func stamp(_ span: Duration) -> Int64 { (sent.wall + span).nanoseconds }

    @Test func roundTrip_isToTheKernelsStamp_howeverLateItIsRead() {
        let trip = Self.sent.roundTrip(
            kernelStamp: Self.stamp(.milliseconds(4)), read: Self.read(.seconds(2), wall: .seconds(2)))
        #expect(trip == (.milliseconds(4), true))
    }

    @Test func roundTrip_isToTheReading_whenThereIsNoStamp() {
        let trip = Self.sent.roundTrip(kernelStamp: 0, read: Self.read(.milliseconds(5), wall: .milliseconds(5)))
        #expect(trip == (.milliseconds(5), false))
    }

    @Test(arguments: [Duration.seconds(3600), .seconds(-3600), .milliseconds(2), .milliseconds(-2)])
    func roundTrip_isMonotonic_whenTheWallClockStepped(_ step: Duration) {
        let trip = Self.sent.roundTrip(
            kernelStamp: Self.stamp(.milliseconds(4) + step),
            read: Self.read(.milliseconds(5), wall: .milliseconds(5) + step))
        #expect(trip == (.milliseconds(5), false))
    }

    @Test(arguments: [Duration.milliseconds(-1), .milliseconds(20)])
    func roundTrip_isMonotonic_whenTheStampIsImpossible(_ stamp: Duration) {
        let trip = Self.sent.roundTrip(
            kernelStamp: Self.stamp(stamp), read: Self.read(.milliseconds(5), wall: .milliseconds(5)))
        #expect(trip == (.milliseconds(5), false))
    }

    @Test func roundTrip_toleratesSlewing() {
        // 500 ppm over ten seconds is five milliseconds.
        let trip = Self.sent.roundTrip(
            kernelStamp: Self.stamp(.milliseconds(9990)), read: Self.read(.seconds(10), wall: .milliseconds(9995)))
        #expect(trip == (.milliseconds(9990), true))
    }
}
