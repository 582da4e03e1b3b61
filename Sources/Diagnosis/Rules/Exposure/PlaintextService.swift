import NetValues
import Observations
import Planning
import Wire

/// A service is spoken to in the clear (catalogue section 9).
enum PlaintextService: Rule {
    static let layer = Layer.notice
    static let explainsFailure = false
    static let explanation = FindingExplanation(
        id: "plaintext-service", severity: .warning, title: "A service is used without encryption",
        signals: [
            "in a capture: HTTP requests with credentials (Authorization, Cookie), or that change something, answered in the clear",
            "or PostgreSQL, MySQL, Redis or LDAP without a TLS handshake in the conversation",
        ],
        lookalikes: [
            "loopback: never leaves the host",
            "a mesh: what the application sends in the clear its sidecar encrypts; seen between the hosts it is TLS",
            "cross-cloud-unencrypted: the same, across the internet",
        ],
        traps: [
            "captured inside a pod or on a tunnel's own interface, traffic is plain that a node or gateway encrypts later",
            "plain HTTP that only reads is ordinary (health checks, package mirrors) and stands in the tables alone",
        ],
        remedy: [
            "switch on TLS at the server, and have clients ask for it (https://, sslmode=verify-full)",
            "credentials that went over the wire in the clear count as known: change them",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        guard let summary = evidence.packets else { return [] }
        let mayBeInside = PlainTraffic.hasEncryptedTunnel(summary)
        return PlainTraffic.all(in: summary).filter { !$0.leavesTheSite }.map { traffic in
            finding(
                traffic.server.description, checks: [], confidence: mayBeInside ? .possible : .likely,
                summary: traffic.credentials > 0
                    ? "\(traffic.server) is sent credentials in the clear (\(traffic.credentials) of \(counted(traffic.flows, "request")))."
                    : "\(traffic.server) is used without encryption (\(traffic.kind)).",
                evidence: traffic.lines
                    + (mayBeInside ? ["the capture holds an encrypted tunnel as well: this may be its inside"] : []),
                cause:
                    "The service answers in plaintext: whoever is on the way reads and changes what is said, unless a lower layer encrypts it after this point."
            )
        }
    }
}
