import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Synchronization
import Testing

/// Connections on a way that takes segments of so many bytes.
private final class ScriptedSegments: SegmentConnecting {
    let limit: Int
    let agreed: Int
    let isTold: Bool
    /// Connections that do not come about, by their number.
    let refuses: @Sendable (Int) -> Bool
    let made = Mutex<[Int?]>([])

    init(
        limit: Int, agreed: Int = 1500, told: Bool = false, refuses: @escaping @Sendable (Int) -> Bool = { _ in false }
    ) {
        self.limit = limit
        self.agreed = agreed
        isTold = told
        self.refuses = refuses
    }

    func connect(
        to endpoint: Endpoint, source: IPAddress?, largestPacket: Int?, deadline: Instant
    ) async throws(ProbeInterruption) -> ConnectAttempt {
        let number = made.withLock { made in
            made.append(largestPacket)
            return made.count
        }
        let packet = min(agreed, largestPacket ?? agreed)
        let isRefused = refuses(number)
        let fact = ConnectFact(
            endpoint: endpoint, source: nil, elapsed: .milliseconds(1), outcome: isRefused ? .timedOut : .connected,
            tcp: TCPFacts(rtt: .milliseconds(1), mss: packet - 52, pathMTU: agreed, retransmits: 0, optionBytes: 12))
        return ConnectAttempt(
            fact: fact, stream: isRefused ? nil : SegmentStream(packet: packet, limit: limit, isTold: isTold))
    }
}

private final class SegmentStream: ByteStream {
    let packet: Int
    let limit: Int
    let isTold: Bool
    let written = Atomic(0)

    init(packet: Int, limit: Int, isTold: Bool) {
        self.packet = packet
        self.limit = limit
        self.isTold = isTold
    }

    /// The peer's segments are subject to the same limit.
    func read(upTo count: Int, deadline: Instant) async throws(ProbeInterruption) -> StreamRead {
        packet > limit ? .end(.deadline) : .bytes(Array(repeating: 0, count: min(count, 4000)))
    }

    func write(_ bytes: [UInt8], deadline: Instant) async throws(ProbeInterruption) -> StreamEnd? {
        written.store(bytes.count, ordering: .relaxed)
        return nil
    }

    func close() async {}

    func progress() async -> StreamProgress? {
        let count = written.load(ordering: .relaxed)
        let isThrough = packet <= limit
        let size = isTold && !isThrough ? limit : packet
        return StreamProgress(
            acknowledgedBytes: isThrough ? count : 0, receivedBytes: 0, unacknowledgedSegments: isThrough ? 0 : 1,
            unsentBytes: 0, retransmits: isThrough ? 0 : 1, segmentBytes: size - 52, pathMTU: size)
    }
}

struct SegmentSearchTests {
    private let endpoint = Endpoint(.v4(IPv4Address(bits: 0xc612_0302)), 80)

    private func search(_ segments: ScriptedSegments, _ time: ManualTime) -> SegmentSearch {
        var capabilities = Capabilities.scripted()
        capabilities.segments = segments
        let check = Check(name: "mtu", kind: "mtu", target: .host(.address(endpoint.address)))
        let context = ProbeContext(
            check: check, capabilities: capabilities, time: time, runStart: time.now(), record: { _ in })
        return SegmentSearch(
            context, to: endpoint, hints: [], patience: .seconds(1), deadline: time.now() + .seconds(600))
    }

    @Test(arguments: [576, 1280, 1399, 1400, 1499]) func ownSegmentsAreLostToTheByte(limit: Int) async throws {
        for isTold in [true, false] {
            let fact = try await search(ScriptedSegments(limit: limit, told: isTold), ManualTime())
                .out(smallest: 128, largest: 65_535)
            #expect(fact.ending == .found)
            #expect(fact.largestPassed == limit)
            #expect(fact.agreedSize == 1500)
            #expect((fact.signal != nil) == isTold)
            #expect(fact.signal?.mtu ?? limit == limit)
            #expect(fact.carrier == .tcp && fact.direction == .out)
        }
    }

    /// What the ends never send does not get lost.
    @Test func aClampedConnectionIsWhole() async throws {
        let fact = try await search(ScriptedSegments(limit: 1400, agreed: 1400), ManualTime())
            .out(smallest: 128, largest: 65_535)
        #expect(fact.ending == .whole)
        #expect(fact.largestPassed == 1400)
        #expect(fact.agreedSize == 1400)
        #expect(fact.linkMTU == nil)
    }

