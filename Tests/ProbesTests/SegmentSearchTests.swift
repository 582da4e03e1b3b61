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
        #expect(fact?.ending == .whole && fact?.smallestLost == nil)
        #expect(fact?.largestPassed == 352)
    }

    /// What a server's signatures make of its length does not get lost on the way.
    @Test func anAnswerWhoseLengthVariesIsNoLimit() async throws {
        let count = Atomic(0)
        for step in [1, 3, 7] {
            let fact = try await search(ScriptedSegments(limit: 9000), ManualTime())
                .back(smallest: 128, largest: 1500) { _, _, _ throws(ProbeInterruption) in
                    let number = count.add(1, ordering: .relaxed).newValue
                    return SegmentSession.Answer(bytes: 1270 - number * step % 8)
                }
            #expect(fact?.ending == .whole)
            #expect(fact?.smallestLost == nil)
        }
    }

    /// The certificates get through, the page does not.
    @Test func whatIsAskedBehindASmallHandshakeShowsTheLimit() async throws {
        let time = ManualTime()
        let settings = TLSSettings(serverName: nil, expectedName: .address(endpoint.address))
        let tls = ScriptedTLS(time: time)
        let question = SegmentSession.request("/big", of: "198.18.3.2")
        let fact = try await search(ScriptedSegments(limit: 1400), time)
            .back(
                smallest: 128, largest: 1500,
                SegmentSession.handshake(tls, with: endpoint, settings, then: question))
        #expect(fact?.largestPassed == 1400)
        #expect(fact?.isSilent == true)
        let alone = try await search(ScriptedSegments(limit: 1400), time)
            .back(smallest: 128, largest: 1500, SegmentSession.handshake(tls, with: endpoint, settings))
        #expect(alone?.isSilent == false)
    }

    /// An exchange that came to no end is lost, however much of it came.
    @Test func smallPiecesOfAnAnswerAreNotTheWhole() async throws {
        let fact = try await search(ScriptedSegments(limit: 9000), ManualTime())
            .back(smallest: 128, largest: 1500) { stream, wanted, _ throws(ProbeInterruption) in
                let isLarge = await stream.progress().map { $0.segmentBytes + 52 > 1450 } ?? true
                return SegmentSession.Answer(bytes: 3000, isWhole: !isLarge)
            }
        #expect(fact?.largestPassed == 1450)
        #expect(fact?.ending == .found)
    }

    /// One that a router told so: it never sends more, and nothing is lost.
    @Test func aPeerThatHasLearnedTheLimitLosesNothing() async throws {
        let fact = try await search(ScriptedSegments(limit: 9000), ManualTime())
            .back(smallest: 128, largest: 1500) { _, _, _ throws(ProbeInterruption) in
                SegmentSession.Answer(bytes: 65_536, largestSegment: 1400 - 52)
            }
        #expect(fact?.ending == .whole)
        #expect(fact?.largestPassed == 1400)
        #expect(fact?.isSilent == false)
    }

    /// What the kernel presumes before a segment has come is no sight of one (TCP_MSS_DEFAULT).
    @Test func segmentsThatWereNotSeenAreNotCounted() async throws {
        let fact = try await search(ScriptedSegments(limit: 9000), ManualTime())
            .back(smallest: 128, largest: 1500) { _, _, _ throws(ProbeInterruption) in
                SegmentSession.Answer(bytes: 65_536, largestSegment: 0)
            }
        #expect(fact?.ending == .whole && fact?.largestPassed == 1500)
    }

    /// Linux refuses to announce less (TCP_MIN_MSS): such sizes are never asked for.
    @Test func noSegmentIsSmallerThanTheKernelAllows() async throws {
        let segments = ScriptedSegments(limit: 0)
        _ = try await search(segments, ManualTime()).out(smallest: 64, largest: 1500)
        #expect(segments.made.withLock { $0.compactMap(\.self).min() } == 128)
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

    private func context(
        _ pipe: ScriptedPipe, _ time: ManualTime, samples: Int = 1, _ segments: ScriptedSegments? = nil
    ) -> ProbeContext {
        var capabilities = Capabilities.scripted(paths: pipe)
        if let segments { capabilities.segments = segments }
        return ProbeContext(
            check: Check(
                name: "page", kind: "tcp", target: .host(.address(connect.endpoint.address)), samples: samples,
                timeout: .seconds(60)), capabilities: capabilities, time: time, runStart: time.now(),
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

    private func sizes(_ facts: [Fact]) -> [PathMTUFact] {
        facts.compactMap { if case .pathMTU(let fact) = $0 { fact } else { nil } }
    }

    @Test func anExchangeThatHangsIsExplained() async throws {
        let time = ManualTime()
        let pipe = hole(time)
        let large = LargePackets(context(pipe, time), start(time))
        let stream = try #require(large.attend(Silence(time, pipe, searches: 2), connect))
        #expect(try await stream.read(upTo: 100, deadline: time.now() + .seconds(60)) == .end(.deadline))
        let found = sizes(stream.facts)
        #expect(found.map(\.largestPassed) == [1400, 1400])
        #expect(found.map(\.isSilent) == [true, true])
        #expect(found.first?.lastRouter?.limit == 2)
    }

    /// The way out takes all: fresh connections with small segments get the answer, and those with large ones do not.
    @Test func theWayBackIsTriedWithTheExchangeItself() async throws {
        let time = ManualTime()
        let pipe = ScriptedPipe(time: time) { _ in [ScriptedPipe.Hop(1500)] }
        let segments = ScriptedSegments(limit: 1400)
        let large = LargePackets(context(pipe, time, segments), start(time))
        let silence = Silence(time, pipe, searches: 2, until: { segments.made.withLock(\.count) > 20 })
        let stream = try #require(
            large.attend(silence, connect) { SegmentSession.request("/big", of: "198.18.3.2") })
        _ = try await stream.read(upTo: 100, deadline: time.now() + .seconds(60))
        let back = sizes(stream.facts).filter { $0.direction == .back }
        #expect(back.map(\.largestPassed) == [1400])
        #expect(back.map(\.isSilent) == [true])
    }

    /// Most do: nothing is begun for them, not even a timer.
    @Test func anExchangeThatGoesOnCostsNothing() async throws {
        let time = ManualTime()
        let pipe = hole(time)
        let large = LargePackets(context(pipe, time), start(time))
        let script = StreamScript([.bytes([1]), .wait(.milliseconds(500)), .bytes([2]), .end(.closed)])
        let stream = try #require(
            large.attend(
                ScriptedConnection(
                    endpoint: connect.endpoint, source: nil, deadline: time.now(), script: script, time: time),
                connect))
        let deadline = time.now() + .seconds(60)
        #expect(try await stream.read(upTo: 100, deadline: deadline) == .bytes([1]))
        #expect(try await stream.read(upTo: 100, deadline: deadline) == .bytes([2]))
        #expect(try await stream.read(upTo: 100, deadline: deadline) == .end(.closed))
        #expect(pipe.sent.isEmpty && stream.facts.isEmpty)
    }

    /// What comes late ends the trial, and leaves another for when it hangs in earnest.
    @Test func whatComesAfterAllLeavesATrial() async throws {
        let time = ManualTime()
        let pipe = hole(time)
        let context = context(pipe, time)
        let large = LargePackets(context, start(time))
        let deadline = time.now() + .seconds(60)
        let late = try #require(large.attend(Silence(time, pipe, searches: 0, then: [7]), connect))
        #expect(try await late.read(upTo: 100, deadline: deadline) == .bytes([7]))
        #expect(late.facts.isEmpty)
        let before = pipe.closedSessions
        let stream = try #require(large.attend(Silence(time, pipe, searches: before + 2), connect))
        _ = try await stream.read(upTo: 100, deadline: deadline)
        #expect(sizes(stream.facts).count == 2)
    }

    /// With the last sample only.
    @Test func aSeriesTriesItOnce() async throws {
        let time = ManualTime()
        let pipe = hole(time)
        let context = context(pipe, time, samples: 2)
        let first = LargePackets(context, start(time, mayBeLast: false))
        #expect(first.attend(Silence(time, pipe, searches: 0), connect) == nil)
        _ = try await first.beside(connect) { _ throws(ProbeInterruption) in (1, hangs: true) }
        #expect(pipe.sent.isEmpty)
    }

    @Test func aTransferThatHangsIsExplained() async throws {
        let time = ManualTime()
        let pipe = hole(time)
        for hangs in [true, false] {
            let large = LargePackets(context(pipe, time), start(time))
            let before = pipe.closedSessions
            let (_, facts) = try await large.beside(connect) { _ throws(ProbeInterruption) in
                while pipe.closedSessions < before + 2 { await Task.yield() }
                return (1, hangs: hangs)
            }
            #expect(sizes(facts).count == (hangs ? 2 : 0))
        }
    }
}

/// Nothing comes until the searches beside it are over, and then the end or these bytes.
private final class Silence: ByteStream {
    let time: ManualTime
    let pipe: ScriptedPipe
    let searches: Int
    let isOver: @Sendable () -> Bool
    let bytes: [UInt8]?
    let reads = Atomic(0)

    init(
        _ time: ManualTime, _ pipe: ScriptedPipe, searches: Int, then bytes: [UInt8]? = nil,
        until isOver: @escaping @Sendable () -> Bool = { true }
    ) {
        self.time = time
        self.pipe = pipe
        self.searches = searches
        self.isOver = isOver
        self.bytes = bytes
    }

    func read(upTo count: Int, deadline: Instant) async throws(ProbeInterruption) -> StreamRead {
        if reads.add(1, ordering: .relaxed).newValue == 1 {
            time.advance(to: deadline)
            return .end(.deadline)
        }
        while pipe.closedSessions < searches || !isOver() { await Task.yield() }
        return bytes.map { .bytes($0) } ?? .end(.deadline)
    }

    func write(_ bytes: [UInt8], deadline: Instant) async throws(ProbeInterruption) -> StreamEnd? { nil }
    func close() async {}
}
