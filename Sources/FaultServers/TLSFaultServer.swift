import LinuxIO
import NetValues
import Observations
import ProbeKit
import StreamTransport
import Wire

/// A TLS server with one fault, on loopback.
package struct TLSFaultServer: Sendable {
    package enum Behaviour: Sendable {
        /// A true handshake, whose fault lies in the settings: certificates, versions, names.
        case handshake(TLSServerSettings)
        /// Answers ClientHello with this fatal alert.
        case alert(UInt8)
        /// Reads ClientHello and says nothing.
        case stall
        case close
        case reset
        /// Answers ClientHello with these bytes: another protocol.
        case plaintext([UInt8])
    }

    private let server: AcceptingServer
    package var endpoint: Endpoint { server.endpoint }

    /// `serve` gets each secured stream, which is closed when it returns; by default the server waits for the peer's end.
    package init(
        on address: IPAddress, port: UInt16 = 0, _ behaviour: Behaviour, reactor: Reactor,
        serve: @escaping @Sendable (any ByteStream) async -> Void = { await $0.drain() }
    ) async throws(Inability) {
        let endpoint = Endpoint(address, port)
        switch behaviour {
        case .handshake(let settings):
            let acceptor = try TLSAcceptor(settings, reactor: reactor)
            server = try await AcceptingServer(on: endpoint, reactor: reactor) { stream in
                // The probe sees the failure; the server's own view of it adds nothing.
                guard let secured = try? await acceptor.accept(stream, deadline: .now + .seconds(30)) else { return }
                await serve(secured)
                await secured.close()
            }
        case .alert, .stall, .close, .reset, .plaintext:
            server = try await AcceptingServer(on: endpoint, reactor: reactor) { await Self.mistreat($0, behaviour) }
        }
    }

    package func stop() async { await server.stop() }

    private static func mistreat(_ stream: TCPStream, _ behaviour: Behaviour) async {
        guard case .bytes = try? await stream.read(upTo: 16_384, deadline: .now + .seconds(30)) else { return }
        switch behaviour {
        case .handshake, .close: return
        case .reset: await stream.reset()
        case .stall: await stream.drain()
        case .alert(let code): await say([21, 3, 3, 0, 2, 2, code], on: stream)
        case .plaintext(let bytes): await say(bytes, on: stream)
        }
    }

    private static func say(_ bytes: [UInt8], on stream: TCPStream) async {
        _ = try? await stream.write(bytes, deadline: .now + .seconds(30))
    }
}
