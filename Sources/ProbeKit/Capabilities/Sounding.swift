import NetValues
import Observations

/// Small packets towards an endpoint with one hop limit after the other, many in flight, until one gets there or nothing more
/// comes back. Routers where a packet's hop limit runs out say so by ICMP, and the error queue of the socket says who.
package protocol Sounding: Sendable {
    /// Silence and every error of the network are outcomes.
    /// - Throws: `.unable` where the kernel does not tell a socket of this carrier who answered.
    func sound(_ request: SoundingRequest) async throws(ProbeInterruption) -> SoundingFact
}

package struct SoundingRequest: Hashable, Sendable {
    package var endpoint: Endpoint
    package var carrier: SoundingFact.Carrier
    package var source: IPAddress?
    /// Hop limits, within 1 and 30.
    package var limits: ClosedRange<Int>
    /// So long the first answer is waited for; afterwards some times the longest round trip.
    package var patience: Duration
    /// It is over by then, whatever is still on its way.
    package var deadline: Instant

    package init(
        endpoint: Endpoint, carrier: SoundingFact.Carrier, source: IPAddress? = nil, limits: ClosedRange<Int> = 1...30,
        patience: Duration = .milliseconds(500), deadline: Instant
    ) {
        self.endpoint = endpoint
        self.carrier = carrier
        self.source = source
        self.limits = limits.clamped(to: 1...30)
        self.patience = patience
        self.deadline = deadline
    }
}

/// Where nobody offers soundings.
package struct NoSounding: Sounding {
    package init() {}

    package func sound(_ request: SoundingRequest) async throws(ProbeInterruption) -> SoundingFact {
        throw .unable(
            Inability(
                .internalFault, action: "sound the way to \(request.endpoint)",
                reason: "soundings are not offered here",
                fix: "please report this with the command line"))
    }
}
