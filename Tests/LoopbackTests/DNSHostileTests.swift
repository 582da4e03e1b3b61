import FaultServers
import LinuxIO
import NameResolution
import NetValues
import Observations
import ProbeKit
import Testing
import Wire

private let address = DNSRecordData.address(.v4(IPv4Address(bits: 0xc000_0201)))

/// Servers that speak garbage: each is told as what it is, in time, and never as a fault of the network.
@Suite(.onReactor, .timeLimit(.minutes(2))) struct DNSHostileTests {
    private let reactor: Reactor
    private let exchange: AresExchange

    init() throws {
        reactor = try Reactor()
        exchange = AresExchange(reactor: reactor)
    }

    private func reply(
        _ fault: DNSFault, over transport: DNSFact.Transport = .udp, timeout: Duration = .milliseconds(200),
        type: DNSType = .a
    ) async throws -> DNSReply {
        let server = DNSFaultServer(reactor: reactor, faults: ["*": fault])
        let endpoint = try await server.start()
        let query = DNSQueryForm().query(try #require(DomainName("db.test")), type)
        let start = Instant.now
        let reply = try await exchange.exchange(
            query, with: endpoint, over: transport, source: nil, deadline: start + timeout)
        #expect(Instant.now - start < timeout + .seconds(5), "no exchange outlives its deadline by much")
        await server.stop()
        return reply
    }

    /// What is no answer is told at the deadline only, and on a busy machine the server may not have sent it by then: asks
    /// again with more time until something came.
    private func untilSomethingComes(_ ask: (_ timeout: Duration) async throws -> DNSReply) async rethrows -> DNSReply {
        var timeout = Duration.milliseconds(200)
        while true {
            let reply = try await ask(timeout)
            guard case .timedOut = reply.outcome, timeout < .seconds(20) else { return reply }
            timeout = timeout * 2
        }
    }

    private func reason(_ reply: DNSReply) -> String? {
        if case .malformed(let reason, _) = reply.outcome { reason } else { nil }
    }

    private static let query = DNSQueryForm().query(DomainName("db.test") ?? .root, .a)
    private static func record(_ name: String = "db.test.", _ data: DNSRecordData = address) -> DNSRecord {
        DNSRecord(name: name, type: data == address ? .a : .cname, ttl: 60, data: data)
    }
    /// A right answer without its id.
    private static func body(_ records: [DNSRecord] = [record()], _ change: (inout [UInt8]) -> Void = { _ in })
        -> [UInt8]
    {
        var message = query
        message.isResponse = true
        message.answers = records
        var bytes = message.encoded()
        change(&bytes)
        return Array(bytes.dropFirst(2))
    }

    /// Cut at every byte: never an answer that was not sent whole, and never anything worse.
    @Test func everyPrefixOfAnAnswer_isAnAnswerOnlyWhenWhole() async throws {
        let whole = Self.body([Self.record(), Self.record("db.test.", address)])
        let server = DNSFaultServer(
            reactor: reactor,
            faults: Dictionary(
                uniqueKeysWithValues: (0..<whole.count).map { ("n\($0).test", .garbageWithID(Array(whole.prefix($0)))) }
            ))
        let endpoint = try await server.start()
        await withTaskGroup(of: Bool.self) { group in
            for length in 0..<whole.count {
                group.addTask {
                    let query = DNSQueryForm().query(DomainName("n\(length).test") ?? .root, .a)
                    let reply = try? await untilSomethingComes { timeout in
                        try await exchange.exchange(
                            query, with: endpoint, over: .udp, source: nil, deadline: .now + timeout)
                    }
                    // The question within is for another name, so even a whole header is no answer to this one.
                    return if case .malformed = reply?.outcome { true } else { false }
                }
            }
            for await isMalformed in group { #expect(isMalformed) }
        }
        await server.stop()
    }

    @Test(
        arguments: [
            // Counts that lie.
            (body { $0[7] = 200 }, "cut short"),
            (
                body {
                    $0[6] = 0xff; $0[7] = 0xff
                }, "cut short"
            ),
            (body { $0[5] = 0xff }, "cut short"), (body { $0[11] = 9 }, "cut short"),
            // QR=0: a question.
            (body { $0[2] &= 0x7f }, "a question came back"),
            // RDLENGTH far beyond the message, before the OPT record of 11 bytes.
            (body { $0[$0.count - 11 - 6] = 0xff }, "A record is invalid"),
            // The record's name points forwards, to itself, and to the header.
            (pointing(to: 0x3fff), "loop"), (pointing(to: 25), "loop"),
            // A label of a reserved kind.
            (pointing(to: 0x0100, kind: 0x80), "invalid"),
            // Two OPT records.
            (twice(), "OPT record"),
        ] as [([UInt8], String)])
    func brokenMessage_isMalformedAtOnce(bytes: [UInt8], text: String) async throws {
        for transport in [DNSFact.Transport.udp, .tcp] {
            let reply = try await reply(.garbageWithID(bytes), over: transport, timeout: .seconds(5))
            #expect(reason(reply)?.contains(text) == true, "\(String(describing: reply.outcome))")
            #expect(reply.elapsed < .seconds(4))
        }
    }

    /// Header, question, and an answer record whose name is a pointer.
    private static func pointing(to offset: UInt16, kind: UInt8 = 0xc0) -> [UInt8] {
        var bytes = Array(body([]).prefix(10 + 13))
        bytes[5] = 1
        bytes[9] = 0
        return bytes + [kind | UInt8(offset >> 8), UInt8(truncatingIfNeeded: offset)]
            + [0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]
    }

    private static func twice() -> [UInt8] {
        let bytes = body()
        return Array(bytes.prefix(9)) + [2] + bytes.dropFirst(10) + bytes.suffix(11)
    }

    @Test func anotherOpcode_isNoAnswer() async throws {
        let fault = DNSFault.garbageWithID(Self.body { $0[2] |= 0x28 })
        let reply = try await untilSomethingComes { try await self.reply(fault, timeout: $0) }
        #expect(reason(reply) == "the answer has opcode 5, not that of a query")
    }

    @Test func aliasesInACircle_andAHundredInARow_areRead() async throws {
        let circle = [Self.record("db.test.", .name("b.test.")), Self.record("b.test.", .name("db.test."))]
        let looping = try await reply(.garbageWithID(Self.body(circle)), timeout: .seconds(5))
        let name = try #require(DomainName("db.test"))
        guard case .answered(let message) = looping.outcome else { throw Mismatch() }
        #expect(message.records(for: name, .a).isEmpty && message.hasAliasLoop(from: name))

        let chain =
            [Self.record("db.test.", .name("n0.test."))]
            + (0..<100).map { Self.record("n\($0).test.", .name("n\($0 + 1).test.")) } + [Self.record("n100.test.")]
        let long = try await reply(.garbageWithID(Self.body(chain)), over: .tcp, timeout: .seconds(5))
        guard case .answered(let message) = long.outcome else { throw Mismatch() }
        #expect(message.records(for: name, .a).map(\.data) == [address])
    }

    private struct Mismatch: Error {}

    @Test func recordsForAnotherName_areNotBelieved() async throws {
        let reply = try await reply(.garbageWithID(Self.body([Self.record("evil.test.")])), timeout: .seconds(5))
        guard case .answered(let message) = reply.outcome else { throw Mismatch() }
        #expect(message.records(for: try #require(DomainName("db.test")), .a).isEmpty)
    }

    /// Labels may hold any byte: what is shown of them holds no control character.
    @Test func controlBytesInNames_areEscaped() async throws {
        var bytes = Self.body([]) {
            $0[7] = 1; $0[11] = 0
        }
        bytes =
            Array(bytes.prefix(10 + 13)) + [6, 0x1b, 0x5b, 0x33, 0x31, 0x6d, 0x07, 0] + [
                0, 5, 0, 1, 0, 0, 0, 1, 0, 2, 0xc0, 12,
            ]
        let reply = try await reply(.garbageWithID(bytes), timeout: .seconds(5))
        guard case .answered(let message) = reply.outcome else { throw Mismatch() }
        #expect(message.answers.first?.name == "\\027[31m\\007.")
    }

    // MARK: Over TCP

    @Test(
        arguments: [
            // The length prefix promises more than comes.
            (DNSTCPFault.prefix(500, end: .close), "the server closed the connection within its answer"),
            (.prefix(500, end: .hold), nil),
            // Less than comes: the rest reads as messages of its own.
            (.prefix(20, end: .hold), "cut short"),
            (.prefix(0, end: .hold), "0 bytes are too few for a DNS message"),
            (.prefix(3, end: .hold), "3 bytes are too few for a DNS message"),
            (.half(end: .close), "the server closed the connection within its answer"),
            (.half(end: .hold), nil), (.half(end: .shutdown), "the server closed the connection within its answer"),
            (.silence(end: .shutdown), "the server closed the connection without an answer"),
        ] as [(DNSTCPFault, String?)])
    func brokenStream_endsInTime(fault: DNSTCPFault, text: String?) async throws {
        let reply = try await reply(.stream(fault, [Self.record()]), over: .tcp, timeout: .seconds(3))
        if let text {
            #expect(reason(reply)?.contains(text) == true, "\(reply.outcome)")
        } else {
            // Accepted, and nothing whole came: told apart from a connection that never was.
            #expect({ if case .connected = reply.outcome { true } else { false } }(), "\(reply.outcome)")
        }
    }

    @Test func resetWithinTheAnswer_isAReset() async throws {
        let reply = try await reply(.stream(.half(end: .reset), [Self.record()]), over: .tcp, timeout: .seconds(5))
        guard case .failed(let failure) = reply.outcome else { throw Mismatch() }
        #expect(failure.name == "ECONNRESET" && reply.elapsed < .seconds(4))
    }

    /// A byte now and then: whole in time, or given up in time.
    @Test func drippingAnswer_isTakenWhenWhole_andGivenUpAtTheDeadline() async throws {
        let quick = try await reply(
            .stream(.drip(.milliseconds(1)), [Self.record()]), over: .tcp, timeout: .seconds(20))
        #expect({ if case .answered = quick.outcome { true } else { false } }(), "\(quick.outcome)")
        let slow = try await reply(
            .stream(.drip(.milliseconds(60)), [Self.record()]), over: .tcp, timeout: .milliseconds(300))
        #expect({ if case .connected = slow.outcome { true } else { false } }(), "\(slow.outcome)")
    }

    /// The largest message there can be, and then endlessly more of them: no more is kept than one message and a read.
    @Test func endlessMessages_areGivenUpAtTheDeadline_withoutGrowing() async throws {
        let reply = try await reply(.stream(.flood, [Self.record()]), over: .tcp, timeout: .milliseconds(400))
        #expect({ if case .answered = reply.outcome { false } else { true } }())
        #expect(await exchange.openSockets == 0)
    }

    @Test func largestMessage_isRead() async throws {
        let reply = try await reply(.oversized(65_000), over: .tcp, timeout: .seconds(10), type: .txt)
        guard case .answered(let message) = reply.outcome else { throw Mismatch() }
        #expect(message.answers.count == 65_000 / 213)
    }

    // MARK: Late

    /// The first datagram was given up when the second went out: its answer still counts, with the whole time.
    @Test func lateAnswer_reachesTheOneWhoAskedAgain() async throws {
        let server = DNSFaultServer(
            reactor: reactor, faults: ["*": .delay(.seconds(3), .answer([Self.record()]))])
        let endpoint = try await server.start()
        let facts = try await ServerInquiry(
            exchange: exchange, time: SystemTime(reactor: reactor), server: endpoint, source: nil
        ).ask(try #require(DomainName("db.test")), .a, deadline: .now + .seconds(5))
        await server.stop()
        #expect(facts.prefix(2).map(\.step) == [.query, .again])
        #expect(facts.conclusion?.message?.answers.count == 1)
        #expect((facts.conclusion?.elapsed ?? .zero) >= .seconds(3))
    }
}
