import NetValues
import Observations
import ProbeKit
import Testing
import Wire

/// A capability that must not be used: the test fails when it is.
package struct UnusedStreams: StreamConnecting {
    package init() {}

    package func connect(
        to endpoint: Endpoint, source: IPAddress?, deadline: Instant
    ) async throws(ProbeInterruption) -> ConnectAttempt {
        Issue.record("connected to \(endpoint)")
        throw .cancelled
    }
}

package struct UnusedTLS: TLSSecuring {
    package init() {}

    package func secure(
        _ stream: any ByteStream, to endpoint: Endpoint, settings: TLSSettings, deadline: Instant
    ) async throws(ProbeInterruption) -> TLSHandshake {
        Issue.record("began TLS with \(endpoint)")
        throw .cancelled
    }
}

package struct UnusedDatagrams: DatagramProbing {
    package init() {}

    package func send(
        _ payload: [UInt8], to endpoint: Endpoint, source: IPAddress?, deadline: Instant
    ) async throws(ProbeInterruption) -> DatagramFact {
        Issue.record("sent a datagram to \(endpoint)")
        throw .cancelled
    }
}

extension DatagramProbing {
    /// For worlds in which no service is asked over UDP.
    package func exchange(
        _ requests: [[UInt8]], with endpoint: Endpoint, source: IPAddress?, deadline: Instant,
        isAnswer: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(ProbeInterruption) -> DatagramReply {
        Issue.record("asked a service at \(endpoint)")
        throw .cancelled
    }
}

package struct UnusedEcho: EchoOpening {
    package init() {}

    package func open(
        to address: IPAddress, source: IPAddress?, settings: EchoSettings
    ) async throws(ProbeInterruption) -> any EchoSession {
        Issue.record("opened an echo session to \(address)")
        throw .cancelled
    }
}
