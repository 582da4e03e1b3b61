import LinuxIO
import NetValues
import Observations
import ProbeKit

/// How a TLS server of ours presents itself.
package struct TLSServerSettings: Sendable {
    package enum ClientCertificates: Sendable {
        case ignored
        /// Asked for; without one it goes on.
        case requested(authorities: [[UInt8]])
        /// Asked for; without one it is over.
        case required(authorities: [[UInt8]])
    }

    /// DER, leaf first, sent exactly so.
    package var chain: [[UInt8]]
    /// DER (PKCS #8) of the leaf's private key.
    package var key: [UInt8]
    package var clientCertificates: ClientCertificates
    package var minVersion: TLSSettings.Version?
    package var maxVersion: TLSSettings.Version?
    /// In the server's order of preference; empty: the extension is ignored.
    package var alpn: [String]
    /// When set, any other SNI (and none) is answered with the alert unrecognized_name.
    package var serverNames: [String]?

    package init(
        chain: [[UInt8]], key: [UInt8], clientCertificates: ClientCertificates = .ignored,
        minVersion: TLSSettings.Version? = nil, maxVersion: TLSSettings.Version? = nil, alpn: [String] = [],
        serverNames: [String]? = nil
    ) {
        self.chain = chain
        self.key = key
        self.clientCertificates = clientCertificates
        self.minVersion = minVersion
        self.maxVersion = maxVersion
        self.alpn = alpn
        self.serverNames = serverNames
    }
}

/// The server's side of TLS upon accepted streams.
package final class TLSAcceptor: Sendable {
    private let reactor: Reactor
    private let context: TLSContext

    package init(_ settings: TLSServerSettings, reactor: Reactor) throws(Inability) {
        self.reactor = reactor
        context = try TLSContext(server: settings)
    }

    /// The secured stream, or nil when the handshake failed; the given stream is then closed, after our alert was sent.
    package func accept(_ stream: any ByteStream, deadline: Instant) async throws(ProbeInterruption) -> (
        any ByteStream
    )? {
        let connection: TLSConnection
        do throws(Inability) {
            connection = try TLSConnection(stream, context: context, role: .server, reactor: reactor)
        } catch {
            throw .unable(error)
        }
        if case .done = try await connection.handshake(until: deadline) { return connection }
        await connection.close()
        return nil
    }
}
