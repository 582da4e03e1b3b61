import NetValues
import Observations
import Planning
import ProbeKit

/// Captures beside other checks, or for a time.
package struct CaptureProbe: Probe {
    private let request: CaptureRequest

    private static let defaultSpan = Duration.seconds(10)

    package init(check: Check) throws(PlanProblem) {
        guard case .interface(let interface) = check.target else {
            throw PlanProblem("a capture takes the name of an interface, or any")
        }
        if check.expectation.word != .reachable {
            throw PlanProblem(
                "a capture reaches nothing, so that nothing can be expected to be \(check.expectation.word)")
        }
        for name in check.during where name == check.name || check.needs.contains(name) {
            throw PlanProblem(
                name == check.name
                    ? "a capture cannot run beside itself"
                    : "a capture cannot both need `\(name.escaped(limit: 60))` and run beside it",
                at: check.parameters.places["during"])
        }
        let span = check.parameters.span("duration")
        request = CaptureRequest(
            interface: interface, filter: check.parameters.text("filter") ?? "",
            span: span ?? (check.during.isEmpty ? Self.defaultSpan : nil))
    }

    package func run(in context: ProbeContext) async throws(ProbeInterruption) {
        let start = context.time.now()
        let company = context.company
        let summary = try await context.capabilities.captures.capture(request, begun: company.hasBegun) {
            // On its own it ends by its duration.
            if company.isThere { await company.untilOver() } else { await untilCancelled() }
        }
        let elapsed = context.time.now() - start
        let fact = CaptureFact(
            interface: request.interface, filter: request.filter, elapsed: elapsed, summary: summary)
        context.record(
            Sample(
                index: 0, startedAt: start - context.runStart, outcome: .answered, latency: nil,
                facts: [.capture(fact)]))
        if Task.isCancelled { throw .cancelled }
    }
}

/// Nobody ever sends into it: it ends with its task.
private func untilCancelled() async {
    let (never, _) = AsyncStream.makeStream(of: Void.self)
    for await _ in never {}
}
