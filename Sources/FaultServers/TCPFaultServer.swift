import LinuxIO
import NetValues
import Observations
import ProbeKit

/// A TCP server with one fault, on loopback.
package struct TCPFaultServer: Sendable {
    package enum Behaviour: Sendable {
        /// Says this, then listens until the peer closes.
        case banner([UInt8])
        case close
        case reset
        /// Accepts and never says a word.
        case silent
        /// Bytes of no protocol, then the end.
        case garbage
        /// One byte each time, for ever.
        case drip(every: Duration)
        /// As fast as the peer takes it, for ever.
        case flood
    }

    private let server: AcceptingServer
    package var endpoint: Endpoint { server.endpoint }

    package init(on address: IPAddress, port: UInt16 = 0, _ behaviour: Behaviour, reactor: Reactor)
        async throws(Inability)
    {
        server = try await AcceptingServer(on: Endpoint(address, port), reactor: reactor) { stream in
            await Self.serve(stream, behaviour, reactor)
        }
    }

    package func stop() async { await server.stop() }

    private static func serve(_ stream: TCPStream, _ behaviour: Behaviour, _ reactor: Reactor) async {
        switch behaviour {
        case .banner(let text):
            guard await say(text, on: stream) else { return }
            await stream.drain()
        case .close: return
        case .reset: await stream.reset()
        case .silent: await stream.drain()
        case .garbage: _ = await say((0..<600).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 129) }, on: stream)
        case .drip(let pause):
            while await say([UInt8(ascii: ".")], on: stream), await sleep(pause, reactor) {}
        case .flood:
            let block = [UInt8](repeating: UInt8(ascii: "x"), count: 16_384)
            while await say(block, on: stream) {}
        }
    }

    private static func say(_ bytes: [UInt8], on stream: TCPStream) async -> Bool {
        do throws(ProbeInterruption) {
            return try await stream.write(bytes, deadline: .now + .seconds(60)) == nil
        } catch {
            return false
        }
    }

    private static func sleep(_ pause: Duration, _ reactor: Reactor) async -> Bool {
        (try? await reactor.sleep(until: .now + pause)) != nil
    }
}
