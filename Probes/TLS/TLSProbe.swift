import NetValues
import Observations
import Planning
import ProbeKit

/// Shakes hands by TLS with the first address that accepts, and tells what the server presented.
package struct TLSProbe: Probe {
    private let target: HostPort
    private let settings: TLSSettings
    private let demands: TLSDemands

    private static let versions = TLSSettings.Version.allCases.map(\.rawValue)

    package static let description = ProbeDescription(
        kind: "tls",
        summary: "shakes hands by TLS and examines certificates, versions and alerts",
        targetForm: .hostPort,
        latency: "the TLS handshake, without the TCP connection before it",
        stages: [.resolve, .connect, .tls],
        parameters: [
            ParameterDescription(
                "serverName", .text, "name to send as SNI and to expect in the certificate; default: the host"
            ) {
                guard case .text(let name) = $0, DomainName(name) == nil else { return nil }
                return "expected a domain name"
            },
            ParameterDescription(
                "ca", .text, "PEM file or directory of the authorities to trust, instead of the system's"),
            ParameterDescription("certificate", .text, "PEM file with the client certificate and its chain"),
            ParameterDescription("key", .text, "PEM file with the client key; may be the same file"),
            ParameterDescription("minVersion", .words(versions), "oldest TLS version to offer; default 1.2"),
            ParameterDescription("maxVersion", .words(versions), "newest TLS version to offer"),
            ParameterDescription("alpn", .list, "protocols to offer by ALPN, such as h2, http/1.1") {
                guard case .list(let names) = $0, !names.allSatisfy({ (1...255).contains($0.utf8.count) }) else {
                    return nil
                }
                return "expected names of 1 to 255 bytes"
            },
        ],
        expectations: [
            ParameterDescription("validFor", .span, "every presented certificate must be valid for at least this long"),
            ParameterDescription("version", .listOfWords(versions), "the version agreed on must be one of these"),
        ],
        rights: "none",
        notes: """
            Opens one TCP connection, does the handshake and closes. In the first two samples it also connects to the name's other \
            addresses (up to 16) and closes at once, so that a dead one is seen. An untrusted certificate does not end the handshake, so \
            that all that is wrong is seen at once. When a TLS 1.3 server asks for a client certificate and none is sent, the \
            probe waits half a second for its refusal, since the server says it only then. When the first handshake ends right behind \
            the ClientHello, it is repeated with a neutral server name (example.com) and with the own one, to see whether names are filtered. Revocation is not checked.
            """,
        takesRanges: true)

    package init(check: Check) throws(PlanProblem) {
        guard case .hostPort(let target) = check.target else {
            throw PlanProblem("tls needs \(Target.Form.hostPort.syntax)")
        }
        self.target = target
        settings = try TLSSettings(check, host: target.host)
        demands = TLSDemands(check.expectation)
    }

    package func run(in context: ProbeContext) async throws(ProbeInterruption) {
        try await context.eachSample { (start) throws(ProbeInterruption) in
            try await take(start, in: context)
        }
    }

    private func take(_ start: SampleStart, in context: ProbeContext) async throws(ProbeInterruption) -> Sample {
        var course = SampleCourse(start)
        let resolved = try await context.resolve(target.host, deadline: start.deadline)
        course.facts = resolved.facts
        course.phases.resolve = resolved.elapsed
        let addresses = resolved.addresses.reachable(from: context.check.source)
        guard !addresses.isEmpty else { return course.failed(.resolve) }
        let approach = Approach(context, start)
        let service = ServiceName(of: target.host, found: resolved.facts)
        let attempts = try await FirstAcceptance(
            context: context, approach: approach, service: service, deadline: start.deadline
        ).connect(to: addresses, target.port)
        course.facts += attempts.flatMap(\.facts)
        guard let last = attempts.last?.attempt, let stream = last.stream else {
            course.facts += try await approach.followRefusals(in: course.facts, of: service)
            return course.failed(.connect)
        }
        course.phases.connect = last.fact.elapsed
        let attended = LargePackets(context, start).attend(stream, last.fact) { [settings] in
            SegmentSession.handshake(context.capabilities.tls, with: last.fact.endpoint, settings)
        }
        let handshake = try await context.capabilities.tls.secure(
            attended ?? stream, to: last.fact.endpoint, settings: settings, deadline: start.deadline)
        await handshake.stream?.close()
        if handshake.fact.outcome == .timedOut { course.afterwards += attended?.facts ?? [] }
        if context.mayCompareNames(start) {
            course.afterwards += try await context.contrast(
                handshake.fact, settings: settings, deadline: start.deadline)
        }
        let others = try await context.survey(addresses, besides: course.facts, port: target.port, start)
        course.afterwards += others
        return course.concluded(handshake.fact, demands, at: context.time.wallTime())
    }
}

/// What a sample has come to so far.
private struct SampleCourse {
    let start: SampleStart
    var facts: [Fact] = []
    var phases = Phases()
    /// What was seen beside the handshake.
    var afterwards: [Fact] = []

    init(_ start: SampleStart) {
        self.start = start
    }

    func failed(_ stage: Stage) -> Sample {
        Sample(
            index: start.index, startedAt: start.sinceRunStart, outcome: .failed(stage), latency: nil, phases: phases,
            facts: facts)
    }

    func concluded(_ fact: TLSFact, _ demands: TLSDemands, at now: WallTime) -> Sample {
        let isEstablished = fact.outcome == .established
        var phases = phases
        if isEstablished { phases.tls = fact.elapsed }
        return Sample(
            index: start.index, startedAt: start.sinceRunStart, outcome: isEstablished ? .answered : .failed(.tls),
            latency: isEstablished ? fact.elapsed : nil, phases: phases, facts: facts + [.tls(fact)] + afterwards,
            comparisons: demands.comparisons(fact, at: now))
    }
}
