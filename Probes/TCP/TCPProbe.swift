import NetValues
import Observations
import Planning
import ProbeKit

/// Connects to every address of the target and, when asked, says something and reads what the service says.
package struct TCPProbe: Probe {
    private let target: HostPort
    private let conversation: Conversation?

    package static let description = ProbeDescription(
        kind: "tcp",
        summary: "opens TCP connections to every address of a host, and may read a banner",
        targetForm: .hostPort,
        latency: "the TCP handshake with the first address that accepts",
        stages: [.resolve, .connect],
        parameters: [
            ParameterDescription(
                "send", .text, "text to send after connecting; \\r \\n \\t \\\\ \\xNN are escapes",
                check: SendText.problem)
        ],
        expectations: [
            ParameterDescription(
                "banner", .pattern, "regular expression for the first 1024 bytes that the service sends")
        ],
        rights: "none",
        notes: """
            Sends a SYN to each address, from a new port for each sample. Beside an address that stays silent it sends one \
            empty UDP datagram to the same port: its ICMP answer shows a host that lives, a local filter refuses it at once. Beside \
            the last sample of one that stays silent or refuses, some tens of SYNs and datagrams with small hop limits show where \
            packets end, and who refuses. \
            A connection that is accepted says nothing about the service behind it unless a banner is expected.
            """,
        takesRanges: true)

    package init(check: Check) throws(PlanProblem) {
        guard case .hostPort(let target) = check.target else {
            throw PlanProblem("tcp needs \(Target.Form.hostPort.syntax)")
        }
        self.target = target
        conversation = try Conversation(check)
    }

    package func run(in context: ProbeContext) async throws(ProbeInterruption) {
        try await context.eachSample { (start) throws(ProbeInterruption) in
            try await take(start, in: context)
        }
    }

    private func take(_ start: SampleStart, in context: ProbeContext) async throws(ProbeInterruption) -> Sample {
        let resolved = try await context.resolve(target.host, deadline: start.deadline)
        let addresses = resolved.addresses.reachable(from: context.check.source)
        let approach = Approach(context, start)
        let service = ServiceName(of: target.host, found: resolved.facts)
        let visitor = AddressVisitor(
            context: context, approach: approach, service: service, conversation: conversation,
            deadline: start.deadline, large: LargePackets(context, start))
        let visits = try await visitAll(addresses.prefix(AddressVisit.mostAddresses), visitor)
        let accepted = visits.first { $0.connect.outcome == .connected }
        let outcome: Sample.Outcome =
            addresses.isEmpty ? .failed(.resolve) : accepted == nil ? .failed(.connect) : .answered
        let facts = visits.flatMap(\.facts)
        let depths = accepted == nil ? try await approach.followRefusals(in: facts, of: service) : []
        return Sample(
            index: start.index, startedAt: start.sinceRunStart, outcome: outcome, latency: accepted?.connect.elapsed,
            phases: Phases(resolve: resolved.elapsed, connect: accepted?.connect.elapsed),
            facts: resolved.facts + facts + depths, comparisons: conversation?.comparisons(visits) ?? [])
    }

    /// All at once, so that one silent address takes no time from the others.
    private func visitAll(
        _ addresses: some Collection<IPAddress>, _ visitor: AddressVisitor
    ) async throws(ProbeInterruption) -> [AddressVisit] {
        try await concurrently(addresses.map { Endpoint($0, target.port) }) {
            (endpoint) throws(ProbeInterruption) in try await visitor.visit(endpoint)
        }
    }
}
