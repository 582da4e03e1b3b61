import NetValues
import Observations
import Planning
import ProbeKit

/// Opens many connections to one endpoint at once and looks what else still works meanwhile.
package struct FlowsProbe: Probe {
    private let settings: FlowsSettings

    package init(check: Check) throws(PlanProblem) {
        settings = try FlowsSettings(check)
    }

    package func run(in context: ProbeContext) async throws(ProbeInterruption) {
        try await context.eachSample { start throws(ProbeInterruption) in
            try await FlowTrial(context: context, settings: settings).sample(start)
        }
    }
}

/// One taking of the many connections.
private struct FlowTrial: Sendable {
    let context: ProbeContext
    let settings: FlowsSettings

    /// Addresses of the name that are tried for one that accepts.
    private static let mostAddresses = 8
    /// A server that greets does so within a round trip or two.
    private static let greeting = Duration.milliseconds(500)
    private static let retries = 3
    private static let pause = Duration.milliseconds(200)

    func sample(_ start: SampleStart) async throws(ProbeInterruption) -> Sample {
        let resolved = try await context.resolve(settings.target.host, deadline: start.deadline)
        let addresses = resolved.addresses.reachable(from: context.check.source).prefix(Self.mostAddresses)
        let (others, otherFacts) = try await otherEndpoints(start.deadline)
        var facts = resolved.facts + otherFacts
        let held = HeldStreams()
        let trial: (fact: FlowsFact?, connects: [ConnectFact])
        do throws(ProbeInterruption) {
            trial = try await carryOut(addresses.map { Endpoint($0, settings.target.port) }, others, held)
        } catch {
            await held.closeAll()
            throw error.about(settings)
        }
        await held.closeAll()
        facts += trial.connects.map { .connect($0) }
        guard let fact = trial.fact else {
            return Sample(
                index: start.index, startedAt: start.sinceRunStart,
                outcome: .failed(addresses.isEmpty ? .resolve : .connect), latency: nil,
                phases: Phases(resolve: resolved.elapsed), facts: facts)
        }
        let median = fact.medianHandshake
        return Sample(
            index: start.index, startedAt: start.sinceRunStart, outcome: .answered, latency: median,
            phases: Phases(resolve: resolved.elapsed, connect: median), facts: facts + [.flows(fact)],
            comparisons: [comparison(fact)])
    }

    /// Names beside the target; one that has no address is told by its facts and left out.
    private func otherEndpoints(_ deadline: Instant) async throws(ProbeInterruption) -> ([Endpoint], [Fact]) {
        var endpoints: [Endpoint] = []
        var facts: [Fact] = []
        for other in settings.beside {
            let resolved = try await context.resolve(other.host, deadline: deadline)
            // Of a literal address nothing is looked up that a report should tell.
            if other.host.name != nil { facts += resolved.facts }
            if let address = resolved.addresses.reachable(from: context.check.source).first {
                endpoints.append(Endpoint(address, other.port))
            }
        }
        return (endpoints.unique(), facts)
    }

    /// - Returns: no fact of many when not even one connection came about.
    private func carryOut(
        _ candidates: [Endpoint], _ others: [Endpoint], _ held: HeldStreams
    ) async throws(ProbeInterruption) -> (FlowsFact?, [ConnectFact]) {
        var connects: [ConnectFact] = []
        let before = try await tryEach(others)
        for endpoint in candidates {
            let start = context.time.now()
            let first = try await context.capabilities.streams.connect(
                to: endpoint, source: context.check.source, deadline: start + context.check.timeout)
            connects.append(first.fact)
            guard let stream = first.stream else { continue }
            held.hold(stream, 0)
            let alone = try await reply(on: stream, patience: settings.words.bytes.isEmpty ? Self.greeting : nil)
            let burst = FlowBurst(context: context, endpoint: endpoint, settings: settings, held: held, start: start)
            let attempts = [FlowsFact.Attempt(start, since: start, first.fact)] + (try await burst.openFurther())
            let isShort = attempts.contains { $0.outcome != .connected }
            var last: FlowsFact.Reply?
            if isShort, alone.end == .satisfied || alone.wasAsked, let stream = held.last {
                last = try await reply(on: stream, patience: nil)
            }
            let beside = try await tryEach(others)
            await held.closeAll()
            let after = isShort ? try await tryAgain(endpoint) : []
            let fact = FlowsFact(
                endpoint: endpoint, attempts: attempts, beside: beside, after: after,
                elapsed: context.time.now() - start, before: before, alone: alone, held: last)
            return (fact, connects)
        }
        return (nil, connects)
    }

    /// One connection to each, one after the other, closed at once.
    private func tryEach(_ endpoints: [Endpoint]) async throws(ProbeInterruption) -> [ConnectFact] {
        var facts: [ConnectFact] = []
        for endpoint in endpoints {
            let attempt = try await context.capabilities.streams.connect(
                to: endpoint, source: context.check.source, deadline: context.time.now() + settings.hold)
            await attempt.stream?.close()
            facts.append(attempt.fact)
        }
        return facts
    }

    private func tryAgain(_ endpoint: Endpoint) async throws(ProbeInterruption) -> [ConnectFact] {
        var facts: [ConnectFact] = []
        for _ in 0..<Self.retries {
            try await context.time.sleep(until: context.time.now() + Self.pause)
            facts += try await tryEach([endpoint])
        }
        return facts
    }

    /// Says the words, and waits for whatever comes back.
    /// - Parameter patience: nil waits as long as for a connection.
    private func reply(
        on stream: any ByteStream, patience: Duration?
    ) async throws(ProbeInterruption) -> FlowsFact.Reply {
        let start = context.time.now()
        let deadline = start + (patience ?? settings.hold)
        let wasAsked = !settings.words.bytes.isEmpty
        if wasAsked, let end = try await stream.write(settings.words.bytes, deadline: deadline) {
            return FlowsFact.Reply(wasAsked: true, end: end, elapsed: context.time.now() - start)
        }
        let end: StreamEnd =
            switch try await stream.read(upTo: 4096, deadline: deadline) {
            case .bytes: .satisfied
            case .end(let end): end
            }
        return FlowsFact.Reply(wasAsked: wasAsked, end: end, elapsed: context.time.now() - start)
    }

    private func comparison(_ fact: FlowsFact) -> Comparison {
        let connected = fact.attempts.count { $0.outcome == .connected }
        return Comparison(
            key: "connected", expected: "\(settings.wanted) of \(settings.count) connections", seen: "\(connected)",
            isMet: connected >= settings.wanted, isDeclared: settings.wanted < settings.count)
    }
}

extension FlowsFact {
    /// Of the connections that came about.
    fileprivate var medianHandshake: Duration? {
        let times = attempts.filter { $0.outcome == .connected }.map(\.elapsed).sorted()
        return times.isEmpty ? nil : times[times.count / 2]
    }
}

extension ProbeInterruption {
    /// Too few descriptors are mended by asking for fewer connections.
    fileprivate func about(_ settings: FlowsSettings) -> ProbeInterruption {
        guard case .unable(let inability) = self, inability.code == .noDescriptors else { return self }
        return .unable(
            Inability(
                .noDescriptors, action: "hold \(settings.count) connections to \(settings.target) at once",
                reason: inability.reason, fix: "lower count, or raise the limit of open files (ulimit -n)"))
    }
}
