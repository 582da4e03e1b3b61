import NetValues
import Observations
import Planning
import Wire

/// What leaves the site is not encrypted (catalogue section 13).
enum CrossCloudUnencrypted: Rule {
    static let layer = Layer.notice
    static let explainsFailure = false
    static let explanation = FindingExplanation(
        id: "cross-cloud-unencrypted", severity: .error, title: "Traffic across the internet is not encrypted",
        signals: [
            "in a capture: a database protocol without TLS, or HTTP with credentials or changes, between a host and an address of the internet",
            "no TLS, IPsec or WireGuard around it",
        ],
        lookalikes: [
            "plaintext-service: the same within private addresses",
            "the inside of a tunnel, captured on the tunnel's own interface",
        ],
        traps: [
            "captured in a pod, traffic is plain that the node or the gateway encrypts: capture at the site's edge to be sure"
        ],
        remedy: [
            "encrypt it: TLS in the application, or IPsec or WireGuard between the sites",
            "credentials that went over the wire in the clear count as known: change them",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        guard let summary = evidence.packets else { return [] }
        let mayBeInside = PlainTraffic.hasEncryptedTunnel(summary)
        return PlainTraffic.all(in: summary).filter(\.leavesTheSite).map { traffic in
            // Behind the edge both addresses are of the internet; before it a gateway may still encrypt.
            let isAtEdge = traffic.server.address.isInternet && traffic.clients.allSatisfy(\.isInternet)
            return finding(
                traffic.server.description, checks: [], confidence: isAtEdge && !mayBeInside ? .likely : .possible,
                summary:
                    "\(traffic.kind) with \(traffic.server) crosses the internet in the clear\(traffic.credentials > 0 ? ", with credentials" : "").",
                evidence: traffic.lines
                    + (mayBeInside ? ["the capture holds an encrypted tunnel as well: this may be its inside"] : []),
                cause: isAtEdge
                    ? "Neither the application nor a tunnel between the sites encrypts it."
                    : "The application does not encrypt it; unless a gateway further on does, nobody does.")
        }
    }
}