    @Test func theAnswerIsLostToTheByte() async throws {
        let fact = try await search(ScriptedSegments(limit: 1450), ManualTime())
            .back(smallest: 128, largest: 1500, SegmentSession.request("/", of: "198.18.3.2"))
        #expect(fact?.ending == .found)
        #expect(fact?.largestPassed == 1450)
        #expect(fact?.direction == .back)
    }

    @Test func anAnswerThatIsTooShortTellsNothing() async throws {
        let fact = try await search(ScriptedSegments(limit: 1450), ManualTime())
            .back(smallest: 128, largest: 1500) { _, _, _ throws(ProbeInterruption) in
                SegmentSession.Answer(bytes: 300)
            }
        #expect(fact == nil)
    }

    /// A listen queue that is full, as of a server with one thread.
    @Test func connectionsThatDoNotComeAboutSayNothingOfSizes() async throws {
        let fact = try await search(ScriptedSegments(limit: 9000, refuses: { $0 % 3 == 0 }), ManualTime())
            .out(smallest: 128, largest: 65_535)
        #expect(fact.ending == .whole)
        let none = try await search(ScriptedSegments(limit: 9000, refuses: { _ in true }), ManualTime())
            .out(smallest: 128, largest: 65_535)
        #expect(none.ending == .unanswered)
        #expect(none.smallestLost == nil)
    }
}

/// Beside an exchange that hangs.
struct LargePacketsTests {
    private let connect = ConnectFact(
        endpoint: Endpoint(.v4(IPv4Address(bits: 0xc612_0302)), 80), source: nil, elapsed: .milliseconds(1),
        outcome: .connected, tcp: nil)

    private func context(_ pipe: ScriptedPipe, _ time: ManualTime, samples: Int = 1) -> ProbeContext {
        ProbeContext(
            check: Check(
                name: "page", kind: "tcp", target: .host(.address(connect.endpoint.address)), samples: samples,
                timeout: .seconds(60)), capabilities: .scripted(paths: pipe), time: time, runStart: time.now(),
            record: { _ in })
    }

    private func start(_ time: ManualTime, mayBeLast: Bool = true) -> SampleStart {
        SampleStart(
            index: 0, attempt: 0, instant: time.now(), sinceRunStart: .zero, deadline: time.now() + .seconds(60),
            mayBeLast: mayBeLast)
    }

    private func hole(_ time: ManualTime) -> ScriptedPipe {
        ScriptedPipe(time: time) { _ in [ScriptedPipe.Hop(1500), ScriptedPipe.Hop(1400, silent: true)] }
    }

    /// The work goes on until both searches are over.
    private func hang(_ pipe: ScriptedPipe, answers: Bool = false) -> (Pulse) async -> (Int, hangs: Bool) {
        { _ in
            while pipe.closedSessions < 2 { await Task.yield() }
            return (1, hangs: !answers)
        }
    }

    @Test func anExchangeThatHangsIsExplained() async throws {
        let time = ManualTime()
        let pipe = hole(time)
        let large = LargePackets(context(pipe, time), start(time))
        let work = hang(pipe)
        let (_, facts) = try await large.beside(connect) { pulse throws(ProbeInterruption) in await work(pulse) }
        let found = facts.compactMap { if case .pathMTU(let fact) = $0 { fact } else { nil } }
        #expect(found.map(\.largestPassed) == [1400, 1400])
        #expect(found.map(\.isSilent) == [true, true])
        #expect(found.first?.lastRouter?.limit == 2)
    }

    @Test func oneThatEndsIsNot() async throws {
        let time = ManualTime()
        let pipe = hole(time)
        let large = LargePackets(context(pipe, time), start(time))
        let work = hang(pipe, answers: true)
        let (_, facts) = try await large.beside(connect) { pulse throws(ProbeInterruption) in await work(pulse) }
        #expect(facts.isEmpty)
    }

    /// Once an address, and with the last sample only.
    @Test func aSeriesTriesItOnce() async throws {
        let time = ManualTime()
        let pipe = hole(time)
        let context = context(pipe, time, samples: 2)
        let first = LargePackets(context, start(time, mayBeLast: false))
        _ = try await first.beside(connect) { _ throws(ProbeInterruption) in (1, hangs: true) }
        #expect(pipe.sent.isEmpty)
    }
}
