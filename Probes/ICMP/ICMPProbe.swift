import NetValues
import Observations
import Planning
import ProbeKit

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
        self.host = host
        settings = EchoSettings(
            size: check.parameters.number("size") ?? EchoSettings().size, hopLimit: check.parameters.number("ttl"),
            dontFragment: check.parameters.flag("dontFragment") ?? false)
    }

    package func run(in context: ProbeContext) async throws(ProbeInterruption) {
        let start = context.time.now()
        let resolution = try await context.resolve(host, deadline: start + context.check.timeout)
        for (number, target) in Self.targets(among: resolution.addresses, of: host, for: context.check).enumerated() {
            let firstIndex = number * context.check.samples
            guard let address = target else {
                context.record(
                    Sample(
                        index: firstIndex, startedAt: start - context.runStart, outcome: .failed(.resolve),
                        latency: nil,
                        facts: resolution.facts))
                continue
            }
            let run = EchoRun(
                address: address, context: context, firstIndex: firstIndex, facts: number == 0 ? resolution.facts : [])
            let other = otherFamily(than: address, among: resolution.addresses, context.check)
            if try await run.takeSamples(settings, givingUpWithoutRoute: other != nil) { continue }
            let instead = other.map {
                EchoRun(address: $0, context: context, firstIndex: firstIndex, facts: run.facts)
            }
            _ = try await instead?.takeSamples(settings, givingUpWithoutRoute: false)
        }
    }

    /// Where to turn when the own host has no way to `address`: applications prefer the family that has a route
    /// (RFC 6724 section 5, rule 1).
    private func otherFamily(than address: IPAddress, among addresses: [IPAddress], _ check: Check) -> IPAddress? {
        guard check.family == .any, check.source == nil else { return nil }
        return addresses.first { $0.family != address.family }
    }

    /// The first address, or the first of each family when both are asked for of a name; nil for one that there is not.
    /// A source address decides the family.
    private static func targets(among addresses: [IPAddress], of host: Host, for check: Check) -> [IPAddress?] {
        let usable = addresses.filter { address in
            check.family.admits(address.family) && check.source.map { $0.family == address.family } ?? true
        }
        guard check.family == .both, host.name != nil, check.source == nil, !usable.isEmpty else {
            return [usable.first]
        }
        return IPAddress.Family.allCases.map { family in usable.first { $0.family == family } }
    }
}

/// The series to one address.
private struct EchoRun {
    /// As many events are taken before looking at the clock again, so that no flood of replies keeps requests from being sent.
    private static let mostAtOnce = 256

    let address: IPAddress
    let context: ProbeContext
    let firstIndex: Int
    /// How the address was found: told with the first sample.
    let facts: [Fact]

    /// - Returns: false when it gave up, with nothing recorded, since the own host has no way to the address.
    func takeSamples(_ settings: EchoSettings, givingUpWithoutRoute: Bool) async throws(ProbeInterruption) -> Bool {
        let session = try await context.capabilities.echo.open(
            to: address, source: context.check.source, settings: settings)
        let check = context.check
        var series = EchoSeries(
            count: check.samples, interval: check.interval, timeout: check.timeout, start: context.time.now())
        let hasRoute: Bool
        do throws(ProbeInterruption) {
            hasRoute = try await drive(&series, over: session, givingUpWithoutRoute)
        } catch {
            series.takeAllDecided().forEach(record)
            await session.close()
            throw error
        }
        await session.close()
        return hasRoute
    }

    private func drive(
        _ series: inout EchoSeries, over session: any EchoSession, _ givingUpWithoutRoute: Bool
    ) async throws(ProbeInterruption) -> Bool {
        while let next = series.nextInstant {
            let now = context.time.now()
            if series.isSendDue(at: now) {
                let sequence = series.send(at: now)
                if let failure = try await session.send(sequence: sequence) {
                    if givingUpWithoutRoute, sequence == 0, Self.tellsOfNoRoute(failure) { return false }
                    series.fail(sequence, failure, at: now)
                }
                try await receive(into: &series, from: session, until: now)
            } else {
                try await receive(into: &series, from: session, until: next)
            }
            let later = context.time.now()
            series.expire(at: later)
            series.takeDecided(at: later).forEach(record)
        }
        return true
    }

    private static func tellsOfNoRoute(_ failure: SocketFailure) -> Bool {
        ["ENETUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"].contains(failure.name)
    }

    /// Waits for one event, then takes what else is already there: a reply that has come is never overtaken by its timeout,
    /// however late we are ourselves.
    private func receive(
        into series: inout EchoSeries, from session: any EchoSession, until deadline: Instant
    ) async throws(ProbeInterruption) {
        var deadline = deadline
        for _ in 0..<Self.mostAtOnce {
            guard let event = try await session.receive(deadline: deadline) else { return }
            let now = context.time.now()
            series.receive(event, at: now)
            deadline = min(deadline, now)
        }
    }

    private func record(_ echo: DecidedEcho) {
        let fact = EchoFact(
            address: address, sequence: echo.index, outcome: echo.outcome, roundTrip: echo.roundTrip,
            hopLimit: echo.hopLimit,
            duplicates: echo.duplicates, isLate: echo.isLate, isKernelStamped: echo.isKernelStamped,
            foreignReplies: echo.foreignReplies)
        context.record(
            Sample(
                index: firstIndex + echo.index, startedAt: echo.sentAt - context.runStart,
                outcome: echo.outcome == .replied ? .answered : .failed(.echo), latency: echo.roundTrip,
                facts: (echo.index == 0 ? facts : []) + [.echo(fact)]))
    }
}
