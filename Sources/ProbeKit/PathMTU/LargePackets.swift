import NetValues
import Observations
import Planning
import Synchronization

/// Beside an exchange that hangs on a connection that stands: whether large packets get to the address, and behind which router they do
/// not. That is what a path MTU black hole looks like from above (catalogue section 17.3), and its user need not know the word.
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

    /// - Parameters:
    ///   - speech: what makes the peer answer with large packets of its own, to test the way back.
    ///   - work: answers with its value, and whether it hung to the end. What the trial finds counts only then.
    package func beside<Value: Sendable>(
        _ connect: ConnectFact, speech: SegmentSession.Speech? = nil,
        _ work: (_ pulse: Pulse) async throws(ProbeInterruption) -> (Value, hangs: Bool)
    ) async throws(ProbeInterruption) -> (Value, facts: [Fact]) {
        let pulse = Pulse(context.time.now())
        guard isWorthwhile else { return (try await work(pulse).0, []) }
        let found = Mutex<[Fact]>([])
        let (value, hangs) = try await withCompanion({
            let facts = await trial(connect, speech, pulse)
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

    private func trial(
        _ connect: ConnectFact, _ speech: SegmentSession.Speech?, _ pulse: Pulse
    ) async -> [Fact] {
        let patience = min(Self.silence, .nanoseconds((start.deadline - context.time.now()).nanoseconds * 2 / 5))
        while case let due = pulse.latest + patience, due > context.time.now() {
            guard (try? await context.time.sleep(until: due)) != nil else { return [] }
        }
        let address = connect.endpoint.address
        guard !Task.isCancelled, !context.hasAnswered.load(ordering: .relaxed),
            context.capabilities.soundingLedger.mayTryLargePackets(to: address, at: context.time.now())
        else { return [] }
        var facts: [PathMTUFact] = []
        for carrier in [SoundingFact.Carrier.icmp, .udp] {
            if let fact = try? await search(connect, carrier, knowing: facts) { facts.append(fact) }
            if Task.isCancelled { return [] }
        }
        // The way out takes all: what hangs may be the answer.
        if !facts.contains(where: \.isSilent), let speech, let fact = try? await back(connect, speech, knowing: facts) {
            facts.append(fact)
        }
        return Task.isCancelled ? [] : facts.map { .pathMTU($0) }
    }

    private func back(
        _ connect: ConnectFact, _ speech: @escaping SegmentSession.Speech, knowing facts: [PathMTUFact]
    ) async throws(ProbeInterruption) -> PathMTUFact? {
        let patience = min(Self.mostPatience, connect.elapsed * 8 + .milliseconds(200))
        return try await SegmentSearch(
            context, to: connect.endpoint, hints: facts.compactMap { $0.hasLimit ? $0.largestPassed : nil },
            patience: patience, deadline: start.deadline
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
