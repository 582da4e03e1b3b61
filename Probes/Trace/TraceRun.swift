import NetValues
import Observations
import Planning
import ProbeKit

/// The rounds to one address.
struct TraceRun: Sendable {
    let settings: TraceSettings
    let context: ProbeContext
    let address: IPAddress
    let firstIndex: Int
    /// How the address was found: told with the first sample.
    let facts: [Fact]

    /// Of more rounds, and of more changes after them, only the sum is kept.
    private static let mostFacts = 256
    /// Flows that begin at once: as many errors a Linux router sends to one address before it rations them, less those of the first flow
    /// (icmp(7), XRLIM_BURST_FACTOR in the kernel's net/ipv4/icmp.c).
    private static let flowsAtOnce = 5
    /// After that such a router sends one more.
    private static let rationing = Duration.milliseconds(1100)
    private static let furtherTries = 2

    private var destination: Endpoint { Endpoint(address, settings.port) }

    func takeSamples() async throws(ProbeInterruption) {
        let ledger = PathLedger()
        var sessions: [any PathSession] = []
        var trouble: ProbeInterruption?
        do throws(ProbeInterruption) {
            try await takeSamples(&sessions, ledger)
            if settings.asksForNames { await ResponderNames(context: context).add(to: ledger) }
        } catch {
            trouble = error
        }
        for session in sessions { await session.close() }
        if let trouble { throw trouble }
    }

    private func takeSamples(
        _ sessions: inout [any PathSession], _ ledger: PathLedger
    ) async throws(ProbeInterruption) {
        var kept = KeptRounds(most: Self.mostFacts)
        var ends: [Int: Int] = [:]
        var flows = sessions
        defer { sessions = flows }
        try await context.eachSample { (start) throws(ProbeInterruption) in
            let (fact, found) = try await round(start, &flows, ends, ledger)
            for (number, flow) in found.enumerated() { ends[number] = flow.nextEnd(after: ends[number]) }
            ledger.add(fact, at: start.sinceRunStart)
            let own =
                (start.index == 0 && start.attempt == 0 ? facts : [])
                + (await WayContrast(context: context, deadline: start.deadline).facts(beside: fact))
            let arrival = fact.arrival
            return Sample(
                index: firstIndex + start.index, startedAt: start.sinceRunStart,
                outcome: arrival != nil || settings.reaches == false ? .answered : .failed(.path),
                latency: arrival?.roundTrip,
                facts: context.isLogBounded || kept.takes(fact) ? own + [.trace(fact)] : own,
                comparisons: settings.comparisons(fact))
        }
    }

    private func round(
        _ start: SampleStart, _ sessions: inout [any PathSession], _ ends: [Int: Int], _ ledger: PathLedger
    ) async throws(ProbeInterruption) -> (TraceFact, [HopsFound]) {
        let isFirst = start.index == 0
        try await open(1, &sessions)
        let route = await sessions[0].route()
        var first = flowRound(sessions[0], start.deadline)
        first.knownEnd = ends[0]
        first.furtherTries = isFirst ? Self.furtherTries : 0
        var found = [try await first.run()]
        if settings.mostFlows > 1 { try await widen(&found, &sessions, ends, start.deadline) }
        let flows = found.enumerated().map { number, flow in
            PathFlow(number: number, sourcePort: sessions[number].sourcePort, hops: flow.hops)
        }
        let search = WaySearch(found, destination: address, mostFlows: settings.mostFlows)
        let fact = TraceFact(
            destination: destination, carrier: settings.carrier, source: route.source, flows: flows,
            elapsed: context.time.now() - start.instant, spread: settings.mostFlows > 1 ? search.spread : nil,
            ledger: ledger)
        return (fact, found)
    }

    private func open(_ count: Int, _ sessions: inout [any PathSession]) async throws(ProbeInterruption) {
        while sessions.count < count {
            let request = PathRequest(
                destination: destination, carrier: settings.carrier, source: context.check.source)
            sessions.append(try await context.capabilities.paths.open(request))
        }
    }

    private func flowRound(_ session: any PathSession, _ deadline: Instant) -> FlowRound {
        FlowRound(
            session: session, time: context.time, destination: address, carrier: settings.carrier,
            mostHops: settings.mostHops, deadline: deadline, isSeries: context.check.samples > 1)
    }

    // MARK: Several flows

    /// More flows until the next hops are known with confidence, or time or flows are used up; then what routers rationed is asked again.
    private func widen(
        _ found: inout [HopsFound], _ sessions: inout [any PathSession], _ ends: [Int: Int], _ deadline: Instant
    ) async throws(ProbeInterruption) {
        guard let end = found[0].end ?? (found[0].lastHeard > 0 ? found[0].lastHeard : nil) else { return }
        while context.time.now() < deadline {
            let wanted = WaySearch(found, destination: address, mostFlows: settings.mostFlows).wanted
            let count = min(max(wanted, ends.count), found.count + Self.flowsAtOnce)
            if count > found.count {
                try await open(count, &sessions)
                let batch = sessions[found.count..<count].enumerated().map { offset, session in
                    var round = flowRound(session, deadline)
                    round.knownEnd = ends[found.count + offset] ?? end
                    return round
                }
                found += try await concurrently(batch) { (round) throws(ProbeInterruption) in try await round.run() }
            } else if try await !askAgain(&found, sessions, deadline) {
                return
            }
        }
    }

    /// False when nothing is open any more.
    private func askAgain(
        _ found: inout [HopsFound], _ sessions: [any PathSession], _ deadline: Instant
    ) async throws(ProbeInterruption) -> Bool {
        let undecided = Set(WaySearch(found, destination: address, mostFlows: settings.mostFlows).spread.undecided)
        let open = found.indices.filter { number in !missing(found[number], undecided).isEmpty }
            .prefix(Self.flowsAtOnce)
        let next = context.time.now() + Self.rationing
        guard !open.isEmpty, next + Self.rationing < deadline else { return false }
        try await context.time.sleep(until: next)
        let rounds = open.map { number in
            (number, flowRound(sessions[number], deadline), missing(found[number], undecided), found[number])
        }
        let results = try await concurrently(rounds) { (round) throws(ProbeInterruption) in
            (round.0, try await round.1.asking(round.2, after: round.3))
        }
        let before = open.reduce(0) { $0 + missing(found[$1], undecided).count }
        for (number, result) in results { found[number] = result }
        let after = open.reduce(0) { $0 + missing(found[$1], undecided).count }
        return after < before
    }

    private func missing(_ flow: HopsFound, _ undecided: Set<Int>) -> [Int] {
        let last = flow.end ?? flow.lastHeard
        return undecided.filter { $0 <= last && !flow.isAnswered($0) }.sorted()
    }
}

/// Which rounds stay facts: the first ones, and those that went another way than the one before.
private struct KeptRounds {
    private let most: Int
    private var count = 0
    private var last: [[Int: IPAddress]] = []

    init(most: Int) {
        self.most = most
    }

    mutating func takes(_ fact: TraceFact) -> Bool {
        let ways = fact.flows.map { flow in
            var way: [Int: IPAddress] = [:]
            for hop in flow.hops { way[hop.limit] = hop.responder(towards: fact.destination.address) ?? way[hop.limit] }
            return way
        }
        let differs = !zip(ways, last).allSatisfy { new, old in
            new.allSatisfy { limit, address in old[limit] == nil || old[limit] == address }
        }
        last = ways
        guard count < most || differs && count < 2 * most else { return false }
        count += 1
        return true
    }
}
