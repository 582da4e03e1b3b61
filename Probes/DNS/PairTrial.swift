import NetValues
import Observations
import ProbeKit
import Synchronization
import Wire

/// A and AAAA pairs in four manners, taken in turn, so that whatever else goes on meets all four alike: two questions at once from
/// one port, from two ports, one after the other, and over TCP (catalogue id dns-slow-5s-conntrack-race).
struct PairTrial: Sendable {
    let server: Endpoint
    let name: DomainName
    let form: DNSQueryForm
    let source: IPAddress?
    let trials: Int
    /// For each answer.
    let patience: Duration

    /// Pairs on their way at a time, each of sockets of its own.
    private static let workers = 8
    private static let longest = Duration.seconds(60)
    /// Of a server that answers nothing, no more is asked.
    private static let fewest = 20

    func run(in context: ProbeContext) async throws(ProbeInterruption) -> DNSPairFact {
        let book = PairBook(trials: trials, until: context.time.now() + Self.longest, fewest: Self.fewest)
        let interruptions = await withTaskGroup(of: ProbeInterruption?.self) { group in
            for _ in 0..<min(Self.workers, trials) {
                group.addTask {
                    do throws(ProbeInterruption) {
                        while book.takeTurn(at: context.time.now()) {
                            for manner in DNSPairFact.Manner.allCases {
                                book.add(try await pair(manner, context), manner)
                            }
                        }
                        return nil
                    } catch { return error }
                }
            }
            var interruptions: [ProbeInterruption] = []
            for await interruption in group { if let interruption { interruptions.append(interruption) } }
            return interruptions
        }
        // When the run is being stopped, what was tried until then stands.
        if let interruption = interruptions.first(where: { $0 != .cancelled }) { throw interruption }
        return DNSPairFact(server: server, name: name, tallies: book.tallies)
    }

    /// How long each of the two took; nil where no answer came.
    private func pair(
        _ manner: DNSPairFact.Manner, _ context: ProbeContext
    ) async throws(ProbeInterruption) -> [Duration?] {
        switch manner {
        case .samePort: return try await together(Self.types, context)
        case .twoPorts:
            return try await concurrently(Self.types) { type throws(ProbeInterruption) in
                try await together([type], context)
            }.flatMap(\.self)
        case .sequential: return try await inTurn(context)
        case .tcp:
            return try await concurrently(Self.types) { type throws(ProbeInterruption) in
                let reply = try await context.capabilities.dns.exchange(
                    form.query(name, type), with: server, over: .tcp, source: source,
                    deadline: context.time.now() + patience)
                return if case .answered = reply.outcome { reply.elapsed } else { nil }
            }
        }
    }

    private static let types = [DNSType.a, .aaaa]

    private func together(_ types: [DNSType], _ context: ProbeContext) async throws(ProbeInterruption) -> [Duration?] {
        let flow = try await context.capabilities.flows.open(to: server, source: source)
        do throws(ProbeInterruption) {
            let answers = try await exchange(types, over: flow, context.time)
            _ = await flow.close()
            return answers
        } catch {
            _ = await flow.close()
            throw error
        }
    }

    private func inTurn(_ context: ProbeContext) async throws(ProbeInterruption) -> [Duration?] {
        let flow = try await context.capabilities.flows.open(to: server, source: source)
        var answers: [Duration?] = []
        do throws(ProbeInterruption) {
            for type in Self.types { answers += try await exchange([type], over: flow, context.time) }
            _ = await flow.close()
            return answers
        } catch {
            _ = await flow.close()
            throw error
        }
    }

    /// Sends all at once and waits for all.
    private func exchange(
        _ types: [DNSType], over flow: any DatagramFlow, _ time: any TimeSource
    ) async throws(ProbeInterruption) -> [Duration?] {
        let first = UInt16.random(in: 0...UInt16.max)
        let ids = types.indices.map { first &+ UInt16($0) }
        let packets = zip(types, ids).map { type, id in
            var query = form.query(name, type)
            query.id = id
            return query.encoded()
        }
        let start = time.now()
        let dispatch = await flow.send(packets)
        var answers = [Duration?](repeating: nil, count: types.count)
        guard dispatch.taken == packets.count else {
            // The network's no is a loss like others; what our own kernel does not take is none.
            guard let failure = dispatch.failure, failure.icmp != nil || failure.name == "ECONNREFUSED" else {
                throw .unable(Self.unsent(dispatch.failure, to: server))
            }
            return answers
        }
        let deadline = start + patience
        while answers.contains(nil), time.now() < deadline {
            for event in try await flow.receive(until: deadline) {
                guard case .received(let bytes, let instant) = event,
                    let place = Self.place(of: bytes, ids: ids, types: types, name)
                else { continue }
                answers[place] = answers[place] ?? max(.zero, instant - start)
            }
        }
        return answers
    }

    private static func unsent(_ failure: SocketFailure?, to server: Endpoint) -> Inability {
        Inability(
            .addressUnavailable, action: "send questions to \(server)",
            reason: failure?.name ?? "the kernel did not take them",
            fix: "look at this host's own routes and filters, then repeat")
    }

    /// Which of the questions the bytes answer.
    private static func place(of bytes: [UInt8], ids: [UInt16], types: [DNSType], _ name: DomainName) -> Int? {
        guard let message = try? DNSMessage(decoding: bytes), message.isResponse,
            let place = ids.firstIndex(of: message.id)
        else { return nil }
        guard let question = message.questions.first else { return place }
        return question.type == types[place] && question.name.canonical == name.canonical ? place : nil
    }
}

/// The tallies of the trials, kept by several tasks.
private final class PairBook: Sendable {
    private struct Tally {
        var trials = 0
        var oneLost = 0
        var bothLost = 0
        var times = LatencyHistogram()
    }

    private struct State {
        var left: Int
        var tallies: [DNSPairFact.Manner: Tally] = [:]
    }

    private let state: Mutex<State>
    private let end: Instant
    private let fewest: Int

    init(trials: Int, until end: Instant, fewest: Int) {
        state = Mutex(State(left: trials))
        self.end = end
        self.fewest = fewest
    }

    /// Whether there is another trial to make.
    func takeTurn(at now: Instant) -> Bool {
        state.withLock { state in
            guard state.left > 0, now < end, !Task.isCancelled else { return false }
            let made = state.tallies.values.map(\.trials).min() ?? 0
            if made >= fewest, state.tallies.values.allSatisfy({ $0.times.count == 0 }) { return false }
            state.left -= 1
            return true
        }
    }

    func add(_ answers: [Duration?], _ manner: DNSPairFact.Manner) {
        state.withLock { state in
            let lost = answers.count { $0 == nil }
            state.tallies[manner, default: Tally()].trials += 1
            if lost == answers.count {
                state.tallies[manner]?.bothLost += 1
            } else if lost > 0 {
                state.tallies[manner]?.oneLost += 1
            }
            for case .some(let span) in answers { state.tallies[manner]?.times.add(nanoseconds: span.nanoseconds) }
        }
    }

    var tallies: [DNSPairFact.Tally] {
        state.withLock { state in
            DNSPairFact.Manner.allCases.compactMap { manner in
                state.tallies[manner].map { tally in
                    DNSPairFact.Tally(
                        manner: manner, trials: tally.trials, oneLost: tally.oneLost, bothLost: tally.bothLost,
                        median: tally.times.count > 0 ? tally.times.quantile(0.5) : nil)
                }
            }
        }
    }
}
