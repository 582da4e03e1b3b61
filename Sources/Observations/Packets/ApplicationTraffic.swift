import NetValues
import Wire

/// TLS handshakes, and QUIC's, as far as they can be read from outside.
package struct TLSTally: Sendable {
    /// Handshakes begun: a second hello after a HelloRetryRequest does not count again, nor does that request as a ServerHello.
    package var clientHellos = 0
    package var serverHellos = 0
    /// By name: `handshake_failure`. Only those that were sent in the clear.
    package var alerts: [String: Int] = [:]
    /// By version that the server chose: `1.3`.
    package var versions: [String: Int] = [:]
    /// ClientHellos that neither a ServerHello nor an alert answered, as far as the capture can tell.
    package var unanswered = 0
    /// QUIC connections whose first Initial packet was seen, whether it could be read or not.
    package var quicInitials = 0
    package var handshakes: [TLSHandshakeRecord] = []

    package init() {}
}

package struct TLSHandshakeRecord: Hashable, Sendable {
    package var frame: Int
    package var at: WallTime
    package var client: PacketEndpoint
    package var server: PacketEndpoint
    package var isQUIC = false
    package var serverName: String?
    package var offeredALPN: [String] = []
    package var chosenALPN: String?
    package var offeredVersions: [String] = []
    package var chosenVersion: String?
    package var cipher: String?
    /// From the ClientHello to the ServerHello.
    package var latency: Duration?
    /// `fatal handshake_failure from the server`
    package var alerts: [String] = []
    /// TLS 1.2 only: later versions encrypt it.
    package var certificate: CertificateSummary?

    package init(frame: Int, at: WallTime, client: PacketEndpoint, server: PacketEndpoint) {
        self.frame = frame
        self.at = at
        self.client = client
        self.server = server
    }
}

package struct CertificateSummary: Hashable, Sendable {
    package var subject: String
    package var issuer: String
    package var notBefore: WallTime?
    package var notAfter: WallTime?
    package var names: [String]
    package var chainLength: Int

    package init(
        subject: String, issuer: String, notBefore: WallTime?, notAfter: WallTime?, names: [String], chainLength: Int
    ) {
        self.subject = subject
        self.issuer = issuer
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.names = names
        self.chainLength = chainLength
    }
}

/// HTTP/1 in the clear.
package struct HTTPTally: Sendable {
    package var requests = 0
    /// Interim ones (1xx) too, as tshark counts.
    package var responses = 0
    /// Requests that no response followed, as far as the capture can tell.
    package var unanswered = 0
    package var statuses: [Int: Int] = [:]
    package var latency: LatencySpread?
    package var exchanges: [HTTPTransaction] = []

    package init() {}
}

package struct HTTPTransaction: Hashable, Sendable {
    package let frame: Int
    package let at: WallTime
    package let client: PacketEndpoint
    package let server: PacketEndpoint
    package let method: String
    package let host: String?
    /// Without its query, which may hold secrets.
    package let path: String
    package var status: Int?
    /// From the request to the first byte of the response.
    package var latency: Duration?
    /// Whether the request carried credentials (`Authorization`, `Cookie`) in the clear. Never the credentials themselves.
    package var carriesCredentials: Bool

    package init(
        frame: Int, at: WallTime, client: PacketEndpoint, server: PacketEndpoint, method: String, host: String?,
        path: String, status: Int? = nil, latency: Duration? = nil, carriesCredentials: Bool = false
    ) {
        self.frame = frame
        self.at = at
        self.client = client
        self.server = server
        self.method = method
        self.host = host
        self.path = path
        self.status = status
        self.latency = latency
        self.carriesCredentials = carriesCredentials
    }
}
