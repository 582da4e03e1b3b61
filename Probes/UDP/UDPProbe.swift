import NetValues
import Observations
import Planning
import ProbeKit

/// Asks every address of the target in a UDP service's own protocol: over UDP only an answer shows that somebody is there.
package struct UDPProbe: Probe {
    /// A name with more addresses than this is a flood, not a service.
    private static let mostAddresses = 64

    private let target: HostPort
    private let service: any UDPService

    package static let description = ProbeDescription(
        kind: "udp",
        summary: "asks a UDP service in its own protocol: DNS, NTP, QUIC, SIP, echo, or bytes of your own",
        targetForm: .hostPort,
        latency: "from the request to the answer of the first address that answers",
        stages: [.resolve],
        parameters: [
            ParameterDescription(
                "service", .words(UDPServices.words),
                "the protocol to ask in; default by port: 53 dns, 123 ntp, 443 quic, 5060 sip, 7 echo; raw with send"),
            ParameterDescription("send", .text, "for raw: the bytes of the request; \\r \\n \\t \\\\ \\xNN are escapes")
            {
                value in
                guard case .text(let text) = value else { return nil }
                guard let bytes = SendText(text)?.bytes else {
                    return "expected text whose escapes are \\r \\n \\t \\\\ or \\xNN"
                }
                return bytes.count <= UDPServices.mostBytes ? nil : "at most \(UDPServices.mostBytes) bytes"
            },
        ],
        expectations: [],
        rights: "none",
        notes: """
            Sends one request to each address, and the same once more after half of the time-out. Beside an address that is \
            silent until then it opens a TCP connection to the same port, whose answer shows that the host lives. Silence over \
            UDP is ambiguous: the port may be open and not care for the request, a filter may drop it, or it was lost twice.
            """,
        takesRanges: true)

    package init(check: Check) throws(PlanProblem) {
        guard case .hostPort(let target) = check.target else {
            throw PlanProblem("udp needs \(Target.Form.hostPort.syntax)")
        }
        self.target = target
        service = try UDPServices.service(of: check, port: target.port)
    }

    package func run(in context: ProbeContext) async throws(ProbeInterruption) {
        try await context.eachSample { (start) throws(ProbeInterruption) in
            try await take(start, in: context)
        }
    }

    private func take(_ start: SampleStart, in context: ProbeContext) async throws(ProbeInterruption) -> Sample {
        let resolved = try await context.resolve(target.host, deadline: start.deadline)
        let addresses = resolved.addresses.reachable(from: context.check.source).prefix(Self.mostAddresses)
        let inquiry = ServiceInquiry(context: context, service: service, target: target, deadline: start.deadline)
        let visits = try await concurrently(addresses.map { Endpoint($0, target.port) }) {
            (endpoint) throws(ProbeInterruption) in try await inquiry.ask(endpoint)
        }
        let answered = visits.first { if case .answered = $0.fact.outcome { true } else { false } }
        return Sample(
            index: start.index, startedAt: start.sinceRunStart,
            outcome: addresses.isEmpty ? .failed(.resolve) : answered == nil ? .failed(.query) : .answered,
            latency: answered?.fact.elapsed, phases: Phases(resolve: resolved.elapsed),
            facts: resolved.facts + visits.flatMap(\.facts), comparisons: comparisons(visits))
    }

    /// An answer that says no, of the first address that gives one.
    private func comparisons(_ visits: [ServiceVisit]) -> [Comparison] {
        guard let visit = visits.first(where: { $0.objection != nil }), let objection = visit.objection else {
            return []
        }
        return [
            Comparison(
                key: "service", expected: service.promise, seen: "\(objection) (\(visit.fact.endpoint))", isMet: false,
                isDeclared: false)
        ]
    }
}
