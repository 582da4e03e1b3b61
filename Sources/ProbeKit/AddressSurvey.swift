import NetValues
import Observations
import Planning

extension ProbeContext {
    /// So many addresses of a name are looked at, whatever a name server claims.
    private static let mostSurveyed = 16
    /// In so many samples: one lost SYN proves nothing, two unanswered ones do.
    private static let surveyedSamples = 2

    /// Connections to the addresses of a name that a sample had no need of, made beside it and closed at once: a probe that is
    /// content with the first address that accepts would never see that another one is dead. Nothing where a connection is
    /// not what the plan expects.
    package func survey(
        _ addresses: [IPAddress], besides facts: [Fact], port: UInt16, _ start: SampleStart
    ) async throws(ProbeInterruption) -> [Fact] {
        guard start.index < Self.surveyedSamples, start.attempt == 0, check.expectation.word == .reachable else {
            return []
        }
        let tried = Set(facts.compactMap { if case .connect(let fact) = $0 { fact.endpoint.address } else { nil } })
        let rest = addresses.reachable(from: check.source).filter { !tried.contains($0) }.prefix(Self.mostSurveyed)
        guard !rest.isEmpty, time.now() < start.deadline else { return [] }
        return try await concurrently(Array(rest)) { address throws(ProbeInterruption) in
            let attempt = try await self.capabilities.streams.connect(
                to: Endpoint(address, port), source: self.check.source, deadline: start.deadline)
            await attempt.stream?.close()
            return .connect(attempt.fact)
        }
    }
}
