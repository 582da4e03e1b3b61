import NetValues
import Observations

/// TCP connections.
package protocol StreamConnecting: Sendable {
    /// Each call uses a new socket, hence a new source port. Refusal, silence and ICMP errors are outcomes.
    func connect(
        to endpoint: Endpoint, source: IPAddress?, deadline: Instant
    ) async throws(ProbeInterruption) -> ConnectAttempt

    /// As above, with work beside a handshake that takes its time. It is cancelled when anything but the deadline ends the
    /// handshake, and always over when this returns; a handshake that is over at once never begins it.
    func connect(
        to endpoint: Endpoint, source: IPAddress?, deadline: Instant, beside: @escaping @Sendable () async -> Void
    ) async throws(ProbeInterruption) -> ConnectAttempt
}

extension StreamConnecting {
    package func connect(
        to endpoint: Endpoint, source: IPAddress?, deadline: Instant, beside: @escaping @Sendable () async -> Void
    ) async throws(ProbeInterruption) -> ConnectAttempt {
        try await withCompanion(beside) { () throws(ProbeInterruption) in
            let attempt = try await connect(to: endpoint, source: source, deadline: deadline)
            return (attempt, attempt.fact.outcome == .timedOut)
        }
    }
}

/// What `work` gives, while `companion` runs beside it: to its end where `work` answers that this is wanted, else cancelled.
package func withCompanion<Value: Sendable>(
    _ companion: @escaping @Sendable () async -> Void,
    _ work: () async throws(ProbeInterruption) -> (Value, isCompanionWanted: Bool)
) async throws(ProbeInterruption) -> Value {
    let result = await withTaskGroup { group -> Result<Value, ProbeInterruption> in
        group.addTask { await companion() }
        do throws(ProbeInterruption) {
            let (value, isCompanionWanted) = try await work()
            if !isCompanionWanted { group.cancelAll() }
            return .success(value)
        } catch {
            group.cancelAll()
            return .failure(error)
        }
    }
    return try result.get()
}

package struct ConnectAttempt: Sendable {
    package let fact: ConnectFact
    /// Set exactly when the outcome is `connected`; the caller closes it.
    package let stream: (any ByteStream)?

    package init(fact: ConnectFact, stream: (any ByteStream)?) {
        self.fact = fact
        self.stream = stream
    }
}

/// A connected, reliable stream of bytes: TCP, or TLS upon it. One reader and one writer at a time.
package protocol ByteStream: Sendable {
    /// At least one byte, or why there are none.
    func read(upTo count: Int, deadline: Instant) async throws(ProbeInterruption) -> StreamRead
    /// Nil when all was handed to the kernel, otherwise why not.
    func write(_ bytes: [UInt8], deadline: Instant) async throws(ProbeInterruption) -> StreamEnd?
    /// Releases the descriptor; calling it again does nothing.
    func close() async
    /// Whether the peer's end of TCP has acknowledged all that was written (TCP_INFO); nil where that is not known, as above TLS.
    func isAcknowledged() async -> Bool?
    /// How far the bytes have come; nil where that is not known.
    func progress() async -> StreamProgress?
}

extension ByteStream {
    package func isAcknowledged() async -> Bool? { nil }
    package func progress() async -> StreamProgress? { nil }
}

package enum StreamRead: Hashable, Sendable {
    case bytes([UInt8])
    case end(StreamEnd)
}

/// TLS upon a connected stream.
package protocol TLSSecuring: Sendable {
    /// The given stream belongs to the handshake from here on: closing the secured stream, or the end of a failed
    /// handshake, closes it.
    func secure(
        _ stream: any ByteStream, to endpoint: Endpoint, settings: TLSSettings, deadline: Instant
    ) async throws(ProbeInterruption) -> TLSHandshake
}

package struct TLSHandshake: Sendable {
    package let fact: TLSFact
    /// Set exactly when the outcome is `established`; the caller closes it.
    package let stream: (any ByteStream)?

    package init(fact: TLSFact, stream: (any ByteStream)?) {
        self.fact = fact
        self.stream = stream
    }
}

package struct TLSSettings: Hashable, Sendable {
    package enum Version: String, Hashable, Sendable, CaseIterable, Comparable {
        case tls10 = "1.0", tls11 = "1.1", tls12 = "1.2", tls13 = "1.3"

        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// SNI (RFC 6066); nil sends none. Never an address.
    package var serverName: String?
    /// The name or address that the certificate must be for.
    package var expectedName: Host
    /// A file or directory of CA certificates in place of the system's.
    package var caPath: String?
    package var certificatePath: String?
    package var keyPath: String?
    /// PEM text in place of the files, for what stands within another file.
    package var text = TLSText()
    package var minVersion: Version?
    package var maxVersion: Version?
    package var alpn: [String]
    /// After a TLS 1.3 handshake in which the server asked for a certificate, wait this long for its alert: the server
    /// says "certificate required" only then (RFC 8446 section 4.4.2.4).
    package var graceForLateAlert: Duration

    package init(
        serverName: String?, expectedName: Host, caPath: String? = nil, certificatePath: String? = nil,
        keyPath: String? = nil,
        minVersion: Version? = nil, maxVersion: Version? = nil, alpn: [String] = [],
        graceForLateAlert: Duration = .milliseconds(500)
    ) {
        self.serverName = serverName
        self.expectedName = expectedName
        self.caPath = caPath
        self.certificatePath = certificatePath
        self.keyPath = keyPath
        self.minVersion = minVersion
        self.maxVersion = maxVersion
        self.alpn = alpn
        self.graceForLateAlert = graceForLateAlert
    }
}

/// Certificates and a key as PEM text (RFC 7468); each counts before the file of the same name.
package struct TLSText: Hashable, Sendable {
    package var authorities: [UInt8]?
    /// Leaf first.
    package var certificate: [UInt8]?
    package var key: [UInt8]?

    package init(authorities: [UInt8]? = nil, certificate: [UInt8]? = nil, key: [UInt8]? = nil) {
        self.authorities = authorities
        self.certificate = certificate
        self.key = key
    }
}
