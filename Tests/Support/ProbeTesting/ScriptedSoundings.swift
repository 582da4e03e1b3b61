import NetValues
import Observations
import ProbeKit
import Synchronization

/// Soundings by script: what each hop limit towards an endpoint brings; silence where nothing is said.
package final class ScriptedSoundings: Sounding {
    package typealias Hops = [Int: SoundingFact.Hop.Outcome]

    private let ways: [Endpoint: Hops]
    private let longest: Int
    private let record = Mutex<[SoundingRequest]>([])

    package init(_ ways: [Endpoint: Hops], longest: Int = 6) {
        self.ways = ways
        self.longest = longest
    }

    package var requests: [SoundingRequest] { record.withLock { $0 } }

    package func sound(_ request: SoundingRequest) async throws(ProbeInterruption) -> SoundingFact {
        record.withLock { $0.append(request) }
        let outcomes = ways[request.endpoint] ?? [:]
        let hops = request.limits.clamped(to: 1...longest).map { limit in
            let outcome = outcomes[limit] ?? .silent
            return SoundingFact.Hop(
                limit: limit, outcome: outcome, roundTrip: outcome == .silent ? nil : .milliseconds(1))
        }
        return SoundingFact(
            endpoint: request.endpoint, carrier: request.carrier, hops: hops, elapsed: .milliseconds(2))
    }
}
