import FaultServers
import LinuxIO
import NameResolution
import NetValues
import Observations
import ProbeKit
import Testing
import Wire

private let v4 = DNSRecordData.address(.v4(IPv4Address(bits: 0xc000_0201)))

/// Real c-ares against a real server on loopback.
@Suite(.onReactor, .timeLimit(.minutes(1))) struct DNSExchangeTests {
    private let reactor: Reactor
    private let exchange: AresExchange

    init() throws {
        reactor = try Reactor()
        exchange = AresExchange(reactor: reactor)
    }

    private func withServer<Value>(
        _ faults: [String: DNSFault], address: String = "127.0.0.1", listensOnTCP: Bool = true,
        _ body: (DNSFaultServer, Endpoint) async throws -> Value
    ) async throws -> Value {
        let server = DNSFaultServer(
            reactor: reactor, address: try #require(IPAddress(address)), listensOnTCP: listensOnTCP, faults: faults)
        let endpoint = try await server.start()
        let result: Result<Value, any Error>
        do { result = .success(try await body(server, endpoint)) } catch { result = .failure(error) }
        await server.stop()
        return try result.get()
    }

    private func ask(
        _ name: String, _ server: Endpoint, over transport: DNSFact.Transport = .udp, source: IPAddress? = nil,
        timeout: Duration = .seconds(5), type: DNSType = .a
    ) async throws -> DNSReply {
        let query = DNSQueryForm().query(try #require(DomainName(name)), type)
        return try await exchange.exchange(
            query, with: server, over: transport, source: source, deadline: .now + timeout)
    }

    private func records(_ name: String, _ data: [DNSRecordData] = [v4], type: DNSType = .a) -> [DNSRecord] {
        data.map { DNSRecord(name: name + ".", type: type, ttl: 60, data: $0) }
    }

    private func message(_ reply: DNSReply) -> DNSMessage? {
        if case .answered(let message) = reply.outcome { message } else { nil }
    }

    private func reason(_ reply: DNSReply) -> String? {
        if case .malformed(let reason, _) = reply.outcome { reason } else { nil }
    }

    private func failure(_ reply: DNSReply) -> SocketFailure? {
        if case .failed(let failure) = reply.outcome { failure } else { nil }
    }

    @Test(arguments: [("127.0.0.1", DNSFact.Transport.udp), ("127.0.0.1", .tcp), ("::1", .udp), ("::1", .tcp)])
    func answer_comesWhole_overBothFamiliesAndTransports(address: String, transport: DNSFact.Transport) async throws {
        try await withServer(["db.test": .answer(records("db.test"))], address: address) { server, endpoint in
            let reply = try await ask("db.test", endpoint, over: transport)
            #expect(message(reply)?.answers.map(\.data) == [v4])
            #expect(message(reply)?.isAuthoritative == true && message(reply)?.edns != nil)
            #expect(reply.elapsed > .zero && reply.elapsed < .seconds(4))
            let seen = await server.seen
            #expect(seen.map(\.isTCP) == [transport == .tcp])
        }
    }

    @Test(arguments: [DNSRcode.servFail, .refused, .notImp, .formErr, .nxDomain])
    func everyRcode_isAnAnswer(rcode: DNSRcode) async throws {
        try await withServer(["db.test": .rcode(rcode)]) { _, endpoint in
            let reply = try await ask("db.test", endpoint)
            #expect(message(reply)?.rcode == rcode)
        }
    }

    @Test func unknownName_isNXDomainWithItsZone() async throws {
        try await withServer([:]) { _, endpoint in
            let answer = message(try await ask("nobody.test", endpoint))
            #expect(answer?.rcode == .nxDomain && answer?.authority.first?.type == .soa)
        }
    }

    @Test func noData_andExtendedError_comeThrough() async throws {
        let faults: [String: DNSFault] = [
            "empty.test": .nodata, "bogus.test": .extendedError(.servFail, code: 7, text: "signature expired"),
        ]
        try await withServer(faults) { _, endpoint in
            let empty = message(try await ask("empty.test", endpoint))
            #expect(empty?.rcode == .noError && empty?.answers.isEmpty == true && empty?.authority.count == 1)
            let bogus = message(try await ask("bogus.test", endpoint))
            #expect(bogus?.edns?.extendedErrors.first?.text == "signature expired")
        }
    }

    @Test func closedPort_isTheKernelsRefusal_withTheICMPErrorBehindIt() async throws {
        let endpoint = try await withServer([:]) { _, endpoint in endpoint }
        let reply = try await ask("db.test", endpoint)
        #expect(failure(reply)?.name == "ECONNREFUSED")
        #expect(
            failure(reply)?.icmp?.origin == .icmp && failure(reply)?.icmp?.type == 3 && failure(reply)?.icmp?.code == 3)
        #expect(failure(reply)?.icmp?.offender == endpoint.address)
        #expect(reply.elapsed < .seconds(4))
        let overTCP = try await ask("db.test", endpoint, over: .tcp)
        #expect(failure(overTCP)?.name == "ECONNREFUSED")
    }

    @Test func closedPort_refusesEveryQueryInFlight() async throws {
        let endpoint = try await withServer([:]) { _, endpoint in endpoint }
        let names = await withTaskGroup(of: String?.self) { group in
            for index in 0..<200 {
                group.addTask { (try? await ask("n\(index).test", endpoint)).flatMap { failure($0)?.name } }
            }
            return await group.reduce(into: [String?]()) { $0.append($1) }
        }
        #expect(names == [String?](repeating: "ECONNREFUSED", count: 200))
    }

    @Test func silence_isTimedOut_atTheDeadline() async throws {
        try await withServer(["db.test": .silent]) { _, endpoint in
            let reply = try await ask("db.test", endpoint, timeout: .milliseconds(120))
            #expect({ if case .timedOut = reply.outcome { true } else { false } }())
            #expect(reply.elapsed >= .milliseconds(80) && reply.elapsed < .seconds(4))
        }
    }

    @Test func silenceOverTCP_isConnected() async throws {
        try await withServer(["db.test": .silent]) { _, endpoint in
            let reply = try await ask("db.test", endpoint, over: .tcp, timeout: .milliseconds(120))
            #expect({ if case .connected = reply.outcome { true } else { false } }())
        }
    }

    @Test func oneSilentName_doesNotHoldUpTheOthers() async throws {
        try await withServer(["slow.test": .silent, "db.test": .answer(records("db.test"))]) { _, endpoint in
            async let slow = ask("slow.test", endpoint, timeout: .milliseconds(200))
            let reply = try await ask("db.test", endpoint)
            #expect(message(reply) != nil)
            let silence = try await slow
            #expect(message(silence) == nil)
        }
    }

    @Test(arguments: [
        (DNSFault.garbageWithID(Array("not a dns message at all".utf8)), "cut short"),
        (.compressionLoop, "record name is compression loop"), (.echo, "a question came back in place of an answer"),
        (.cut(30, [DNSRecord(name: "db.test.", type: .a, ttl: 1, data: v4)]), "cut short"),
    ])
    func unreadableAnswerWithOurID_isMalformedAtOnce(fault: DNSFault, text: String) async throws {
        try await withServer(["db.test": fault]) { _, endpoint in
            for transport in [DNSFact.Transport.udp, .tcp] {
                let reply = try await ask("db.test", endpoint, over: transport)
                #expect(reason(reply)?.contains(text) == true, "\(String(describing: reason(reply)))")
                #expect(reply.elapsed < .seconds(4))
            }
        }
    }

    @Test(arguments: [
        (
            DNSFault.wrongID([DNSRecord(name: "db.test.", type: .a, ttl: 1, data: v4)]),
            "an answer to a query id that was never used"
        ),
        (.wrongQuestion([]), "the answer is for another question"),
        (.garbage([1, 2, 3]), "3 bytes are too few for a DNS message"),
        (.garbage([]), "0 bytes are too few for a DNS message"),
    ])
    func strayDatagram_isMalformedAtTheDeadline(fault: DNSFault, text: String) async throws {
        try await withServer(["db.test": fault]) { _, endpoint in
            let reply = try await ask("db.test", endpoint, timeout: .seconds(2))
            #expect(reason(reply) == text)
            #expect(reply.elapsed >= .milliseconds(100))
        }
    }

    @Test func strayDatagram_doesNotSpoilTheAnswerAfterIt() async throws {
        try await withServer([
            "db.test": .delay(.milliseconds(50), .answer(records("db.test"))), "bad.test": .garbage([1]),
        ]) {
            _, endpoint in
            async let bad = ask("bad.test", endpoint, timeout: .seconds(2))
            let reply = try await ask("db.test", endpoint)
            #expect(message(reply) != nil)
            let stray = try await bad
            #expect(reason(stray) != nil)
        }
    }

    @Test func truncation_isLeftToTheAsker() async throws {
        try await withServer(["db.test": .truncated(records("db.test"))]) { server, endpoint in
            let facts = try await ServerInquiry(
                exchange: exchange, time: SystemTime(reactor: reactor), server: endpoint, source: nil
            ).ask(DomainName("db.test")!, .a, deadline: .now + .seconds(5))
            #expect(facts.map(\.step) == [.query, .truncated])
            #expect(facts.first?.message?.isTruncated == true && facts.conclusion?.message?.answers.count == 1)
            #expect(await server.seen.map(\.isTCP) == [false, true])
        }
    }

    @Test func truncationWithoutTCP_endsMalformed() async throws {
        try await withServer(["db.test": .truncatedTCPClosed]) { _, endpoint in
            let reply = try await ask("db.test", endpoint, over: .tcp)
            #expect(reason(reply) == "the server closed the connection without an answer")
        }
    }

    @Test func silentUDPBesideTCP_isSeenByTheInquiry() async throws {
        let fault = DNSFault.byTransport(udp: .silent, tcp: .answer(records("db.test")))
        try await withServer(["db.test": fault]) { _, endpoint in
            let facts = try await ServerInquiry(
                exchange: exchange, time: SystemTime(reactor: reactor), server: endpoint, source: nil
            ).ask(DomainName("db.test")!, .a, deadline: .now + .seconds(5))
            #expect(facts.map(\.step) == [.query, .again, .plain, .contrast])
            #expect(facts.last?.message != nil && facts.conclusion == nil)
        }
    }

    @Test func lostDatagram_isAnsweredTheSecondTime() async throws {
        try await withServer(["db.test": .silentFirst(1, then: .answer(records("db.test")))]) { _, endpoint in
            let facts = try await ServerInquiry(
                exchange: exchange, time: SystemTime(reactor: reactor), server: endpoint, source: nil
            ).ask(DomainName("db.test")!, .a, deadline: .now + .seconds(5))
            #expect(facts.conclusion?.step == .again)
        }
    }

    @Test func largeAnswer_overUDPAndTCP() async throws {
        try await withServer(["udp.test": .oversized(4000), "tcp.test": .oversized(60_000)]) { _, endpoint in
            let datagram = try await ask("udp.test", endpoint, type: .txt)
            #expect((message(datagram)?.answers.count ?? 0) > 10)
            let stream = try await ask("tcp.test", endpoint, over: .tcp, type: .txt)
            #expect((message(stream)?.answers.count ?? 0) > 200)
            let beyond = try await ask("tcp.test", endpoint, timeout: .seconds(2), type: .txt)
            #expect(reason(beyond)?.contains("cut short") == true)
        }
    }

    @Test func formErrWithoutQuestion_isAnAnswer() async throws {
        // A bare header, as servers older than EDNS send: QR, rcode 1, no sections.
        let bare: [UInt8] = [0x81, 0x01, 0, 0, 0, 0, 0, 0, 0, 0]
        try await withServer(["db.test": .garbageWithID(bare)]) { _, endpoint in
            let reply = try await ask("db.test", endpoint)
            #expect(message(reply)?.rcode == .formErr)
        }
    }

    @Test func samplesInTurn_useNewSourcePorts_andTheSourceAddressGiven() async throws {
        try await withServer(["db.test": .answer(records("db.test"))]) { server, endpoint in
            for _ in 0..<4 { _ = try await ask("db.test", endpoint, source: IPAddress("127.0.0.9")!) }
            let clients = await server.seen.map(\.client)
            #expect(clients.allSatisfy { $0.address == IPAddress("127.0.0.9")! })
            #expect(Set(clients.map(\.port)).count > 1)
        }
    }

    @Test func foreignSource_isOurOwnInability() async throws {
        for source in ["192.0.2.77", "::1"] {
            let error = await #expect(throws: ProbeInterruption.self) {
                try await ask("db.test", Endpoint(IPAddress("127.0.0.1")!, 53), source: IPAddress(source)!)
            }
            #expect(
                { if case .unable(let inability) = error { inability.code == .addressUnavailable } else { false } }())
        }
    }

    @Test func unknownZone_isOurOwnInability() async throws {
        await #expect(throws: ProbeInterruption.self) {
            try await ask("db.test", Endpoint(IPAddress("fe80::1%nosuch0")!, 53))
        }
    }

    @Test func pastDeadline_isTimedOut_withoutAPacket() async throws {
        try await withServer(["db.test": .answer(records("db.test"))]) { server, endpoint in
            let reply = try await ask("db.test", endpoint, timeout: .zero)
            #expect({ if case .timedOut = reply.outcome { true } else { false } }())
            #expect(await server.seen.isEmpty)
        }
    }

    @Test func cancellation_endsTheWaitAtOnce() async throws {
        try await withServer(["db.test": .silent]) { _, endpoint in
            for transport in [DNSFact.Transport.udp, .tcp] {
                let start = Instant.now
                let task = Task { try await ask("db.test", endpoint, over: transport, timeout: .seconds(30)) }
                task.cancel()
                await #expect(throws: ProbeInterruption.cancelled) { try await task.value }
                #expect(Instant.now - start < .seconds(5))
            }
        }
    }

    /// On a reactor of its own, as a server is, so that it reads while we send.
    @Test func twoThousandQueriesAtOnce_areAllAnsweredWithTheirOwn() async throws {
        let server = DNSFaultServer(reactor: try Reactor(), faults: ["*": .nodata])
        let endpoint = try await server.start()
        let answered = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<2000 { group.addTask { await isAnsweredWithItsOwn("n\(index).test", endpoint) } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        let ports = Set(await server.seen.map(\.client.port))
        await server.stop()
        #expect(answered == 2000)
        #expect(ports.count < 200, "they share sockets")
    }

    /// UDP may lose a datagram of a burst also on loopback: each is asked up to three times.
    private func isAnsweredWithItsOwn(_ name: String, _ server: Endpoint) async -> Bool {
        for _ in 0..<3 {
            let reply = try? await ask(name, server, timeout: .seconds(5))
            if let reply, let answer = message(reply) { return answer.questions.first?.name.canonical == name }
        }
        return false
    }

    @Test func descriptors_areAllGivenBack() async throws {
        try await withServer(["db.test": .answer(records("db.test")), "dead.test": .silent]) { _, endpoint in
            for transport in [DNSFact.Transport.udp, .tcp] {
                _ = try await ask("db.test", endpoint, over: transport)
                _ = try await ask("dead.test", endpoint, over: transport, timeout: .milliseconds(30))
            }
            let deadline = Instant.now + .seconds(5)
            while await exchange.openSockets > 0, .now < deadline {
                await Task.yield()
            }
            #expect(await exchange.openSockets == 0)
        }
    }
}
