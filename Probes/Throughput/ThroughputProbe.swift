import NetValues
import Observations
import Planning
import ProbeKit

/// Moves bytes to or from a peer that takes part, for a bounded time and number, and looks what the path does meanwhile.
package struct ThroughputProbe: Probe {
    private let settings: ThroughputSettings

    package init(check: Check) throws(PlanProblem) {
        settings = try ThroughputSettings(check)
    }

    package func run(in context: ProbeContext) async throws(ProbeInterruption) {
        try await context.eachSample { start throws(ProbeInterruption) in
            try await ThroughputTrial(context: context, settings: settings).sample(start)
        }
    }
}

/// One transfer, and what is needed to tell what bounded it.
private struct ThroughputTrial: Sendable {
    let context: ProbeContext
    let settings: ThroughputSettings

    private static let mostAddresses = 8

    func sample(_ start: SampleStart) async throws(ProbeInterruption) -> Sample {
        let resolved = try await context.resolve(settings.target.host, deadline: start.deadline)
        let addresses = resolved.addresses.reachable(from: context.check.source).prefix(Self.mostAddresses)
        var facts = resolved.facts
        let approach = Approach(context, start)
        for address in addresses {
            let endpoint = Endpoint(address, settings.target.port)
            let beside = OutsideTrips(context: context, endpoint: endpoint)
            // Before the server is spoken to: it waits for nobody.
            try await beside.measureIdle()
            let reached = try await approach.connect(to: endpoint, of: nil)
            facts += reached.facts
            guard let stream = reached.attempt.stream else { continue }
            let (fact, others) = try await measure(start, endpoint, stream, reached.attempt.fact, beside)
            return Sample(
                index: start.index, startedAt: start.sinceRunStart,
                outcome: fact.problem == nil ? .answered : .failed(.exchange),
                latency: reached.attempt.fact.elapsed,
                phases: Phases(
                    resolve: resolved.elapsed, connect: reached.attempt.fact.elapsed, transfer: fact.span),
                facts: facts + others + [.throughput(fact)], comparisons: comparisons(fact))
        }
        return Sample(
            index: start.index, startedAt: start.sinceRunStart,
            outcome: .failed(addresses.isEmpty ? .resolve : .connect), latency: nil,
            phases: Phases(resolve: resolved.elapsed), facts: facts)
    }

    /// - Returns: the transfer, and what was seen beside it.
    private func measure(
        _ start: SampleStart, _ endpoint: Endpoint, _ stream: any ByteStream, _ connect: ConnectFact,
        _ beside: OutsideTrips
    ) async throws(ProbeInterruption) -> (ThroughputFact, [Fact]) {
        let segment = connect.tcp?.mss
        let (context, request) = (context, settings.request)
        let (result, sizes) = try await LargePackets(context, start).beside(connect) {
            pulse throws(ProbeInterruption) in
            let session = IperfSession(
                context: context, request: request, endpoint: endpoint, segment: segment,
                beside: { end in await beside.measureLoaded(until: end) },
                moved: { pulse.beat(at: context.time.now()) })
            let result = try await run(session, on: stream)
            return (result, hangs: ThroughputFact(result, request, endpoint).problem == .stalled)
        }
        var fact = ThroughputFact(result, request, endpoint)
        if fact.problem == .busy { throw .unable(.busyServer(endpoint)) }
        beside.tell(&fact, handshakes: [connect] + result.connects)
        if fact.problem == nil {
            try await addContrasts(to: &fact, segment)
        }
        return (fact, result.connects.filter { $0.outcome != .connected }.map { .connect($0) } + sizes)
    }

    private func run(
        _ session: IperfSession, on stream: any ByteStream
    ) async throws(ProbeInterruption) -> IperfSession.Result {
        do throws(ProbeInterruption) {
            let result = try await session.run(on: IperfControl(stream))
            await stream.close()
            return result
        } catch {
            await stream.close()
            throw error
        }
    }

    // MARK: Contrasts

    private func addContrasts(to fact: inout ThroughputFact, _ segment: Int?) async throws(ProbeInterruption) {
        if let request = fact.slowerRequest(settings.request),
            let contrast = try await contrast(.slower, request, fact.endpoint, segment),
            fact.isTold(by: contrast)
        {
            fact.contrasts.append(contrast)
        }
        if let least = settings.least, fact.rate < least.bitsPerSecond, fact.bound == nil,
            settings.streams == 1, settings.transport == .tcp, settings.rate == nil
        {
            var request = settings.request
            request.streams = 4
            request.span = min(request.span, .milliseconds(1500))
            if let contrast = try await contrast(.moreStreams, request, fact.endpoint, segment) {
                fact.contrasts.append(contrast)
            }
        }
    }

    /// A server needs a moment between two tests.
    private static let pause = Duration.milliseconds(200)
    private static let tries = 3

    /// Nil when it did not come about: then nothing is said by it.
    private func contrast(
        _ kind: ThroughputFact.Contrast.Kind, _ request: ThroughputRequest, _ endpoint: Endpoint, _ segment: Int?
    ) async throws(ProbeInterruption) -> ThroughputFact.Contrast? {
        for _ in 0..<Self.tries {
            try await context.time.sleep(until: context.time.now() + Self.pause)
            let attempt = try await context.capabilities.streams.connect(
                to: endpoint, source: context.check.source, deadline: context.time.now() + context.check.timeout)
            guard let stream = attempt.stream else { continue }
            let session = IperfSession(
                context: context, request: request, endpoint: endpoint, segment: segment, beside: { _ in },
                moved: {})
            let result = try await run(session, on: stream)
            if result.problem == .busy { continue }
            let fact = ThroughputFact(result, request, endpoint)
            guard fact.problem == nil, fact.bytes > 0 else { return nil }
            if let datagrams = fact.datagrams, datagrams.lost == nil { return nil }
            let (packets, lost) = fact.paced
            return ThroughputFact.Contrast(
                kind: kind, requestedRate: request.rate, streams: request.streams, bytes: fact.bytes, span: fact.span,
                packets: packets, lost: lost)
        }
        return nil
    }

    private func comparisons(_ fact: ThroughputFact) -> [Comparison] {
        guard fact.problem == nil else { return [] }
        var comparisons: [Comparison] = []
        if let least = settings.least {
            comparisons.append(
                Comparison(
                    key: "min", expected: least.description, seen: BitRate(bitsPerSecond: fact.rate).description,
                    isMet: fact.rate >= least.bitsPerSecond, isDeclared: true))
        }
        if let peer = settings.peer {
            comparisons.append(
                Comparison(
                    key: "server", expected: peer.rawValue, seen: fact.peer.rawValue, isMet: fact.peer == peer,
                    isDeclared: true))
        }
        return comparisons
    }
}

extension Inability {
    /// No fault of the path or of the server: nothing was measured.
    fileprivate static func busyServer(_ endpoint: Endpoint) -> Inability {
        Inability(
            .serverBusy, action: "measure the throughput with \(endpoint)",
            reason: "the server is busy with the test of somebody else: it runs one at a time",
            fix:
                "wait until that test is over and try again, or use a server on another port: iperf3 -s -p 5202, or leadsman throughput --listen :5202"
        )
    }
}
