import NetValues
import Observations
import Planning
import ProbeKit
import Synchronization

/// ICMP echo requests to a host, as a series over one socket.
package struct ICMPProbe: Probe {
    private let host: Host
    private let settings: EchoSettings

    package init(check: Check) throws(PlanProblem) {
        guard let host = check.target.host, check.target.port == nil else {
            throw PlanProblem("icmp takes \(Target.Form.host.syntax), not `\(check.target)`")
        }
        if let family = host.address?.family, !check.family.admits(family) {
            throw PlanProblem("\(host) is an \(family.rawValue) address, but the check asks for the other family")
        }
        if let family = host.address?.family, let source = check.source, source.family != family {
            throw PlanProblem("\(host) cannot be reached from \(source): one is IPv4, the other IPv6")
        }
        if let source = check.source, !check.family.admits(source.family) {
            throw PlanProblem(
                "the source \(source) is an \(source.family.rawValue) address, but the check asks for the other family")
        }
        if let problem = Self.unaskedFlood(check, host) { throw problem }
        self.host = host
        settings = EchoSettings(
            size: check.parameters.number("size") ?? EchoSettings().size, hopLimit: check.parameters.number("ttl"),
            dontFragment: check.parameters.flag("dontFragment") ?? false)
    }

    /// Faster than this is a load on others' links, which is nothing to come about by a slip of the finger.
    private static let shortestInterval = Duration.milliseconds(2)

    private static func unaskedFlood(_ check: Check, _ host: Host) -> PlanProblem? {
        guard check.interval < shortestInterval, check.samples > 1, check.parameters.flag("flood") != true,
            host.address?.isOfInternet ?? true
        else { return nil }
        return PlanProblem(
            "an interval of \(check.interval.spoken) is a flood: towards other than private addresses say `flood: true` (leadsman ping --flood), or take \(shortestInterval.spoken) and more"
        )
    }

    package func run(in context: ProbeContext) async throws(ProbeInterruption) {
        let start = context.time.now()
        let resolution = try await context.resolve(host, deadline: start + context.check.timeout)
        for (number, target) in context.check.seriesTargets(among: resolution.addresses, of: host).enumerated() {
            let firstIndex = number * context.check.samples
            guard let address = target else {
                context.record(
                    Sample(
                        index: firstIndex, startedAt: start - context.runStart, outcome: .failed(.resolve),
                        latency: nil,
                        facts: resolution.facts))
                continue
            }
            let own = number == 0 ? resolution.facts : []
            let other = context.check.otherFamily(than: address, among: resolution.addresses)
            let run = EchoRun(address, context, firstIndex, own, givingUpWithoutRoute: other != nil)
            if try await run.takeSamples(settings) { continue }
            let instead = other.map { EchoRun($0, context, firstIndex, own, givingUpWithoutRoute: false) }
            _ = try await instead?.takeSamples(settings)
        }
    }
}

/// The series to one address.
private final class EchoRun: EchoCourse {
    private struct State {
        var series: EchoSeries
        var hasGivenUp = false
        var identifier: UInt16?
    }

    private let address: IPAddress
    private let context: ProbeContext
    private let firstIndex: Int
    /// How the address was found: told with the first sample.
    private let facts: [Fact]
    private let givesUpWithoutRoute: Bool
    private let state: Mutex<State>

    init(
        _ address: IPAddress, _ context: ProbeContext, _ firstIndex: Int, _ facts: [Fact], givingUpWithoutRoute: Bool
    ) {
        self.address = address
        self.context = context
        self.firstIndex = firstIndex
        self.facts = facts
        givesUpWithoutRoute = givingUpWithoutRoute
        let check = context.check
        state = Mutex(
            State(
                series: EchoSeries(
                    count: check.samples, interval: check.interval, timeout: check.timeout, start: context.time.now())))
    }

    /// - Returns: false when it gave up, with nothing recorded, since the own host has no way to the address.
    func takeSamples(_ settings: EchoSettings) async throws(ProbeInterruption) -> Bool {
        let session = try await context.capabilities.echo.open(
            to: address, source: context.check.source, settings: settings)
        do throws(ProbeInterruption) {
            try await session.run(self)
        } catch {
            state.withLock { state in
                for echo in state.series.takeAllDecided() { record(echo, state.identifier) }
            }
            await session.close()
            throw error
        }
        await session.close()
        return !state.withLock { $0.hasGivenUp }
    }

    // MARK: EchoCourse

    func begin(identifier: UInt16) {
        state.withLock { $0.identifier = identifier }
    }

    func sequenceDue(at now: Instant) -> UInt16? {
        let sequence = state.withLock { $0.series.isSendDue(at: now) ? $0.series.send(at: now) : nil }
        if sequence != nil, context.isLogBounded { context.noteOnTheWay(1) }
        return sequence
    }

    func refuse(_ sequence: UInt16, _ failure: SocketFailure, at now: Instant) {
        state.withLock { state in
            if givesUpWithoutRoute, sequence == 0, Self.tellsOfNoRoute(failure) {
                if context.isLogBounded { context.noteOnTheWay(-1) }
                state.hasGivenUp = true
            } else {
                state.series.fail(sequence, failure, at: now)
            }
        }
    }

    func receive(_ event: EchoEvent, at now: Instant) {
        state.withLock { $0.series.receive(event, at: now) }
    }

    func settle(at instant: Instant) -> Instant? {
        state.withLock { state in
            guard !state.hasGivenUp else { return nil }
            state.series.expire(at: instant)
            while let echo = state.series.takeNext(at: instant) { record(echo, state.identifier) }
            return state.series.nextInstant
        }
    }

    private static func tellsOfNoRoute(_ failure: SocketFailure) -> Bool {
        ["ENETUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"].contains(failure.name)
    }

    private func record(_ echo: DecidedEcho, _ identifier: UInt16?) {
        if context.isLogBounded { context.noteOnTheWay(-1) }
        let fact = EchoFact(
            address: address, sequence: echo.index, outcome: echo.outcome, roundTrip: echo.roundTrip,
            hopLimit: echo.hopLimit,
            duplicates: echo.duplicates, isLate: echo.isLate, isKernelStamped: echo.isKernelStamped,
            foreignReplies: echo.foreignReplies, identifier: identifier)
        context.record(
            Sample(
                index: firstIndex + echo.index, startedAt: echo.sentAt - context.runStart,
                outcome: echo.outcome == .replied ? .answered : .failed(.echo), latency: echo.roundTrip,
                facts: echo.index == 0 ? facts + [.echo(fact)] : [.echo(fact)]))
    }
}
