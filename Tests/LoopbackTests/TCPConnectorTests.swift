import FaultServers
import Glibc
import LinuxIO
import NetValues
import Observations
import ProbeKit
import Synchronization
import Testing

@Suite(.onReactor) struct TCPConnectorTests {
    private let reactor: Reactor
    private let connector: TCPConnector

    init() throws {
        reactor = try Reactor()
        connector = TCPConnector(reactor: reactor)
    }

    @Test(arguments: bothLoopbacks) func connect_isConnectedWithTCPFacts_whenSomebodyListens(address: IPAddress)
        async throws
    {
        let server = try await TCPFaultServer(on: address, .silent, reactor: reactor)
        let attempt = try await connector.connect(to: server.endpoint, source: nil, deadline: .now + .seconds(5))
        #expect(attempt.fact.outcome == .connected)
        #expect(attempt.fact.source?.address == address)
        #expect((attempt.fact.source?.port ?? 0) > 0)
        #expect(attempt.fact.elapsed > .zero)
        let facts = try #require(attempt.fact.tcp)
        #expect(facts.retransmits == 0)
        #expect(facts.mss > 500)
        #expect(facts.pathMTU > facts.mss)
        #expect((facts.rtt ?? .zero) > .zero)
        let stream = try #require(attempt.stream as? TCPStream)
        #expect(await stream.tcpFacts() != nil)
        await stream.close()
        await stream.close()
        #expect(await stream.tcpFacts() == nil)
        await server.stop()
    }

    /// Of a peer that reads nothing: its system acknowledges all the same, at once.
    @Test func pace_isOfTheKernel_whoeverReads() async throws {
        let server = try await TCPFaultServer(on: bothLoopbacks[0], .silent, reactor: reactor)
        let attempt = try await connector.connect(to: server.endpoint, source: nil, deadline: .now + .seconds(5))
        let stream = try #require(attempt.stream)
        let before = try #require(await stream.progress())
        #expect(try await stream.write(Array("anybody there?".utf8), deadline: .now + .seconds(5)) == nil)
        let after = try #require(await stream.progress())
        let pace = after.pace(since: before)
        #expect(pace.retransmits == 0 && pace.outOfOrder == 0)
        #expect(try #require(pace.acknowledgedIn) < .seconds(5))
        #expect(after.acknowledgedBytes == 14)
        await stream.close()
        await server.stop()
    }

    /// Not what passed until we looked: with a thousand sockets ready at once that is milliseconds more.
    @Test(arguments: bothLoopbacks) func connect_tellsTheKernelsTime_whenNoSYNWasRepeated(address: IPAddress)
        async throws
    {
        let server = try await TCPFaultServer(on: address, .silent, reactor: reactor)
        let attempt = try await connector.connect(to: server.endpoint, source: nil, deadline: .now + .seconds(5))
        let rtt = try #require(attempt.fact.tcp?.rtt)
        #expect(attempt.fact.elapsed > .zero && attempt.fact.elapsed <= rtt)
        await attempt.stream?.close()
        await server.stop()
    }

    @Test func connect_neverBeginsWorkBesideIt_whenTheHandshakeIsOverAtOnce() async throws {
        let server = try await TCPFaultServer(on: bothLoopbacks[0], .silent, reactor: reactor)
        let hasBegun = Mutex(false)
        let attempt = try await connector.connect(
            to: server.endpoint, source: nil, deadline: .now + .seconds(5),
            beside: { hasBegun.withLock { $0 = true } })
        #expect(attempt.fact.outcome == .connected)
        #expect(hasBegun.withLock { $0 } == false)
        await attempt.stream?.close()
        await server.stop()
    }

    @Test func connect_runsWorkBesideIt_andLetsItEnd_whenNobodyAnswers() async throws {
        let port = try SilentPort(on: bothLoopbacks[0])
        let deadline = Instant.now + .milliseconds(400)
        /// Nil until the work has ended.
        let wasCancelled = Mutex<Bool?>(nil)
        let reactor = reactor
        let attempt = try await connector.connect(to: port.endpoint, source: nil, deadline: deadline) {
            try? await reactor.sleep(until: deadline + .milliseconds(20))
            let isCancelled = Task.isCancelled
            wasCancelled.withLock { $0 = isCancelled }
        }
        #expect(attempt.fact.outcome == .timedOut)
        #expect(wasCancelled.withLock { $0 } == false)
    }

    @Test(arguments: bothLoopbacks) func connect_failsWithECONNREFUSED_whenThePortIsClosed(address: IPAddress)
        async throws
    {
        let port = try ClosedPort(on: address)
        let attempt = try await connector.connect(to: port.endpoint, source: nil, deadline: .now + .seconds(5))
        #expect(attempt.fact.outcome == .failed(SocketFailure(code: ECONNREFUSED, name: "ECONNREFUSED")))
        #expect(attempt.stream == nil)
    }

    @Test(arguments: bothLoopbacks) func connect_timesOutAtItsDeadline_whenTheQueueIsFull(address: IPAddress)
        async throws
    {
        let port = try SilentPort(on: address)
        let deadline = Instant.now + .milliseconds(150)
        let attempt = try await connector.connect(to: port.endpoint, source: nil, deadline: deadline)
        #expect(attempt.fact.outcome == .timedOut)
        #expect(Instant.now >= deadline)
        #expect(attempt.fact.elapsed >= .milliseconds(100))
    }

