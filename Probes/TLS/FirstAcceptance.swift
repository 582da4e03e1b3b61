import NetValues
import Observations
import Planning
import ProbeKit

/// Tries addresses in their order until one accepts.
struct FirstAcceptance: Sendable {
    let context: ProbeContext
    let approach: Approach
    let service: ServiceName?
    let deadline: Instant

    /// A name with more addresses than this is a flood, not a service.
    private static let mostAddresses = 64

    /// All attempts; only the last one can have been accepted. Each address may take its share of the time that is left, so
    /// that a silent one leaves some for the next.
    func connect(to addresses: [IPAddress], _ port: UInt16) async throws(ProbeInterruption) -> [Approach.Result] {
        var attempts: [Approach.Result] = []
        var remaining = Int64(min(addresses.count, Self.mostAddresses))
        for address in addresses.prefix(Self.mostAddresses) {
            let now = context.time.now()
            let share = now + .nanoseconds((deadline - now).nanoseconds / max(1, remaining))
            let result = try await approach.connect(to: Endpoint(address, port), of: service, share: share)
            attempts.append(result)
            if result.attempt.stream != nil { break }
            remaining -= 1
        }
        return attempts
    }
}
