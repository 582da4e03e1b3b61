import NetValues
import Observations
import Planning
import Synchronization
import Wire

/// Connections to the endpoints of a check, and what is asked beside one that does not come about: whether a datagram gets an
/// answer, and how far packets get.
package struct Approach: Sendable {
    private let context: ProbeContext
    private let start: SampleStart

    package init(_ context: ProbeContext, _ start: SampleStart) {
        self.context = context
        self.start = start
    }

    private var deadline: Instant { start.deadline }

    /// A SYN is sent again after one second (RFC 6298): when two went unanswered, ask otherwise as well.
    private static let silence = Duration.milliseconds(1200)

    package struct Result: Sendable {
        package let attempt: ConnectAttempt
        /// Beside the connection.
        package let beside: [Fact]

        package var facts: [Fact] { [.connect(attempt.fact)] + beside }
    }

    /// - Parameter share: until when this one endpoint may take; nil for all the sample's time.
    /// - Parameter service: that the endpoint is of.
    package func connect(
        to endpoint: Endpoint, of service: ServiceName?, share: Instant? = nil
    ) async throws(ProbeInterruption) -> Result {
        let end = share ?? deadline
        let found = Mutex<[Fact]>([])
        let attempt = try await context.capabilities.streams.connect(
            to: endpoint, source: context.check.source, deadline: end,
            beside: {
                let facts = await besideSilence(endpoint, service, until: end)
                found.withLock { $0 = facts }
            })
        return Result(attempt: attempt, beside: found.withLock { $0 })
    }

    /// How far packets get to endpoints that answered with a refusal, and which ports their Service has: it is over so soon that there is
    /// time for that. To be asked when a sample has failed.
    package func followRefusals(
        in facts: [Fact], of service: ServiceName?
    ) async throws(ProbeInterruption) -> [Fact] {
        let refused = facts.compactMap { fact -> Endpoint? in
            guard case .connect(let connect) = fact, connect.isAnsweredByRefusal else { return nil }
            return connect.endpoint
        }
        let tried = facts.compactMap { if case .connect(let connect) = $0 { connect } else { nil } }
        let unresolved = tried.filter(\.isLinkSilent).map(\.endpoint.address)
        var claims: [Fact] = []
        for address in (refused.map(\.address) + unresolved).unique().prefix(Self.mostRefusals) {
            claims += await neighbours(of: address, until: deadline)
        }
        let endpoints = refused.unique().prefix(Self.mostRefusals).filter { maySound($0) }
        guard !endpoints.isEmpty else { return claims }
        let ports = await self.ports(of: service, until: deadline)
        return try await ports
            + concurrently(endpoints) { (endpoint) throws(ProbeInterruption) in
                let facts = await soundings(of: endpoint, until: deadline)
                if Task.isCancelled { throw .cancelled }
                return facts
            }.flatMap(\.self)
    }

    private static let mostRefusals = 4

    /// A flow that is to be blocked is told by its own packets alone. And the packets of a sounding are further tries: among the
    /// samples of a series they would disturb what fails every third time, so they come with the last, when none has come through.
    private func maySound(_ endpoint: Endpoint) -> Bool {
        let isLast = start.mayBeLast && start.attempt == context.check.retries
        return isLast && !context.hasAnswered.load(ordering: .relaxed)
            && context.check.expectation.word == .reachable
            && context.capabilities.soundingLedger.mayBegin(endpoint, at: context.time.now())
    }

    /// Empty when it was not needed, or could not be sent: it is a help, and the connection is what was asked for.
    private func besideSilence(_ endpoint: Endpoint, _ service: ServiceName?, until end: Instant) async -> [Fact] {
        let now = context.time.now()
        let patience = min(Self.silence, .nanoseconds((end - now).nanoseconds / 2))
        guard (try? await context.time.sleep(until: now + patience)) != nil else { return [] }
        async let contrast = datagram(endpoint, until: end)
        async let claims = neighbours(of: endpoint.address, until: end)
        guard maySound(endpoint) else { return await contrast + claims }
        async let depths = soundings(of: endpoint, until: end)
        let ports = await self.ports(of: service, until: end)
        return await contrast + claims + depths + ports
    }

    private func datagram(_ endpoint: Endpoint, until end: Instant) async -> [Fact] {
        let fact = try? await context.capabilities.datagrams.send(
            [], to: endpoint, source: context.check.source, deadline: end)
        return fact.map { [.datagram($0)] } ?? []
    }

    /// On the own link somebody else may answer for the next hop, two may, or nobody. Asked with the last sample, or in between where
    /// others have come through: that is what two machines with one address look like.
    private func neighbours(of address: IPAddress, until end: Instant) async -> [Fact] {
        let isLast = start.mayBeLast && start.attempt == context.check.retries
        guard isLast || context.hasAnswered.load(ordering: .relaxed), context.check.expectation.word == .reachable,
            context.capabilities.soundingLedger.mayAskNeighbours(of: address, at: context.time.now())
        else { return [] }
        let fact = try? await context.capabilities.neighbours.ask(towards: address, deadline: end)
        return fact.map { [.neighbour($0)] } ?? []
    }

    /// A Service has SRV records for its ports (kubernetes/dns, specification.md 2.3.2); CoreDNS answers for its plain name with all of
    /// them.
    private func ports(of service: ServiceName?, until end: Instant) async -> [Fact] {
        guard let service, let server = context.capabilities.resolver.servers.first,
            context.capabilities.soundingLedger.mayAsk(service, at: context.time.now())
        else { return [] }
        let reply = try? await context.capabilities.dns.exchange(
            DNSQueryForm().query(service.name, .srv), with: server, over: .udp, source: nil,
            deadline: min(end, context.time.now() + Self.patienceForPorts))
        return reply.map { reply in
            [
                .dns(
                    DNSFact(
                        server: server, transport: .udp, step: .contrast, name: service.name, type: .srv,
                        elapsed: reply.elapsed, outcome: reply.outcome, source: reply.source, id: reply.id))
            ]
        } ?? []
    }

    private static let patienceForPorts = Duration.seconds(1)

    private func soundings(of endpoint: Endpoint, until end: Instant) async -> [Fact] {
        await Soundings(context: context, endpoint: endpoint, deadline: end).facts()
    }
}

extension ConnectFact {
    /// The own kernel gave up: nobody on the link answered for the next hop.
    fileprivate var isLinkSilent: Bool {
        guard case .failed(let failure) = outcome else { return false }
        return failure.name == "EHOSTUNREACH" && failure.icmp.map { $0.origin == .local || $0.isFromOwnHost } ?? true
    }

    /// Something out there said no: a reset, or an ICMP error that came in a packet.
    fileprivate var isAnsweredByRefusal: Bool {
        guard case .failed(let failure) = outcome else { return false }
        if let report = failure.icmp { return report.origin != .local && !report.isFromOwnHost }
        return failure.name == "ECONNREFUSED"
    }
}