    @Test func connect_countsRepeatedSYNs_whenNobodyAnswers() async throws {
        let port = try SilentPort(on: bothLoopbacks[0])
        let attempt = try await connector.connect(to: port.endpoint, source: nil, deadline: .now + .milliseconds(1400))
        #expect(attempt.fact.outcome == .timedOut)
        // One after a second, more when the machine is busy.
        #expect((attempt.fact.tcp?.retransmits ?? 0) >= 1)
    }

    @Test func connect_usesANewSourcePort_eachTime() async throws {
        let server = try await TCPFaultServer(on: bothLoopbacks[0], .silent, reactor: reactor)
        var ports: Set<UInt16> = []
        var streams: [any ByteStream] = []
        for _ in 0..<8 {
            let attempt = try await connector.connect(to: server.endpoint, source: nil, deadline: .now + .seconds(5))
            if let port = attempt.fact.source?.port { ports.insert(port) }
            if let stream = attempt.stream { streams.append(stream) }
        }
        #expect(ports.count == 8)
        for stream in streams { await stream.close() }
        await server.stop()
    }

    @Test func connect_leavesFromTheSourceAddress_whenOneIsGiven() async throws {
        let server = try await TCPFaultServer(on: bothLoopbacks[0], .silent, reactor: reactor)
        let source = try #require(IPAddress("127.0.0.9"))
        let attempt = try await connector.connect(to: server.endpoint, source: source, deadline: .now + .seconds(5))
        #expect(attempt.fact.outcome == .connected)
        #expect(attempt.fact.source?.address == source)
        await attempt.stream?.close()
        await server.stop()
    }

    /// TEST-NET-2 is nobody's address; the other one is of the wrong family.
    @Test(arguments: ["198.51.100.7", "::1"]) func connect_isOurInability_whenTheSourceIsNotOurs(source: String)
        async throws
    {
        let port = try ClosedPort(on: bothLoopbacks[0])
        let interruption = await interruption { () throws(ProbeInterruption) in
            _ = try await connector.connect(to: port.endpoint, source: IPAddress(source), deadline: .now + .seconds(5))
        }
        guard case .unable(let inability)? = interruption else {
            Issue.record("\(String(describing: interruption))")
            return
        }
        #expect(inability.code == .addressUnavailable)
        #expect(inability.fix.contains("source address"))
    }

    @Test func connect_failsAsData_whenTheKernelRefusesTheAddress() async throws {
        let broadcast = try #require(Endpoint("255.255.255.255:80"))
        let attempt = try await connector.connect(to: broadcast, source: nil, deadline: .now + .seconds(5))
        guard case .failed(let failure) = attempt.fact.outcome else {
            Issue.record("\(attempt.fact.outcome)")
            return
        }
        #expect(["ENETUNREACH", "EACCES"].contains(failure.name))
    }

    @Test func connect_throwsCancelled_whenItsTaskIsCancelled() async throws {
        let port = try SilentPort(on: bothLoopbacks[0])
        let task = Task { [connector] () -> ProbeInterruption? in
            do throws(ProbeInterruption) {
                _ = try await connector.connect(to: port.endpoint, source: nil, deadline: .now + .seconds(60))
                return nil
            } catch { return error }
        }
        task.cancel()
        #expect(await task.value == .cancelled)
    }

    @Test func connect_leaksNoDescriptor_whenStreamsAreDropped() async throws {
        let server = try await TCPFaultServer(on: bothLoopbacks[0], .silent, reactor: reactor)
        let inode = try await descriptorIdentity(of: server.endpoint)
        // The descriptors' targets are unique for the life of a socket: none of the dropped ones may remain.
        #expect(!openDescriptors().contains(inode))
        await server.stop()
    }

    private func descriptorIdentity(of endpoint: Endpoint) async throws -> String {
        let before = Set(openDescriptors())
        let attempt = try await connector.connect(to: endpoint, source: nil, deadline: .now + .seconds(5))
        let port = try #require(attempt.fact.source?.port)
        // Nothing but this keeps the stream open until it was looked for.
        let (fresh, own) = withExtendedLifetime(attempt) {
            let fresh = openDescriptors().filter { !before.contains($0) }
            return (fresh, inode(from: port, to: endpoint.port).flatMap { inode in fresh.first { $0.contains(inode) } })
        }
        return try #require(own, "no descriptor for port \(port) among \(fresh)")
    }

    private func openDescriptors() -> [String] {
        // Other tests of the same process have thousands open at the same time.
        (0..<16_384).compactMap { descriptor in
            var buffer = [UInt8](repeating: 0, count: 128)
            let length = buffer.withUnsafeMutableBytes { bytes in
                bytes.withMemoryRebound(to: CChar.self) { text in
                    text.baseAddress.map { readlink("/proc/self/fd/\(descriptor)", $0, text.count) } ?? 0
                }
            }
            return length > 0 ? String(decoding: buffer.prefix(length), as: UTF8.self) : nil
        }
    }

    /// Other tests have sockets of the same port, at other addresses or just ended (TIME-WAIT, inode 0).
    private func inode(from source: UInt16, to destination: UInt16) -> String? {
        guard let file = fopen("/proc/self/net/tcp", "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 512)
        let wanted = [source, destination].map { port in
            let hex = String(port, radix: 16, uppercase: true)
            return ":" + String(repeating: "0", count: 4 - hex.count) + hex
        }
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            let fields = text.split(separator: " ")
            guard fields.count > 9, fields[1].hasSuffix(wanted[0]), fields[2].hasSuffix(wanted[1]), fields[9] != "0"
            else { continue }
            return "[\(fields[9])]"
        }
        return nil
    }
}
