import NetValues
import Observations
import Planning
import Synchronization

/// Beside an exchange that hangs on a connection that stands: whether large packets get to the address and back, and behind which router
/// they do not. That is what a path MTU black hole looks like from above (catalogue section 17.3), and its user need not know the word.
package struct LargePackets: Sendable {
    private let context: ProbeContext
    private let start: SampleStart

    package init(_ context: ProbeContext, _ start: SampleStart) {
        self.context = context
        self.start = start
    }

    /// So long nothing came. A lost segment has been sent again by then, twice as a rule.
    private static let silence = Duration.milliseconds(1200)
    private static let mostPatience = Duration.milliseconds(500)

    /// The connection, and beside its silence the trial; nil where there is nothing to be tried.
    /// - Parameter speech: what makes the peer answer with large packets of its own, to test the way back.
    package func attend(
        _ stream: any ByteStream, _ connect: ConnectFact,
        speech: @escaping @Sendable () -> SegmentSession.Speech? = { nil }
    ) -> AttendedStream? {
        guard isWorthwhile else { return nil }
        return AttendedStream(stream, time: context.time, silence: patience) { await trial(connect, speech()) }
    }

    /// Beside a transfer, which has many connections.
    /// - Parameter work: answers with its value, and whether it hung to the end. What the trial finds counts only then.
    package func beside<Value: Sendable>(
        _ connect: ConnectFact, _ work: (_ pulse: Pulse) async throws(ProbeInterruption) -> (Value, hangs: Bool)
    ) async throws(ProbeInterruption) -> (Value, facts: [Fact]) {
        let pulse = Pulse(context.time.now())
        guard isWorthwhile else { return (try await work(pulse).0, []) }
        let found = Mutex<[Fact]>([])
        let (value, hangs) = try await withCompanion({
            let patience = patience
            while case let due = pulse.latest + patience, due > context.time.now() {
                guard (try? await context.time.sleep(until: due)) != nil else { return }
            }
            let facts = await trial(connect, nil)
            found.withLock { $0 = facts }
        }) { () throws(ProbeInterruption) in
            let result = try await work(pulse)
            return (result, isCompanionWanted: result.hangs)
        }
        return (value, hangs ? found.withLock { $0 } : [])
    }

    /// With the last sample, when none has come through; a flow that is to be blocked is told by its own packets alone.
    private var isWorthwhile: Bool {
        !(context.capabilities.paths is NoPathProbing) && start.mayBeLast
            && start.attempt == context.check.retries
            && context.check.expectation.word == .reachable
    }

    private var patience: Duration {
        min(Self.silence, .nanoseconds((start.deadline - context.time.now()).nanoseconds * 2 / 5))
    }

    /// Both ways at the same time: there is no more time than the exchange itself has.
    private func trial(_ connect: ConnectFact, _ speech: SegmentSession.Speech?) async -> [Fact] {
        let (address, ledger) = (connect.endpoint.address, context.capabilities.soundingLedger)
        guard !Task.isCancelled, !context.hasPassed.load(ordering: .relaxed),
            ledger.mayTryLargePackets(to: address, at: context.time.now())
        else { return [] }
        async let back = back(connect, speech)
        let facts = await out(connect) + [await back].compactMap(\.self)
        if Task.isCancelled {
            // Something came after all. Should it hang once more, that is worth another trial.
            ledger.giveBackLargePackets(to: address)
            return []
        }
        return facts.map { .pathMTU($0) }
    }

    private func out(_ connect: ConnectFact) async -> [PathMTUFact] {
        var facts: [PathMTUFact] = []
        for carrier in [SoundingFact.Carrier.icmp, .udp] where !Task.isCancelled {
            if let fact = try? await search(connect, carrier, knowing: facts) { facts.append(fact) }
        }
        return facts
    }

    /// The exchange once more, on fresh connections whose segments are small and large by turns.
    private func back(_ connect: ConnectFact, _ speech: SegmentSession.Speech?) async -> PathMTUFact? {
        guard let speech else { return nil }
        let patience = min(Self.mostPatience, connect.elapsed * 8 + .milliseconds(200))
        return try? await SegmentSearch(
            context, to: connect.endpoint, hints: [], patience: patience, deadline: start.deadline
        ).back(smallest: PathMTUSearch.leastPacket, largest: connect.agreedSize ?? 1500, speech)
    }

    private func search(
        _ connect: ConnectFact, _ carrier: SoundingFact.Carrier, knowing facts: [PathMTUFact]
    ) async throws(ProbeInterruption) -> PathMTUFact {
        let address = connect.endpoint.address
        let request = PathRequest(
            destination: Endpoint(address, carrier == .icmp ? 0 : Soundings.closedPort), carrier: carrier,
            source: context.check.source)
        let session = try await context.capabilities.paths.open(request)
        var search = PathMTUSearch(
            session, request,
            PathMTUSearch.Settings(
                largest: facts.compactMap(\.linkMTU).max() ?? PathMTUSearch.largestPacket,
                hints: facts.compactMap { $0.hasLimit ? $0.largestPassed : nil }, width: carrier == .icmp ? 8 : 3,
                patience: min(Self.mostPatience, connect.elapsed * 4 + .milliseconds(80)),
                locates: !facts.contains { $0.beyond != nil }),
            time: context.time, deadline: start.deadline)
        do throws(ProbeInterruption) {
            let fact = try await search.run()
            await session.close()
            return fact
        } catch {
            await session.close()
            throw error
        }
    }
}

/// When something last came of an exchange.
package final class Pulse: Sendable {
    private let instant: Mutex<Instant>

    package init(_ start: Instant) { instant = Mutex(start) }

    package func beat(at now: Instant) { instant.withLock { $0 = max($0, now) } }
    var latest: Instant { instant.withLock { $0 } }
}
