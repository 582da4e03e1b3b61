import NetValues
import Observations
import ProbeKit

/// Soundings from ordinary sockets: no right is needed.
package struct Sounder: Sounding {
    private let reactor: Reactor
    private let connector: TCPConnector
    private let tellsTCP: Bool

    package init(reactor: Reactor, connector: TCPConnector) {
        self.reactor = reactor
        self.connector = connector
        tellsTCP = KernelRelease.running.map { $0 >= Self.firstToTellTCP } ?? false
    }

    /// "tcp: allow traceroute -Mtcp for unpriv users", Linux 5.8: before it a connecting socket hears nothing of time exceeded, and its
    /// silence would mean nothing.
    static let firstToTellTCP = KernelRelease(major: 5, minor: 8)

    package func sound(_ request: SoundingRequest) async throws(ProbeInterruption) -> SoundingFact {
        let start = Instant.now
        switch request.carrier {
        case .tcp where tellsTCP:
            let sounding = SYNSounding(request, reactor, connector)
            let hops = try await sounding.hops()
            let reset = try await sounding.resetHopLimit(hops)
            return SoundingFact(
                endpoint: request.endpoint, carrier: .tcp, hops: hops, elapsed: Instant.now - start,
                resetHopLimit: reset)
        case .udp:
            let hops = try await DatagramSounder(request, reactor).hops()
            return SoundingFact(
                endpoint: request.endpoint, carrier: .udp, hops: hops, elapsed: Instant.now - start)
        case .tcp, .icmp:
            throw .unable(
                Inability(
                    .unsupported, action: "sound the way to \(request.endpoint) by \(request.carrier.rawValue)",
                    reason: "this kernel does not tell such a socket who answered",
                    fix: "use Linux 5.8 or newer"))
        }
    }
}
